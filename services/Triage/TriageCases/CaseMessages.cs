using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A case and its explanation as messages of triage_cases.proto.</summary>
internal static class CaseMessages
{
    public static Wire.TriageCase Case(RoutingQueueEntry entry, AreaPolicy policy, bool decides)
    {
        var message = new Wire.TriageCase
        {
            Id = entry.Id.ToString(),
            Number = entry.Number,
            Area = entry.Area,
            County = entry.County,
            Status = Code(entry.Status),
            Urgency = Code(entry.Urgency),
            FirstOutcome = entry.FirstOutcome,
            RecommendedRoute = CodeOr(entry.RecommendedRoute),
            Route = CodeOr(entry.Route),
            DecidedBy = entry.DecidedBy ?? string.Empty,
            ReasonCode = entry.ReasonCode ?? string.Empty,
            KnowledgeHolderId = entry.KnowledgeHolder?.ToString() ?? string.Empty,
            ReferralStatus = entry.Referral is { } referral ? Code(referral.Status) : "none",
            Receiver = entry.Referral?.Receiver ?? string.Empty,
            OpenedAt = Timestamp.FromDateTimeOffset(entry.OpenedAt),
            DueBy = entry.DueBy is { } due ? Timestamp.FromDateTimeOffset(due) : null,
            Version = entry.Version,
            Bounces = entry.Bounces,
            LinkedTo = entry.LinkedTo?.ToString() ?? string.Empty,
            Joined = { entry.Joined.Select(joined => joined.ToString()) },
            LinkedBy = entry.LinkedBy ?? string.Empty,
            LinkReason = entry.LinkReason ?? string.Empty,
            ClaimedBy = entry.Claim?.By ?? string.Empty,
            HandedOverBy = entry.Claim?.From ?? string.Empty,
            NoteTextId = entry.Claim?.NoteTextId?.ToString() ?? string.Empty,
            TransferStatus = entry.Transfer is { } transfer ? Code(transfer.Status) : "none",
            TransferTo = entry.Transfer?.ToArea ?? string.Empty,
            TransferReason = entry.Transfer?.ReasonCode ?? string.Empty,
            Transfers = entry.Transfers,
            ClaimEndsAt = entry.Claim is { } claim ? Timestamp.FromDateTimeOffset(claim.EndsAt) : null,
        };
        message.Assessors.Add(entry.Assessors.Select(Of));
        message.Profiles.Add(entry.Profiles.Select(Of));
        message.NetworkCoordinator = Need(entry, policy);
        message.Askable.Add(decides && entry is { MayBeDecided: true, Held: false, Status: CaseStatus.AwaitingConfirmation or CaseStatus.AwaitingInformation } ? RequestInformation.Codes : []);
        message.Topics.Add(entry.Topics);
        message.Grounds.Add(entry.Assessments[^1].Grounds.Select(Code));
        var routes = decides ? entry.AllowedRoutes(policy) : [];
        message.AllowedRoutes.Add(routes.Select(Code));
        message.OverrideReasons.Add(routes.Count > 0 ? policy.Rules.Triage.OverrideReasons : []);
        return message;
    }

    public static Wire.CaseExplanation Explanation(RoutingQueueEntry entry, ExplanationText texts, AreaPolicy policy) => new()
    {
        Information = { texts.Information(entry, SetNetworkCoordinator.Advice(entry.Assessments[^1].Facts, policy.Rules)).Select(Of) },
        Assessments = { entry.Assessments.Select((assessment, at) => Explained(assessment, at < entry.AssessedAt.Count ? entry.AssessedAt[at] : null, texts)) },
    };

    /// <summary>The route of a code, or null.</summary>
    public static Route? Route(string code) => System.Enum.GetValues<Route>().Where(route => Code(route) == code).Select(route => (Route?)route).FirstOrDefault();

    public static Wire.AssessmentExplanation Explained(Assessment assessment, DateTimeOffset? assessedAt, ExplanationText texts)
    {
        var message = new Wire.AssessmentExplanation
        {
            PolicyVersion = assessment.PolicyVersion,
            AssessedAt = assessedAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
            DecidingRow = assessment.DecidingRow,
            RecommendedRoute = CodeOr(assessment.Route),
        };
        message.Asks.Add(assessment.Asks);
        message.Grounds.Add(assessment.Grounds.Select(Code));
        message.Rows.Add(assessment.Rows.Select(row => new Wire.TriedRow
        {
            Row = row.Row,
            Holds = row.Holds,
            Findings = { row.Findings.Select(finding => new Wire.Finding { Fact = finding.Fact, Wanted = finding.Wanted, Found = finding.Found, Holds = finding.Holds }) },
        }));
        message.Adjustments.Add(assessment.Adjustments.Select(adjustment => new Wire.Adjustment { Rule = adjustment.Rule, From = adjustment.From, To = adjustment.To }));
        message.UnclearBecause.Add(assessment.UnclearBecause);
        message.LeftOut.Add(assessment.LeftOut);
        message.Facts.Add(ExplanationText.FactsOf(assessment.Facts).Select(fact => new Wire.WeighedFact { Fact = fact.Fact, Values = { fact.Values } }));
        message.Counterfactuals.Add((assessment.Counterfactuals ?? []).Select(Of));
        message.Text.Add(texts.Of(assessment).Select(Of));
        return message;
    }

    public static Wire.KnowledgeHolder Of(KnowledgeHolderCopy known) => new()
    {
        Id = known.Id.ToString(),
        Fi = known.Name.Fi,
        Sv = known.Name.Sv,
        En = known.Name.En,
        Country = known.Country,
        Topics = { known.Topics },
    };

    private static Wire.ExplanationText Of(ExplanationSection section) => new() { Section = section.Code, Title = section.Title, Sentences = { section.Sentences } };

    private static Wire.Assessor Of(Assessor assessor) => new()
    {
        ExpertId = assessor.ExpertId.ToString(),
        ReasonCode = assessor.ReasonCode,
        InvitedBy = assessor.InvitedBy,
        InvitedAt = Timestamp.FromDateTimeOffset(assessor.InvitedAt),
        DueBy = Timestamp.FromDateTimeOffset(assessor.DueBy),
        Marks = { assessor.Marks },
        TextId = assessor.TextId?.ToString() ?? string.Empty,
        ContributedAt = assessor.ContributedAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        ReleasedBecause = assessor.ReleasedBecause ?? string.Empty,
    };

    private static Wire.Profile Of(Profile profile)
    {
        var message = new Wire.Profile { Tool = profile.Tool, Source = profile.Source, MadeOn = profile.MadeOn.ToString("O", CultureInfo.InvariantCulture), Result = profile.Result };
        if (profile.NetworkCoordinator is { } says)
        {
            message.NetworkCoordinator = says;
        }

        return message;
    }

    private static Wire.NetworkCoordinatorNeed Need(RoutingQueueEntry entry, AreaPolicy policy)
    {
        var message = new Wire.NetworkCoordinatorNeed { Recommended = Code(SetNetworkCoordinator.Advice(entry.Assessments[^1].Facts, policy.Rules)) };
        if (entry.NetworkCoordinator is { } said)
        {
            (message.Needed, message.ReasonCode, message.DecidedBy, message.DecidedAt) = (said.Needed, said.ReasonCode, said.DecidedBy, Timestamp.FromDateTimeOffset(said.DecidedAt));
        }

        if (entry.RouteNetworkCoordinator is { } ofRoute)
        {
            message.OfRoute = ofRoute;
        }

        return message;
    }

    private static Wire.Counterfactual Of(Counterfactual other) => new()
    {
        Outcome = other.Outcome,
        Changes = other.Changes,
        FixedChanges = other.Fixed,
        More = other.More,
        Sets =
        {
            other.Sets.Select(set => new Wire.ChangeSet
            {
                Changes = { set.Select(change => new Wire.FactChange { Field = change.Field, Change = Code(change.Change), Count = change.Count, Of = { change.Of }, Choices = change.Choices }) },
            }),
        },
    };

    private static string CodeOr(Route? route) => route is { } known ? Code(known) : string.Empty;

    private static string Code<T>(T value)
        where T : struct, System.Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using OtPlatform.Contracts;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;
using Composed = OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The views as the messages of teams.proto.</summary>
internal static class Messages
{
    /// <summary>An expert sees their own invitations and the members, nobody else's answers.</summary>
    public static Team Team(AssemblyView view, Caller caller)
    {
        var expert = caller.Claim(ClaimNames.Expert);
        return new Team
        {
            Id = view.Id.ToString(),
            ConsultationId = view.Id.ToString(),
            Area = view.Area,
            Route = Code(view.Route),
            Status = Code(view.Status),
            Round = view.Round,
            Members = { view.Members.Select(Member) },
            Invitations = { view.Invitations.Where(invitation => expert is null || expert == invitation.ExpertId.ToString()).Select(invitation => Invitation(view, invitation)) },
            UnmetNeeds = { view.UnmetNeeds },
            NetworkCoordinator = view.NetworkCoordinator,
            DueBy = view.DueBy?.ToTimestamp(),
            Version = view.Version,
            HandedBecause = view.HandedBecause ?? string.Empty,
            KnowledgeHolderId = view.KnowledgeHolderId?.ToString() ?? string.Empty,
        };
    }

    public static Protos.TeamAssembly.V1.Invitation Invitation(AssemblyView view, InvitationView invitation) => new()
    {
        Id = invitation.Id.ToString(),
        TeamId = view.Id.ToString(),
        ExpertId = invitation.ExpertId.ToString(),
        Role = invitation.Role,
        Needs = { invitation.Needs },
        WeeklyHours = (double)invitation.WeeklyHours,
        From = Date(invitation.From),
        Until = Date(invitation.Until),
        Channel = invitation.Channel ?? string.Empty,
        Status = Code(invitation.Status),
        DeclineReason = invitation.ReasonCode ?? string.Empty,
        InvitedAt = invitation.InvitedAt?.ToTimestamp(),
        RespondBy = invitation.RespondBy?.ToTimestamp(),
        Area = view.Area,
    };

    public static TeamChange Change(FeedEntry entry, AssemblyView view, Caller caller) => new()
    {
        Position = entry.Id,
        What = entry.What,
        Team = Team(view, caller),
        At = entry.At.ToTimestamp(),
        Traceparent = entry.Traceparent ?? string.Empty,
        InvitationId = entry.PartId?.ToString() ?? string.Empty,
    };

    public static TeamExplanation Explanation(Guid id, RecordedComposition composed, string policyVersion) =>
        Explanation(id, composed.Round, composed.Team, composed.ComposedAt, policyVersion);

    private static TeamExplanation Explanation(Guid id, int round, Composed.ComposedTeam team, DateTimeOffset at, string policyVersion) => new()
    {
        Id = id.ToString(),
        Round = round,
        Optimal = team.Optimal,
        Members =
        {
            team.Members.Select(member => new ExplainedMember
            {
                ExpertId = member.ExpertId.ToString(),
                Needs = { member.Needs.Select(need => need.Need) },
                Distance = (int)member.Distance,
                Load = member.LoadPerMille,
                WorkedWithUnitBefore = member.WorkedWithUnitBefore,
                Stays = member.Stays,
                OfStandingTeam = member.OfStandingTeam,
            }),
        },
        Alternatives =
        {
            team.Alternatives.Select(other => new Alternative
            {
                ExpertId = other.ExpertId.ToString(),
                Needs = { other.Needs },
                Lost = { other.Lost.Select(Loss) },
            }),
        },
        UnmetNeeds = { team.Unmet },
        Cost = Cost(team.Cost),
        StandingTeamId = team.StandingTeamId?.ToString() ?? string.Empty,
        Choices =
        {
            (team.Choices ?? []).Select(choice => new StandingTeamChoice
            {
                TeamId = choice.TeamId?.ToString() ?? string.Empty,
                Cost = choice.Cost is { } cost ? Cost(cost) : null,
                Lost = Loss(choice.Lost),
            }),
        },
        Widening = { team.Widening.Select(step => new WideningStep { Step = Code(step.Step), Candidates = step.Candidates }) },
        LanguageFallback = team.LanguageFallback?.To ?? string.Empty,
        ComposedAt = at.ToTimestamp(),
        PolicyVersion = policyVersion,
    };

    private static Cost Cost(Composed.CompositionCost cost) => new()
    {
        Unmet = cost.Unmet,
        Members = cost.Members,
        Distance = cost.Distance,
        Load = cost.SquaredLoad,
        WorkedBefore = cost.WorkedWithUnitBefore,
        InFallbackLanguage = cost.InFallbackLanguage,
        Together = cost.Together,
    };

    private static Loss Loss(Composed.Loss loss) => new()
    {
        Reason = Code(loss.Reason),
        Had = loss.Had?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        Needed = loss.Needed?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        Need = loss.Need ?? string.Empty,
        Code = loss.Code ?? string.Empty,
        Date = loss.Date is { } date ? Date(date) : string.Empty,
    };

    private static Protos.TeamAssembly.V1.Member Member(TeamMember member) => new()
    {
        ExpertId = member.ExpertId?.ToString() ?? string.Empty,
        Role = member.Role,
        Sector = member.Sector ?? string.Empty,
        Organisation = member.Organisation ?? string.Empty,
        Profession = member.Profession ?? string.Empty,
        Channel = member.Channel ?? string.Empty,
        Needs = { member.Needs },
        From = Date(member.From),
        Until = Date(member.Until),
    };

    private static string Code<TEnum>(TEnum value)
        where TEnum : struct, System.Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What the request says, in codes; kept by the case and changed when the requester adds information.</summary>
/// <param name="HasScreening">Something was filled in, also when no known instrument explains it.</param>
/// <param name="Screenings">What the known instruments came to when they were filled in; null for none.</param>
/// <param name="Profiles">What outside tools came to; advice that is not weighed; null for none.</param>
/// <param name="AssessorMarks">What invited assessors add to the marks; null for none.</param>
/// <param name="RequestingUnitId">Null, like all that follows, in cases that were opened before it was kept.</param>
public sealed record CaseRequest(
    ConsultationKind Kind,
    string County,
    string Language,
    string? AgeBand,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Marks,
    IReadOnlyList<string> Services,
    bool HasUnknownCodes,
    int TriedCount,
    Urgency Urgency,
    bool ImmediateDanger,
    bool HighRisk,
    string LegalBasisType,
    IReadOnlyList<string> WishedChannels,
    bool HasScreening,
    string? Sector = null,
    Guid? RequestingUnitId = null,
    string? RequesterRole = null,
    string? ResponsibleWorkerRole = null,
    string? ResponsibleWorkerRef = null,
    DateOnly? LegalBasisValidUntil = null,
    DateTimeOffset? DangerReportedAt = null,
    string? MatterKey = null,
    IReadOnlyList<Screening>? Screenings = null,
    IReadOnlyList<Profile>? Profiles = null,
    IReadOnlyList<string>? AssessorMarks = null)
{
    /// <summary>Stands in <see cref="LegalBasisType"/> when the consent was withdrawn or has expired and nothing has come in its place.</summary>
    public const string ConsentEnded = "ended";
}

/// <summary>A topic's properties as they were when the case was assessed.</summary>
/// <param name="ImpliesMarks">Null, like the urgency, in cases that were assessed before it was kept.</param>
public sealed record TopicFacts(
    string Code, string Class, string Level, bool RareByDefault, IReadOnlyList<string> Sectors, IReadOnlyList<string>? ImpliesMarks = null, Urgency? Urgency = null)
{
    public static TopicFacts Of(Topic topic) => new(topic.Code, topic.Class, topic.Level, topic.RareByDefault, topic.Sectors, topic.ImpliesMarks, topic.Urgency);
}

/// <summary>The facts that the policy table looks at: the request's, with what its topics add.</summary>
/// <param name="Marks">The requester's marks and those that the topics and the screenings imply; nothing removes a mark.</param>
/// <param name="Urgency">The higher of the request's and the topics'.</param>
/// <param name="ConsentEnded">The consent was withdrawn or has expired, and nothing has come in its place.</param>
/// <param name="GivenMarks">Those of the marks that the request or a screening gives; null in cases that were assessed before it was kept.</param>
/// <param name="GivenUrgency">The urgency that the request gives; null as above.</param>
/// <param name="Screenings">What filled-in instruments came to; null for none.</param>
/// <param name="ScreeningMarks">Those of the marks that only a screening gives.</param>
/// <param name="AssessorMarks">Those that only invited assessors give; null for none.</param>
public sealed record Facts(
    ConsultationKind Kind,
    IReadOnlyList<TopicFacts> Topics,
    IReadOnlyList<string> Marks,
    IReadOnlyList<string> Services,
    int TriedCount,
    IReadOnlyList<string> AskedFor,
    Urgency Urgency,
    bool ImmediateDanger,
    bool HighRisk,
    bool Anonymous,
    bool HasUnknownCodes,
    bool ConsentEnded = false,
    IReadOnlyList<string>? GivenMarks = null,
    Urgency? GivenUrgency = null,
    IReadOnlyList<Screening>? Screenings = null,
    IReadOnlyList<string>? ScreeningMarks = null,
    IReadOnlyList<string>? AssessorMarks = null)
{
    /// <summary>The same without what only a screening or an invited assessor says; null when neither added anything.</summary>
    public Facts? WithoutScreening()
    {
        IReadOnlyList<string> added = [.. ScreeningMarks ?? [], .. AssessorMarks ?? []];
        return added.Count > 0
            ? this with { Marks = [.. Marks.Except(added)], GivenMarks = GivenMarks is { } given ? [.. given.Except(added)] : null, Screenings = null, ScreeningMarks = null, AssessorMarks = null }
            : null;
    }

    /// <summary>The same had its answers to the instrument been given to this version of it; null when there are none that are known.</summary>
    public Facts? ScoredBy(Instrument instrument)
    {
        if (Screenings is not { } known || !known.Any(screening => screening.Instrument == instrument.Code && screening.Items.Count > 0))
        {
            return null;
        }

        var (screenings, before) = (known.Select(screening => screening.Instrument == instrument.Code && screening.Items.Count > 0 ? screening.ScoredBy(instrument) : screening).ToList(), ScreeningMarks ?? []);
        var without = Marks.Except(before).ToList();
        IReadOnlyList<string> added = [.. screenings.SelectMany(screening => screening.Marks).Distinct().Except(without)];
        return this with
        {
            Marks = [.. without, .. added],
            GivenMarks = GivenMarks is { } given ? [.. given.Except(before), .. added] : null,
            Screenings = screenings,
            ScreeningMarks = added.Count > 0 ? added : null,
        };
    }

    /// <summary>The route would let somebody know of the matter without a legal basis for it.</summary>
    public bool LacksLegalBasisFor(Route route, RoutingPolicy rules) =>
        rules.Triage.TeamRoutes.Contains(route) ? ConsentEnded || this is { Anonymous: true, Kind: ConsultationKind.ClientWork } : ConsentEnded && route is Route.ExpertConsultation;

    public static Facts Of(CaseRequest request, IReadOnlyList<string> askedFor, AreaPolicy policy)
    {
        var topics = request.Topics.Select(policy.Topic).OfType<Topic>().ToList();
        var known = request.Marks.Concat(topics.SelectMany(topic => topic.ImpliesMarks)).Distinct().ToList();
        IReadOnlyList<string> added = [.. (request.Screenings ?? []).SelectMany(screening => screening.Marks).Distinct().Except(known)];
        IReadOnlyList<string> assessed = [.. (request.AssessorMarks ?? []).Except(known).Except(added)];
        return new Facts(
            request.Kind,
            [.. topics.Select(TopicFacts.Of)],
            [.. known, .. added, .. assessed],
            request.Services,
            request.TriedCount,
            askedFor,
            topics.Select(topic => topic.Urgency).Append(request.Urgency).Max(),
            request.ImmediateDanger,
            request.HighRisk,
            request.LegalBasisType == "anonymous",
            request.HasUnknownCodes || topics.Count < request.Topics.Count,
            request.LegalBasisType == CaseRequest.ConsentEnded,
            [.. request.Marks.Distinct(), .. added, .. assessed],
            request.Urgency,
            request.Screenings,
            added.Count > 0 ? added : null,
            assessed.Count > 0 ? assessed : null);
    }
}

/// <summary>One fact that a row looked at.</summary>
public sealed record Finding(string Fact, string Wanted, string Found, bool Holds);

/// <summary>One row of the policy table, tried on the facts.</summary>
public sealed record RowTried(string Row, bool Holds, IReadOnlyList<Finding> Findings);

/// <summary>A recommendation changed after the rows, and why.</summary>
/// <param name="Rule">highRiskAtLeast, screeningNeverLowers or anonymousTeam.</param>
public sealed record Adjustment(string Rule, string From, string To);

/// <summary>The recommendation and everything that led to it, recorded when it was made.</summary>
/// <param name="Route">The recommended route; null when the requester is asked first.</param>
/// <param name="Asks">What the requester is asked for; empty when a route is recommended.</param>
/// <param name="UnclearBecause">Codes of what keeps the case from being clear; empty when it is clear.</param>
/// <param name="LeftOut">Codes of what was given but could not be weighed.</param>
/// <param name="Counterfactuals">The smallest changes that would have led elsewhere; null in cases that were assessed before they were kept.</param>
/// <param name="WithoutScreening">What the table would have come to without the marks of screenings and assessors; null when to the same.</param>
/// <param name="Disagreements">Screenings that speak for another route; null for none.</param>
public sealed record Assessment(
    string PolicyVersion,
    Facts Facts,
    IReadOnlyList<RowTried> Rows,
    string DecidingRow,
    Route? Route,
    IReadOnlyList<string> Asks,
    bool StandingTeamFirst,
    IReadOnlyList<Ground> Grounds,
    IReadOnlyList<LeftRecord> Records,
    IReadOnlyList<Adjustment> Adjustments,
    IReadOnlyList<string> UnclearBecause,
    IReadOnlyList<string> LeftOut,
    IReadOnlyList<Counterfactual>? Counterfactuals = null,
    string? WithoutScreening = null,
    IReadOnlyList<Disagreement>? Disagreements = null)
{
    /// <summary>Unclear because the recommended team has no legal basis to share the matter.</summary>
    public const string NoLegalBasis = "noLegalBasis";

    /// <summary>Code of what the requester is asked for.</summary>
    public const string LegalBasis = "legalBasis";

    public bool Clear => UnclearBecause.Count == 0;

    /// <summary>Evaluates the whole table: the first row that holds decides, the others stay in the explanation.</summary>
    public static Assessment Of(Facts facts, AreaPolicy policy, bool hasScreening)
    {
        var rules = policy.Rules;
        var tried = rules.Rows.Select(row =>
        {
            var findings = new List<Finding>();
            var holds = row.When.Holds(facts, findings);
            return (Row: row, Tried: new RowTried(row.Code, holds, findings));
        }).ToList();
        var deciding = tried.First(row => row.Tried.Holds).Row;
        var grounds = tried.Where(row => row.Tried.Holds).Select(row => row.Row.Ground).OfType<Ground>().Distinct().ToList();
        var records = tried.Where(row => row.Tried.Holds).SelectMany(row => row.Row.Records ?? []).Distinct().ToList();
        if (facts.Topics.Any(topic => rules.Triage.SignalTopicClasses.Contains(topic.Class)) && !records.Contains(LeftRecord.PhenomenonSignal))
        {
            records.Add(LeftRecord.PhenomenonSignal);
        }

        var recommended = Recommendation.By(deciding, facts, rules);
        var without = facts.WithoutScreening() is { } less && Recommendation.For(less, rules) is { } other && Outcomes.Of(other.Route) != Outcomes.Of(recommended.Route) ? Outcomes.Of(other.Route) : null;
        var disagreements = (facts.Screenings ?? []).Select(screening => screening.With(recommended.Route, rules)).OfType<Disagreement>().ToList();
        return new Assessment(
            policy.Version,
            facts,
            [.. tried.Select(row => row.Tried)],
            deciding.Code,
            recommended.Route,
            recommended.Asks,
            recommended.Route is not null && deciding.StandingTeamFirst,
            grounds,
            records,
            recommended.Adjustments,
            [.. WhyUnclear(facts, recommended.Route, recommended.NoLegalBasis, rules), .. WhatElseSpeaks(facts, without, disagreements.Count > 0)],
            hasScreening && facts.Screenings is not { Count: > 0 } || facts.Screenings?.Any(screening => screening.Unexplained > 0) == true ? ["screening"] : [],
            policy.Space.Counterfactuals(facts),
            without,
            disagreements.Count > 0 ? disagreements : null);
    }

    private static IEnumerable<string> WhatElseSpeaks(Facts facts, string? without, bool disagrees)
    {
        if (disagrees || (without is not null && facts.ScreeningMarks is { Count: > 0 }))
        {
            yield return "screening";
        }

        if (without is not null && facts.AssessorMarks is { Count: > 0 })
        {
            yield return "assessors";
        }
    }

    private static IEnumerable<string> WhyUnclear(Facts facts, Route? route, bool noLegalBasis, RoutingPolicy rules)
    {
        if (noLegalBasis)
        {
            yield return NoLegalBasis;
        }

        if (facts.ImmediateDanger)
        {
            yield return "immediateDanger";
        }

        if (facts.HighRisk)
        {
            yield return "highRisk";
        }

        if (facts is { Kind: ConsultationKind.ClientWork, Topics.Count: 0 })
        {
            yield return "noTopic";
        }

        if (facts.HasUnknownCodes)
        {
            yield return "unknownCode";
        }

        if (facts.Topics.Any(topic => rules.Triage.NeverClearTopicClasses.Contains(topic.Class)))
        {
            yield return "emergingTopic";
        }

        if (route is { } decided && (decided is Contracts.Route.KnowledgeHolder || rules.Triage.NeverClearRoutes.Contains(decided)))
        {
            yield return "route";
        }
    }

    /// <summary>A route as the code lists write it.</summary>
    public static string CodeOf(Route route) => JsonNamingPolicy.CamelCase.ConvertName(route.ToString());
}

using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Triage.Policies;

/// <summary>When a coordinator confirms a recommendation (triage.confirmation).</summary>
public enum Confirmation
{
    Always,
    WhenUnclear,
    Never,
}

/// <summary>What a row does when it decides.</summary>
public enum Consequence
{
    Route,
    AskRequester,
}

/// <summary>A record that a row leaves behind (C-25).</summary>
public enum LeftRecord
{
    PhenomenonSignal,
    ServiceGap,
}

/// <summary>One row of the policy table.</summary>
/// <param name="RouteSetting">Name of the setting that gives the route, where an area may choose it (E-11).</param>
/// <param name="StandingTeamFirst">The area's standing team for the topic goes before a team assembled anew.</param>
/// <param name="Asks">Codes of what the requester is asked for.</param>
public sealed record PolicyRow(
    string Code,
    Condition When,
    Consequence Then,
    Route? Route = null,
    string? RouteSetting = null,
    Ground? Ground = null,
    bool StandingTeamFirst = false,
    IReadOnlyList<string>? Asks = null,
    IReadOnlyList<LeftRecord>? Records = null);

/// <summary>From how many involved services a network coordinator is needed (E-13).</summary>
public sealed record NetworkCoordinatorRule(int OnConfirmationFromServices, int AlwaysFromServices);

/// <param name="RoutesByDemand">Routes from the least to the most demanding, for <paramref name="HighRiskAtLeast"/>.</param>
/// <param name="ReturnReasons">Codes a receiver chooses from when sending a referral back.</param>
/// <param name="TeamRoutes">Routes that share the matter with several people, and so need a legal basis.</param>
/// <param name="OverrideReasons">Codes a coordinator chooses from when not following the recommendation.</param>
/// <param name="PolicyReasons">Codes an editor of the policy chooses from.</param>
/// <param name="FreeTransfers">How many times areas may ask each other to take a case before the coordinating team has to decide (C-35).</param>
public sealed record TriageSettings(
    Confirmation Confirmation,
    IReadOnlyList<Route> RoutesByDemand,
    Route HighRiskAtLeast,
    Route RarityOnlyOutcome,
    IReadOnlyList<Route> NeverClearRoutes,
    IReadOnlyList<string> NeverClearTopicClasses,
    IReadOnlyList<string> SignalTopicClasses,
    IReadOnlyList<string> OverrideReasons,
    IReadOnlyList<string> PolicyReasons,
    IReadOnlyList<string> ReturnReasons,
    IReadOnlyList<Route> TeamRoutes,
    NetworkCoordinatorRule NetworkCoordinator,
    int FreeTransfers);

/// <param name="RequiredSectors">Sectors that a ground requires (E-12).</param>
/// <param name="EducationWhenAgeBandIn">Age bands in which an involved education service makes education a required sector.</param>
/// <param name="SectorWithoutTopic">The sector that is asked for when neither topics nor grounds name one.</param>
public sealed record NeedSettings(
    IReadOnlyDictionary<Ground, IReadOnlyList<string>> RequiredSectors,
    string SectorWithoutTopic,
    IReadOnlyList<string> EducationWhenAgeBandIn,
    decimal WeeklyHours,
    int Weeks,
    int ConsultationWeeks);

/// <summary>How long each step of triage may take.</summary>
/// <param name="Referral">For a receiver to accept or return a referral.</param>
/// <param name="AfterReferral">Until a receiver who has accepted is asked how the matter stands.</param>
/// <param name="Claim">For a coordinator who has claimed a case to decide; then it is everybody's again.</param>
/// <param name="Assessment">For an invited expert to contribute; null in policies from before, where it is as long as the coordinators have.</param>
public sealed record TriageAllowances(
    Allowance Held,
    IReadOnlyDictionary<Urgency, Allowance> Confirmation,
    Allowance Information,
    IReadOnlyDictionary<Route, Allowance> AfterRoute,
    Allowance Referral,
    Allowance AfterReferral,
    IReadOnlyDictionary<Urgency, Allowance> Claim,
    IReadOnlyDictionary<Urgency, Allowance>? Assessment = null);

/// <summary>The policy table and its settings, all of it data (policies/*.json).</summary>
public sealed record RoutingPolicy(TriageSettings Triage, IReadOnlyList<PolicyRow> Rows, NeedSettings Needs, WorkingHours WorkingHours, TriageAllowances Deadlines)
{
    public Route RouteOf(PolicyRow row) => row switch
    {
        { Route: { } route } => route,
        { RouteSetting: "rarityOnlyOutcome" } => Triage.RarityOnlyOutcome,
        _ => throw new InvalidOperationException($"Row {row.Code} names no route."),
    };
}

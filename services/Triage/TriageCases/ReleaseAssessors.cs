using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Who has let their time pass is invited no more, and knows of the case no more; that they have said nothing is noted (R2).</summary>
public static class ReleaseAssessors
{
    public const string RouteDecided = "routeDecided";
    public const string Linked = "linked";
    public const string NoAnswer = "noAnswer";
    public const string TimeOver = "timeOver";

    /// <summary>The case is closed, settled or erased, or its consent has ended. Whoever ends that ends what they may read; no event says so again.</summary>
    public const string CaseOver = "caseOver";

    public sealed record Command(DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        _ => state.Assessors.Where(assessor => assessor.IsInvited && assessor.DueBy <= command.Now)
            .Select(TriageEvent (assessor) => Released(state, assessor, assessor.ContributedAt is null ? NoAnswer : TimeOver, command.Now))
            .ToList(),
    };

    /// <summary>All who are invited are so no more; nothing when nobody is.</summary>
    internal static IEnumerable<TriageEvent> All(TriageCase state, string reasonCode, DateTimeOffset now) =>
        state.Assessors.Where(assessor => assessor.IsInvited).Select(assessor => Released(state, assessor, reasonCode, now));

    private static AssessorReleased Released(TriageCase state, Assessor assessor, string reasonCode, DateTimeOffset now) =>
        new(state.Id, state.Area, assessor.ExpertId, assessor.InvitationId, reasonCode, now);
}

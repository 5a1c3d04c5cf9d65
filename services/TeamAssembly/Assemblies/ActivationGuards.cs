using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>A team that is about to start.</summary>
public sealed record ProposedTeam(Assembly Assembly, IReadOnlyList<TeamMember> Members, TeamPolicy Policy, DateOnly Today);

/// <summary>One rule that a team has to keep before it starts; the rejection names what is missing.</summary>
public sealed record ActivationGuard(string Name, Func<ProposedTeam, Rejection?> Check);

/// <summary>What has to hold before a team starts (INVENTORY G.4). For one's own professional support the requester is the responsible worker.</summary>
public static class ActivationGuards
{
    public static readonly Rejection OwnWorkerMissing = new("team-assembly.own-worker-missing", "The requesting side's responsible worker is not named.");
    public static readonly Rejection OwnWorkerReplaced = new("team-assembly.own-worker-replaced", "An expert may join beside the responsible worker, never instead.");
    public static readonly Rejection RoleOrReasonMissing = new("team-assembly.role-or-reason-missing", "Every member needs a role and a reason.");
    public static readonly Rejection TooManyMembers = new("team-assembly.too-many-members", "The team has more experts than the area allows.");
    public static readonly Rejection EndDateMissing = new("team-assembly.end-date-missing", "Every membership needs an end date that is ahead.");
    public static readonly Rejection NeedNotCovered = new("team-assembly.need-not-covered", "A need has no member.");
    public static readonly Rejection HoursNotConfirmed = new("team-assembly.hours-not-confirmed", "A member's hours are not confirmed.");
    public static readonly Rejection LegalBasisMissing = new("team-assembly.legal-basis-missing", "A team shares the matter; the request gives no legal basis for it, or it has ended.");
    public static readonly Rejection NetworkCoordinatorWrong = new("team-assembly.network-coordinator", "A network coordinator is in the team exactly when one is needed.");

    public static readonly IReadOnlyList<ActivationGuard> All =
    [
        new("ownWorkerPresent", OwnWorkerPresent),
        new("expertsBesideOwnWorker", ExpertsBesideOwnWorker),
        new("onlyEssentialPeople", OnlyEssentialPeople),
        new("atMostAllowedMembers", AtMostAllowedMembers),
        new("membershipsEnd", MembershipsEnd),
        new("needsCovered", NeedsCovered),
        new("hoursConfirmed", HoursConfirmed),
        new("legalBasisValid", LegalBasisValid),
        new("networkCoordinatorWhenNeeded", NetworkCoordinatorWhenNeeded),
    ];

    public static IReadOnlyList<string> Names => [.. All.Select(guard => guard.Name)];

    public static Rejection? FirstThatFails(ProposedTeam team) => All.Select(guard => guard.Check(team)).OfType<Rejection>().FirstOrDefault();

    /// <summary>The requesting side's own worker first, then the experts; the area's OT coordination as network coordinator where one is needed.</summary>
    internal static IReadOnlyList<TeamMember> WithOwnSide(Assembly state, IReadOnlyList<TeamMember> experts, DateOnly today)
    {
        var (from, until) = experts.Count > 0 ? (experts.Min(member => member.From), experts.Max(member => member.Until)) : (today, today);
        var members = new List<TeamMember>();
        if (state.Matter is { } matter && (matter.Kind is not ConsultationKind.ClientWork || matter.ResponsibleWorkerRef is not null))
        {
            members.Add(new TeamMember(null, "responsibleWorker", null, null, matter.ResponsibleWorkerRole ?? matter.RequesterRole, null, [], from, until));
        }

        members.AddRange(experts);
        if (state.NetworkCoordinator)
        {
            members.Add(new TeamMember(null, "networkCoordinator", null, $"ot-{state.Area}", null, null, [], from, until));
        }

        return members;
    }

    private static Rejection? OwnWorkerPresent(ProposedTeam team) =>
        team.Members.Any(member => member is { Role: "responsibleWorker", ExpertId: null }) ? null : OwnWorkerMissing;

    private static Rejection? ExpertsBesideOwnWorker(ProposedTeam team) =>
        team.Members.Any(member => member is { Role: "responsibleWorker", ExpertId: not null }) ? OwnWorkerReplaced : null;

    private static Rejection? OnlyEssentialPeople(ProposedTeam team) =>
        team.Members.Any(member => member.Role.Length == 0 || (member.ExpertId is not null && member.Needs.Count == 0)) ? RoleOrReasonMissing : null;

    private static Rejection? AtMostAllowedMembers(ProposedTeam team) =>
        team.Members.Count(member => member.ExpertId is not null) - team.Assembly.Together > team.Policy.Team.MaxMembers ? TooManyMembers : null;

    private static Rejection? MembershipsEnd(ProposedTeam team) =>
        team.Members.Any(member => member.Until < member.From || member.Until < team.Today) ? EndDateMissing : null;

    private static Rejection? NeedsCovered(ProposedTeam team) =>
        team.Assembly.Needs.Select(need => need.Key).Except(team.Members.SelectMany(member => member.Needs)).Any() ? NeedNotCovered : null;

    private static Rejection? HoursConfirmed(ProposedTeam team) =>
        team.Assembly.Live.Any(invitation => invitation.Status is not InvitationStatus.Confirmed) ? HoursNotConfirmed : null;

    private static Rejection? LegalBasisValid(ProposedTeam team) => team.Assembly.Matter switch
    {
        null => LegalBasisMissing,
        { Kind: not ConsultationKind.ClientWork } => null,
        { LegalBasisType: "anonymous" } => LegalBasisMissing,
        { LegalBasisValidUntil: { } until } when until < team.Today => LegalBasisMissing,
        _ => null,
    };

    private static Rejection? NetworkCoordinatorWhenNeeded(ProposedTeam team) =>
        team.Members.Any(member => member.Role == "networkCoordinator") == team.Assembly.NetworkCoordinator ? null : NetworkCoordinatorWrong;
}

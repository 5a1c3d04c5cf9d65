using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.TeamAssembly.Policies;
using OtPlatform.Testing;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>A matter with one topic and one sector to cover, a small pool, and small changes of them.</summary>
internal static class Matters
{
    public static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-000000000001");
    public static readonly Guid Unit = Guid.Parse("019ab000-0000-7000-8000-00000000aaaa");
    public static readonly Guid Social = Guid.Parse("00000000-0000-4000-8000-000000000001");
    public static readonly Guid Health = Guid.Parse("00000000-0000-4000-8000-000000000002");
    public static readonly Guid SecondHealth = Guid.Parse("00000000-0000-4000-8000-000000000003");

    /// <summary>A Friday morning in Finland.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly TeamPolicy Policy = TeamPolicies.Read(new PolicyBook(Repository.Catalogue.PolicyPages), "default.1");
    public static readonly DeciderSpec<Assembly, AssemblyEvent> Search = new(Assembly.Aggregate);

    public static readonly MatterFacts Facts = new(
        ConsultationKind.ClientWork, "pirkanmaa", "fi", Urgency.Soon, Unit, "family-worker", "responsible-social-worker", "sw-1", "consent", new DateOnly(2027, 5, 31));

    public static readonly TeamNeed Topic = new("topic", "substance.child-or-youth", 2, 12, false, "virtual", "fi");
    public static readonly TeamNeed Sector = new("sector", "health", 2, 12, false, "virtual", "fi");
    public static readonly TeamNeed Question = new("topic", "substance.child-or-youth", 2, 2, true, "virtual", "fi");

    public static readonly Pool Three = PoolOf(Expert(Social, "social", "substance.child-or-youth"), Expert(Health, "health"), Expert(SecondHealth, "health") with { County = "lappi", Area = "pohjoinen" });

    public static CandidateEntry Expert(Guid id, string sector, params string[] topics) => new()
    {
        Id = id,
        Sector = sector,
        Profession = "family-worker",
        Organisation = "ot-sisa",
        Engagement = "ownStaff",
        County = "pirkanmaa",
        Area = "sisa",
        Topics = topics,
        Languages = ["fi"],
        Channels = ["virtual"],
        WeeklyHours = 8,
        AgreementFrom = new DateOnly(2026, 1, 1),
        EmployerConsents = true,
    };

    public static Pool PoolOf(params CandidateEntry[] experts) => new(experts, new HashSet<Guid>());

    public static Surroundings Around(Pool? pool = null, DateTimeOffset? now = null) => new(pool ?? Three, Policy, now ?? Now);

    public static StartAssemblyOnRouteDecided.Command Decided(Route route = Route.HybridTeam, Pool? pool = null, DateTimeOffset? at = null, MatterFacts? facts = null, bool networkCoordinator = false, params TeamNeed[] needs) =>
        new(Id, "sisa", route, facts ?? Facts, needs.Length > 0 ? needs : route is Route.ExpertConsultation ? [Question] : [Topic, Sector], networkCoordinator, at ?? Now, Now.AddDays(14), Around(pool));

    /// <summary>The events of an assembly started by <paramref name="command"/>.</summary>
    public static AssemblyEvent[] Started(StartAssemblyOnRouteDecided.Command? command = null) =>
        [.. StartAssemblyOnRouteDecided.Decide(Assembly.Initial, command ?? Decided()).Events];

    /// <summary>The same, with every hour held: the experts are invited.</summary>
    public static AssemblyEvent[] Invited(StartAssemblyOnRouteDecided.Command? command = null) => Each(Started(command), state => state.Live.Where(invitation => invitation.Status is InvitationStatus.Reserving), (state, invitation) => FollowCapacity.Held(state, Of(invitation)));

    /// <summary>The same, with every invitation accepted.</summary>
    public static AssemblyEvent[] Accepted(StartAssemblyOnRouteDecided.Command? command = null) => Each(Invited(command), state => state.Live.Where(invitation => invitation.Status is InvitationStatus.Open), (state, invitation) => AcceptInvitation.Decide(state, new AcceptInvitation.Command(invitation.Id, Now)));

    /// <summary>The same, with all hours confirmed.</summary>
    public static AssemblyEvent[] Confirmed(StartAssemblyOnRouteDecided.Command? command = null) => Each(Accepted(command), state => state.Live.Where(invitation => invitation.Status is InvitationStatus.Accepted), (state, invitation) => FollowCapacity.Confirmed(state, Of(invitation)));

    public static Assembly Fold(params IEnumerable<AssemblyEvent> happened) => Assembly.Aggregate.Fold(happened);

    public static Invitation InvitationOf(AssemblyEvent[] happened, Guid expert) => Fold(happened).Invitations.Last(invitation => invitation.ExpertId == expert);

    public static FollowCapacity.Command Of(Invitation invitation, string? reason = null, Pool? pool = null) => new(Id, invitation.Id, reason, Around(pool));

    private static AssemblyEvent[] Each(AssemblyEvent[] past, Func<Assembly, IEnumerable<Invitation>> which, Func<Assembly, Invitation, Platform.Streams.Decision<AssemblyEvent>> decide)
    {
        var happened = past.ToList();
        foreach (var invitation in which(Fold(happened)).ToList())
        {
            happened.AddRange(decide(Fold(happened), invitation).Events);
        }

        return [.. happened];
    }
}

using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Commands;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Triage;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.Testing;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;
using Need = OtPlatform.Contracts.Triage.Need;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>A gap names who knows more, and closes by itself when the pool lets it (R1, C-02 to C-04).</summary>
[TestFixture]
internal sealed class SearchAgainTests
{
    private static readonly TeamNeed Topic = Matters.Topic;
    private static readonly Pool Nobody = PoolOf(Expert(Social, "social", "substance.child-or-youth"));
    private static readonly Guid Knowing = Guid.Parse("00000000-0000-4000-8000-0000000000a1");
    private static readonly Guid AlsoKnowing = Guid.Parse("00000000-0000-4000-8000-0000000000a2");

    private static AssemblyEvent[] Gap(Pool? pool = null) => Started(Decided(pool: pool ?? Nobody));

    private static SearchAgain.Command Again(Pool pool, DateTimeOffset? now = null) => new(Around(pool, now));

    [Test]
    public void R1_where_nobody_can_be_asked_the_gap_names_who_has_more_exact_knowledge_of_the_topic()
    {
        var other = Topic with { Code = "violence.family" };
        Guid? Named(params KnowledgeHolderCopy[] holders) =>
            Started(Decided(pool: PoolOf() with { KnowledgeHolders = holders }, needs: [Topic, other, Sector])).OfType<ServiceGapFound>().Single().KnowledgeHolderId;
        var one = new KnowledgeHolderCopy(Knowing, new Label("a", "a", "a"), "FI", [Topic.Code], ["sv"], "+358 9 123 456", new DateOnly(2026, 11, 20), null);
        Assert.Multiple(() =>
        {
            Assert.That(Named(), Is.Null);
            Assert.That(Named(one), Is.EqualTo(Knowing), "On its last day.");
            Assert.That(Named(one with { ValidUntil = new DateOnly(2026, 11, 19) }), Is.Null);
            Assert.That(Named(one with { EndedAt = Now }), Is.Null);
            Assert.That(Named(one with { Topics = ["adoption"] }), Is.Null);
            Assert.That(Named(one, one with { Id = AlsoKnowing, Topics = [Topic.Code, other.Code] }), Is.EqualTo(AlsoKnowing), "Of more of the topics.");
            Assert.That(Named(one, one with { Id = AlsoKnowing, Languages = ["fi"] }), Is.EqualTo(AlsoKnowing), "In the request's language.");
            Assert.That(Named(one, one with { Id = AlsoKnowing }), Is.EqualTo(Knowing));
        });
    }

    [Test]
    public void R1_it_is_first_somebody_who_knows_of_what_nobody_was_found_for()
    {
        var other = Topic with { Code = "violence.family" };
        var pool = Nobody with
        {
            KnowledgeHolders =
            [
                new KnowledgeHolderCopy(Knowing, new Label("a", "a", "a"), "FI", [Topic.Code], ["fi"], "+358 9 123 456", new DateOnly(2027, 1, 1), null),
                new KnowledgeHolderCopy(AlsoKnowing, new Label("b", "b", "b"), "SE", [other.Code], ["sv"], "+46 9 123 456", new DateOnly(2027, 1, 1), null),
            ],
        };
        Assert.That(Started(Decided(pool: pool, needs: [Topic, other])).OfType<ServiceGapFound>().Single().KnowledgeHolderId, Is.EqualTo(AlsoKnowing));
    }

    [Test]
    public void R1_the_search_goes_on_by_itself_when_all_needs_can_be_met_now() =>
        Search.Given(Gap()).When(SearchAgain.Decide, Again(Three)).ThenEvents(typeof(SearchResumed), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));

    [Test]
    public void While_they_can_not_nothing_has_happened() =>
        Search.Given(Gap()).When(SearchAgain.Decide, Again(PoolOf(Expert(Health, "health")))).ThenNothing();

    [Test]
    public void Only_a_gap_is_looked_at_again()
    {
        AssemblyEvent[][] others =
        [
            Started(), Invited(), Confirmed(), [],
            [.. Gap(), .. CancelAssembly.Decide(Fold(Gap()), new CancelAssembly.Command(Id, CancelAssembly.Withdrawn, Now)).Events],
            [.. Gap(), .. InviteExpert.Decide(Fold(Gap()), new InviteExpert.Command(Social, [Topic.Key], "coordinator-sisa", Around(Nobody))).Events],
        ];
        foreach (var past in others)
        {
            Search.Given(past).When(SearchAgain.Decide, Again(Three)).ThenNothing();
        }
    }

    [Test]
    public void A_gap_is_looked_at_again_at_once_and_when_its_time_is_over_and_no_more_when_it_is_closed()
    {
        IReadOnlyList<string> Wanted(AssemblyEvent[] past) => [.. Assembly.Aggregate.Deadlines(Fold(past)).Select(deadline => deadline.Kind)];
        Assert.Multiple(() =>
        {
            Assert.That(Wanted(Gap()), Is.EquivalentTo(new[] { SearchAgain.Kind, SearchAgain.Review }));
            Assert.That(Wanted([.. Gap(), .. SearchAgain.Decide(Fold(Gap()), Again(Three)).Events]), Does.Not.Contain(SearchAgain.Kind).And.Not.Contain(SearchAgain.Review));
        });
    }

    [Test]
    public void Whose_hours_the_pool_refused_is_asked_again_when_it_has_told_something_else_of_them_since()
    {
        // One question, two who know: the one's hours are refused, then the other's.
        var pool = PoolOf(Expert(Social, "social", Topic.Code), Expert(Health, "health", Topic.Code));
        var past = Started(Decided(Route.ExpertConsultation, pool)).ToList();
        foreach (var _ in pool.Experts)
        {
            past.AddRange(FollowCapacity.Withheld(Fold(past), Of(Fold(past).Live.Single(), "hours", pool)).Events);
        }

        Assert.That(Fold(past).Status, Is.EqualTo(AssemblyStatus.Gap));
        Pool Changed(DateTimeOffset at) => PoolOf([.. pool.Experts.Select(expert => expert.Id == Health ? expert with { ChangedAt = at } : expert)]);
        Search.Given([.. past]).When(SearchAgain.Decide, Again(Changed(Now), Now.AddHours(1))).ThenNothing();
        var happened = Search.Given([.. past]).When(SearchAgain.Decide, Again(Changed(Now.AddMinutes(1)), Now.AddHours(1)))
            .ThenEvents(typeof(SearchResumed), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.That(happened.OfType<CapacityRequested>().Single().ExpertId, Is.EqualTo(Health));
    }

    [Test]
    public void Who_said_no_or_nothing_is_left_in_peace()
    {
        var pool = PoolOf(Expert(Social, "social", Topic.Code), Expert(Health, "health", Topic.Code));
        var past = Invited(Decided(Route.ExpertConsultation, pool)).ToList();
        past.AddRange(DeclineInvitation.Decide(Fold(past), new DeclineInvitation.Command(Fold(past).Live.Single().Id, "noTime", Around(pool))).Events);
        past.AddRange(FollowCapacity.Held(Fold(past), Of(Fold(past).Live.Single(), pool: pool)).Events);
        past.AddRange(ExpireInvitations.Decide(Fold(past), new ExpireInvitations.Command(Around(pool, Fold(past).Live.Single().RespondBy!.Value))).Events);
        Assert.That(Fold(past).Status, Is.EqualTo(AssemblyStatus.Gap));

        var later = Now.AddDays(30);
        var changed = PoolOf([.. pool.Experts.Select(expert => expert with { ChangedAt = later })]);
        Search.Given([.. past]).When(SearchAgain.Decide, Again(changed, later)).ThenNothing();
    }

    [Test]
    public async Task R1_over_the_bus_a_newly_registered_expert_and_a_newly_defined_standing_team_close_the_gaps_that_they_can()
    {
        await using var service = await ServiceHost<Program>.Start("search_again");
        await using var others = await OtherServices.Of(service, Topology.ExpertPoolReservation);
        using var channel = GrpcChannel.ForAddress(service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = service.Server.CreateHandler() });
        using var http = await service.ClientFor("coordinator-sisa");
        var token = new Metadata { { "authorization", http.DefaultRequestHeaders.Authorization!.ToString() } };
        var teams = new Teams.TeamsClient(channel);

        // Six single experts at most: the eight sectors of the second matter are met when seven of those who meet them count as one.
        string[] sectors = ["social", "health", "education", "youth", "police", "justice", "church", "rescue"];
        var (small, large, other) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await others.Send(new KnowledgeHolderRegistered(Knowing, new Label("Tietoyksikkö", "Kunskap", "Unit"), "FI", ["violence.family"], ["fi"], "+358 9 123 456", new DateOnly(2099, 1, 1), DateTimeOffset.UnixEpoch));
        await Eventually.Holds(async () =>
        {
            var probe = Guid.CreateVersion7();
            await others.Send(RouteOf(probe, new Need("topic", "violence.family", 2, 12, false, null, "fi")));
            Assert.That((await Reached(probe, "gap")).KnowledgeHolderId, Is.EqualTo(Knowing.ToString()));
        });
        await others.Send(RouteOf(small, new Need("sector", "social", 1, 12, false, null, "fi")));
        await others.Send(RouteOf(other, new Need("sector", "culture", 1, 12, false, null, "fi")));
        await others.Send(RouteOf(large, [.. sectors.Select(sector => new Need("sector", sector, 1, 12, false, null, "fi"))]));
        foreach (var matter in new[] { small, large, other })
        {
            Assert.That((await Reached(matter, "gap")).KnowledgeHolderId, Is.Empty);
        }

        var members = sectors.Select((_, at) => Guid.Parse($"00000000-0000-4000-8000-0000000002{at:00}")).ToArray();
        await others.Send(Registered(members[0], sectors[0]));
        Assert.That((await others.Next(nameof(ReserveCapacity))).Deserialize<ReserveCapacity>(JsonSerializerOptions.Web)!, Has.Property(nameof(ReserveCapacity.AssemblyId)).EqualTo(small).And.Property(nameof(ReserveCapacity.ExpertId)).EqualTo(members[0]));
        await Reached(small, "reserving");

        foreach (var (member, sector) in members.Zip(sectors).Skip(1))
        {
            await others.Send(Registered(member, sector));
        }

        await others.Send(new StandingTeamDefined(Knowing, members, ["violence.family"], ["sisa"], DateTimeOffset.UnixEpoch));
        await Reached(large, "reserving");
        var asked = new HashSet<Guid>();
        while (asked.Count < members.Length)
        {
            var request = (await others.Next(nameof(ReserveCapacity))).Deserialize<ReserveCapacity>(JsonSerializerOptions.Web)!;
            Assert.That(request.AssemblyId, Is.EqualTo(large));
            asked.Add(request.ExpertId);
        }

        Assert.That(asked, Is.EquivalentTo(members));
        await Reached(other, "gap");

        async Task<Team> Reached(Guid matter, string status)
        {
            await Eventually.Holds(async () => Assert.That((await teams.GetAsync(new GetTeamRequest { Id = matter.ToString() }, token)).Status, Is.EqualTo(status)));
            return await teams.GetAsync(new GetTeamRequest { Id = matter.ToString() }, token);
        }
    }

    private static ExpertRegistered Registered(Guid expert, string sector) => new(
        expert, sector, "family-worker", "ot-sisa", "ownStaff", "pirkanmaa", "sisa", null, [], ["fi"], ["virtual"], 10, new DateOnly(2026, 1, 1), null, true, DateTimeOffset.UnixEpoch);

    private static RouteDecided RouteOf(Guid matter, params Need[] needs) => new(
        matter, matter, "sisa", Route.StandingTeam, [Ground.Complexity], needs, false, false, ["social"], "default.1", "coordinator-sisa", null,
        TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(14),
        new MatterFacts(ConsultationKind.ClientWork, "pirkanmaa", "fi", Urgency.Soon, Guid.Empty, "family-worker", "responsible-social-worker", "sw-1", "consent", null));
}

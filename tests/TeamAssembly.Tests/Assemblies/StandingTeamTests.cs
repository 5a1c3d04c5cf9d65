using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.TeamAssembly.Composition;
using OtPlatform.TeamAssembly.Experts;
using OtPlatform.Testing;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;
using Composed = OtPlatform.TeamAssembly.Composition;
using Need = OtPlatform.Protos.TeamAssembly.V1.Need;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>A standing team as one of the candidates (C-74).</summary>
[TestFixture]
internal sealed class StandingTeamTests
{
    private const string Topic = "substance.child-or-youth";
    private static readonly Guid Team = Guid.Parse("00000000-0000-4000-8000-0000000000f1");
    private static readonly Guid OfTeam = Guid.Parse("00000000-0000-4000-8000-000000000011");
    private static readonly Guid AlsoOfTeam = Guid.Parse("00000000-0000-4000-8000-000000000012");
    private static readonly Guid NeedlessOfTeam = Guid.Parse("00000000-0000-4000-8000-000000000013");
    private static readonly StandingTeamEntry Kept = new(Team, [OfTeam, AlsoOfTeam, NeedlessOfTeam], [Topic], ["sisa"], null);

    /// <summary>Beside the three who are nearer by their ids.</summary>
    private static Pool With(params StandingTeamEntry[] teams) =>
        PoolOf([.. Three.Experts, Expert(OfTeam, "social", Topic), Expert(AlsoOfTeam, "health"), Expert(NeedlessOfTeam, "education")]) with { StandingTeams = teams };

    [Test]
    public void C74_the_standing_team_of_the_topic_is_asked_each_member_for_their_own_hours()
    {
        var happened = Started(Decided(pool: With(Kept)));
        Assert.Multiple(() =>
        {
            Assert.That(happened.OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { OfTeam, AlsoOfTeam }), "Only who meets a need is asked (C-55).");
            Assert.That(happened.OfType<TeamComposed>().Single().Team.StandingTeamId, Is.EqualTo(Team));
            Assert.That(happened.OfType<TeamComposed>().Single().Team.Cost, Has.Property(nameof(CompositionCost.Members)).EqualTo(2).And.Property(nameof(CompositionCost.Together)).EqualTo(1));
            Assert.That(happened.OfType<TeamComposed>().Single().Team.Choices!.Single(), Is.EqualTo(new Composed.StandingTeamChoice(
                null, new CompositionCost(0, 0, 2, 0, 2 * 250 * 250, 0), new Composed.Loss(LossReason.Members, 2, 1))));
        });
    }

    [Test]
    public void A_standing_team_of_another_area_or_topic_or_one_that_is_dissolved_is_not_asked()
    {
        foreach (var other in new[] { Kept with { Areas = ["lansi"] }, Kept with { Topics = ["violence.family"] } })
        {
            Assert.That(Asked(Decided(pool: With(other))), Is.EquivalentTo(new[] { Social, Health }));
        }

        Assert.That(Asked(Decided(pool: With())), Is.EquivalentTo(new[] { Social, Health }));
    }

    [Test]
    public void R5_one_expert_who_can_do_it_alone_goes_before_a_standing_team_unless_one_is_asked_for()
    {
        var pool = With(Kept) with { Experts = [.. With(Kept).Experts.Where(expert => expert.Id != Health), Expert(Health, "health", Topic)] };
        Assert.Multiple(() =>
        {
            Assert.That(Asked(Decided(pool: pool)), Is.EqualTo(new[] { Health }));
            Assert.That(Asked(Decided(Route.StandingTeam, pool)), Is.EquivalentTo(new[] { OfTeam, AlsoOfTeam }));
            Assert.That(Asked(Decided(pool: pool) with { StandingTeamFirst = true }), Is.EquivalentTo(new[] { OfTeam, AlsoOfTeam }));
        });
    }

    [Test]
    public void R1_a_standing_team_goes_first_but_not_where_a_need_would_stay_unmet()
    {
        var alone = Kept with { Members = [NeedlessOfTeam] };
        var happened = Started(Decided(Route.StandingTeam, With(alone)));
        Assert.Multiple(() =>
        {
            Assert.That(happened.OfType<CapacityRequested>().Select(request => request.ExpertId), Is.EquivalentTo(new[] { Social, Health }));
            Assert.That(happened.OfType<TeamComposed>().Single().Team.Choices!.Single().Lost.Reason, Is.EqualTo(LossReason.NobodyOfTeam));
        });
    }

    [Test]
    public void A_standing_team_chosen_by_a_coordinator_for_a_matter_of_no_topic_is_any_that_takes_the_area_s_requests()
    {
        TeamNeed[] sectors = [Sector, Sector with { Code = "education" }];
        Assert.Multiple(() =>
        {
            Assert.That(Asked(Decided(Route.StandingTeam, With(Kept), needs: sectors)), Is.EquivalentTo(new[] { AlsoOfTeam, NeedlessOfTeam }));
            Assert.That(Asked(Decided(Route.HybridTeam, With(Kept), needs: sectors)), Is.EquivalentTo(new[] { Health, NeedlessOfTeam }));
        });
    }

    [Test]
    public void A_single_consultation_has_one_expert_and_no_standing_team() =>
        Assert.That(Started(Decided(Route.ExpertConsultation, With(Kept))).OfType<TeamComposed>().Single().Team.StandingTeamId, Is.Null);

    [Test]
    public void A_standing_team_counts_as_one_member_from_the_composition_to_the_start()
    {
        var sectors = new[] { "social", "health", "education", "youth", "police", "justice", "church", "rescue" };
        var members = sectors.Select((sector, at) => Expert(Guid.Parse($"00000000-0000-4000-8000-0000000001{at:00}"), sector)).ToArray();
        var team = Kept with { Members = [.. members.Select(member => member.Id)] };
        var command = Decided(Route.StandingTeam, PoolOf(members) with { StandingTeams = [team] }, needs: [.. sectors.Select(sector => Sector with { Code = sector })]);
        Assert.Multiple(() =>
        {
            Assert.That(Started(command with { Around = Around(PoolOf(members)) }).OfType<ServiceGapFound>().Count(), Is.EqualTo(1), "Of single experts there may be six.");
            Assert.That(Confirmed(command).OfType<TeamActivated>().Single().Members.Count(member => member.ExpertId is not null), Is.EqualTo(8));
        });
    }

    [Test]
    public void After_a_no_those_of_the_standing_team_who_stay_go_on_counting_as_one_and_somebody_else_is_asked_for_the_rest()
    {
        var invited = Invited(Decided(pool: With(Kept)));
        var happened = Search.Given(invited)
            .When(DeclineInvitation.Decide, new DeclineInvitation.Command(InvitationOf(invited, AlsoOfTeam).Id, "noTime", Around(With(Kept))))
            .ThenEvents(typeof(InvitationDeclined), typeof(CapacityGivenBack), typeof(TeamComposed), typeof(CapacityRequested));
        Assert.Multiple(() =>
        {
            Assert.That(happened.OfType<CapacityRequested>().Single().ExpertId, Is.EqualTo(Health));
            Assert.That(happened.OfType<TeamComposed>().Single().Team.Members.Single(member => member.Stays).ExpertId, Is.EqualTo(OfTeam));
        });
    }

    [Test]
    public async Task C74_over_the_bus_a_team_is_a_candidate_as_it_is_defined_last_until_it_is_dissolved()
    {
        await using var service = await ServiceHost<Program>.Start("standing_candidates");
        await using var others = await OtherServices.Of(service, Topology.ExpertPoolReservation);
        using var channel = GrpcChannel.ForAddress(service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = service.Server.CreateHandler() });
        using var http = await service.ClientFor("coordinator-sisa");
        var token = new Metadata { { "authorization", http.DefaultRequestHeaders.Authorization!.ToString() } };
        var teams = new Teams.TeamsClient(channel);
        foreach (var expert in With().Experts)
        {
            await others.Send(new ExpertRegistered(
                expert.Id, expert.Sector, expert.Profession, expert.Organisation, expert.Engagement, expert.County, expert.Area, null, expert.Topics, expert.Languages, expert.Channels, 8,
                expert.AgreementFrom, null, true, DateTimeOffset.UnixEpoch));
        }

        async Task Proposes(string team, params Guid[] members) => await Eventually.Holds(async () =>
        {
            var proposed = await teams.ProposeAsync(
                new ProposeRequest
                {
                    County = "pirkanmaa",
                    Language = "fi",
                    Channel = "virtual",
                    Needs = { new Need { Kind = "topic", Code = Topic, WeeklyHours = 2, Weeks = 12 }, new Need { Kind = "sector", Code = "health", WeeklyHours = 2, Weeks = 12 } },
                },
                token);
            Assert.That(proposed.StandingTeamId, Is.EqualTo(team));
            Assert.That(proposed.Members.Select(member => member.ExpertId), Is.EquivalentTo(members.Select(member => member.ToString())));
            Assert.That(proposed.Members.All(member => member.OfStandingTeam), Is.EqualTo(team.Length > 0));
        });

        await Proposes(string.Empty, Social, Health);
        var repeated = Guid.CreateVersion7();
        await others.Send(new StandingTeamDefined(Team, [OfTeam, AlsoOfTeam], [Topic], ["sisa"], DateTimeOffset.UnixEpoch), repeated);
        await Proposes(Team.ToString(), OfTeam, AlsoOfTeam);
        await others.Send(new StandingTeamDefined(Team, [OfTeam, SecondHealth], [Topic], ["sisa"], DateTimeOffset.UnixEpoch));
        await Proposes(Team.ToString(), OfTeam, SecondHealth);
        await others.Send(new StandingTeamDefined(Team, [OfTeam, AlsoOfTeam], [Topic], ["sisa"], DateTimeOffset.UnixEpoch), repeated);
        var dissolved = Guid.CreateVersion7();
        await others.Send(new StandingTeamDissolved(Guid.NewGuid(), "no-demand", DateTimeOffset.UnixEpoch), dissolved);
        await Eventually.Holds(async () => Assert.That(
            await service.Services.GetRequiredService<StreamStore>().Count<Platform.Messaging.InboxEntry>("where id like ?", CancellationToken.None, $"%{dissolved:N}"), Is.EqualTo(1)));
        await Proposes(Team.ToString(), OfTeam, SecondHealth);
        await others.Send(new StandingTeamDissolved(Team, "no-demand", DateTimeOffset.UnixEpoch));
        await Proposes(string.Empty, Social, Health);
    }

    private static IEnumerable<Guid> Asked(StartAssemblyOnRouteDecided.Command command) => Started(command).OfType<CapacityRequested>().Select(request => request.ExpertId);
}

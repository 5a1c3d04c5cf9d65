using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.Testing;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Tests.StandingTeams;

[TestFixture]
internal sealed class StandingTeamTests
{
    private const string Topic = "substance.child-or-youth";
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000c1");
    private static readonly Guid Member = Guid.Parse("019ab000-0000-7000-8000-0000000000e1");
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly StandingTeamFacts Facts = new(new Label("Tiimi", "Team", "Team"), [Member], [Topic], ["sisa"]);
    private static readonly StandingTeamDefined Defined = new(Id, Facts, Now.AddDays(-1));
    private static readonly StandingTeamDissolved Dissolved = new(Id, "no-demand", Now.AddHours(-1));
    private static readonly DeciderSpec<StandingTeam, StandingTeamEvent> Case = new(StandingTeam.Aggregate);
    private static readonly DefineStandingTeam.Command Define = new(Id, Facts, [], Now);
    private static readonly DissolveStandingTeam.Command Dissolve = new(Id, "no-demand", Now);

    [Test]
    public void C74_a_standing_team_is_defined_once()
    {
        Case.Given().When(DefineStandingTeam.Decide, Define).Then(new StandingTeamDefined(Id, Facts, Now));
        Case.Given(Defined).When(DefineStandingTeam.Decide, Define with { Facts = Facts with { Members = [Member], Topics = [Topic], Areas = ["sisa"] } }).ThenNothing();
    }

    [Test]
    public void Other_facts_are_a_new_definition()
    {
        StandingTeamFacts[] others = [Facts with { Name = Facts.Name with { En = "Other" } }, Facts with { Members = [Member, Id] }, Facts with { Topics = ["violence.family"] }, Facts with { Areas = ["lansi"] }];
        foreach (var other in others)
        {
            Case.Given(Defined).When(DefineStandingTeam.Decide, Define with { Facts = other }).ThenEvents(typeof(StandingTeamDefined));
        }
    }

    [Test]
    public void Who_is_not_in_the_pool_is_no_member() => Case.Given().When(DefineStandingTeam.Decide, Define with { Away = [Member] }).ThenRejected(StandingTeam.MembersAway);

    [Test]
    public void What_is_so_already_stays_when_a_member_is_away_since() => Case.Given(Defined).When(DefineStandingTeam.Decide, Define with { Away = [Member] }).ThenNothing();

    [Test]
    public void A_dissolved_one_is_taken_up_again_by_a_definition() => Case.Given(Defined, Dissolved).When(DefineStandingTeam.Decide, Define).ThenEvents(typeof(StandingTeamDefined));

    [Test]
    public void It_is_dissolved_once()
    {
        Case.Given(Defined).When(DissolveStandingTeam.Decide, Dissolve).Then(new StandingTeamDissolved(Id, "no-demand", Now));
        Case.Given(Defined, Dissolved).When(DissolveStandingTeam.Decide, Dissolve).ThenNothing();
        Case.Given().When(DissolveStandingTeam.Decide, Dissolve).ThenRejected(StandingTeam.NotDefined);
    }

    [Test]
    public async Task C74_over_grpc_and_rest_a_team_of_experts_in_the_pool_is_defined_listed_with_who_is_away_and_dissolved()
    {
        await using var pool = await ServiceHost<Program>.Start("standing_teams");
        using var channel = GrpcChannel.ForAddress(pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = pool.Server.CreateHandler() });
        using var rest = await pool.ClientFor("integrator");
        using var reading = await pool.ClientFor("coordinator-sisa");
        var token = new Metadata { { "authorization", rest.DefaultRequestHeaders.Authorization!.ToString() } };
        var (experts, catalogue) = (new Wire.Experts.ExpertsClient(channel), new Wire.Catalogue.CatalogueClient(channel));
        var (one, other) = (await Registered(experts, token), await Registered(experts, token));
        var asked = new Wire.DefineStandingTeamRequest { TeamId = Id.ToString(), Name = new Wire.Name { Fi = "Päihdetiimi" }, Members = { other, one, other }, Topics = { Topic }, Areas = { "sisa" } };

        var defined = await catalogue.DefineStandingTeamAsync(asked, token);
        var again = await catalogue.DefineStandingTeamAsync(asked, token);
        await experts.SuspendAsync(new Wire.SuspendRequest { ExpertId = other, ReasonCode = "own-wish" }, token);
        var listed = (await catalogue.ListAsync(new Wire.ListRequest { List = "standingTeams", Topic = Topic }, token)).StandingTeams.Single();
        var elsewhere = (await catalogue.ListAsync(new Wire.ListRequest { List = "standingTeams", Topic = "adoption" }, token)).StandingTeams;
        asked.TeamId = string.Empty;
        Calls.Refused(async () => await catalogue.DefineStandingTeamAsync(asked, token), StatusCode.FailedPrecondition, "expert-pool.standing-team-members-away");
        Calls.Refused(async () => await catalogue.DefineStandingTeamAsync(new Wire.DefineStandingTeamRequest(), token), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await catalogue.DissolveStandingTeamAsync(new Wire.DissolveStandingTeamRequest { TeamId = Guid.NewGuid().ToString(), ReasonCode = "no-demand" }, token), StatusCode.NotFound, "expert-pool.standing-team-unknown");

        var body = new JsonObject { ["name"] = new JsonObject { ["fi"] = "Toinen" }, ["members"] = new JsonArray(one), ["topics"] = new JsonArray(Topic), ["areas"] = new JsonArray("sisa") };
        using var overRest = await rest.PostAsJsonAsync("/v1/standing-teams", body);
        using var forbidden = await reading.PostAsJsonAsync("/v1/standing-teams", body);
        body["members"] = new JsonArray("nobody");
        using var wrong = await rest.PostAsJsonAsync("/v1/standing-teams", body);
        using var dissolved = await rest.PostAsJsonAsync($"/v1/standing-teams/{Id}/dissolution", new JsonObject { ["reasonCode"] = "no-demand" });
        using var left = await reading.GetAsync("/v1/standing-teams");
        using var all = await reading.GetAsync("/v1/standing-teams?alsoEnded=true");
        Assert.Multiple(async () =>
        {
            Assert.That(defined.Members, Is.EquivalentTo(new[] { one, other }), "Each once.");
            Assert.That((defined.Away.Count, defined.Version, defined.Name.Sv), Is.EqualTo((0, 1L, "Päihdetiimi")));
            Assert.That(again, Is.EqualTo(defined));
            Assert.That(listed.Away, Is.EqualTo(new[] { other }));
            Assert.That(elsewhere, Is.Empty);
            Assert.That(overRest.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(forbidden.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.members[0]"], Is.Not.Null);
            Assert.That((await dissolved.Json())["dissolved"]!.GetValue<bool>(), Is.True);
            Assert.That((await left.Json())["items"]!.AsArray(), Has.Count.EqualTo(1));
            Assert.That((await all.Json())["items"]!.AsArray(), Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task Those_who_compose_teams_are_told_of_every_definition_and_of_the_dissolution_in_order_and_never_of_the_name()
    {
        await using var pool = await ServiceHost<Program>.Start("standing_teams_told");
        await using var others = await OtherServices.Of(pool, Topology.TeamAssemblyStandingTeam);
        using var channel = GrpcChannel.ForAddress(pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = pool.Server.CreateHandler() });
        using var rest = await pool.ClientFor("integrator");
        var token = new Metadata { { "authorization", rest.DefaultRequestHeaders.Authorization!.ToString() } };
        var catalogue = new Wire.Catalogue.CatalogueClient(channel);
        var asked = new Wire.DefineStandingTeamRequest
        {
            TeamId = Id.ToString(),
            Name = new Wire.Name { Fi = "Päihdetiimi" },
            Members = { await Registered(new Wire.Experts.ExpertsClient(channel), token) },
            Topics = { Topic },
            Areas = { "sisa" },
        };

        await catalogue.DefineStandingTeamAsync(asked, token);
        await catalogue.DefineStandingTeamAsync(asked, token);
        asked.Areas.Add("lansi");
        await catalogue.DefineStandingTeamAsync(asked, token);
        await catalogue.DissolveStandingTeamAsync(new Wire.DissolveStandingTeamRequest { TeamId = Id.ToString(), ReasonCode = "no-demand" }, token);

        var first = await others.Next("StandingTeamDefined");
        var second = await others.Next("StandingTeamDefined");
        var dissolved = await others.Next("StandingTeamDissolved");
        Assert.Multiple(() =>
        {
            Assert.That(first.GetProperty("members").EnumerateArray().Select(member => member.GetString()), Is.EqualTo(asked.Members));
            Assert.That(first.GetProperty("areas").EnumerateArray().Select(area => area.GetString()), Is.EqualTo(new[] { "sisa" }));
            Assert.That(second.GetProperty("areas").EnumerateArray().Select(area => area.GetString()), Is.EqualTo(new[] { "lansi", "sisa" }), "The repetition was no event.");
            Assert.That(first.GetRawText(), Does.Not.Contain("tiimi"));
            Assert.That((dissolved.GetProperty("teamId").GetGuid(), dissolved.GetProperty("reasonCode").GetString()), Is.EqualTo((Id, "no-demand")));
        });
    }

    private static async Task<string> Registered(Wire.Experts.ExpertsClient experts, Metadata token) => (await experts.RegisterAsync(
        new Wire.RegisterExpertRequest
        {
            Sector = "health",
            Profession = "psychologist",
            Organisation = "hospital-north",
            Engagement = "partTime",
            County = "pirkanmaa",
            Topics = { Topic },
            Languages = { "fi" },
            Channels = { "virtual" },
            WeeklyHours = 4,
            AgreementFrom = "2026-01-01",
            EmployerConsents = true,
        },
        token)).ExpertId;
}

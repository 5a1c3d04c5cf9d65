using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts.Commands;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>Experts, organisations and coordinators do the same over REST.</summary>
internal sealed partial class TeamInterfacesTests
{
    [Test]
    public async Task Over_REST_an_expert_finds_their_invitation_and_accepts_or_declines_it()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        using var social = await _service.ClientFor($"expert-{Social}");
        using var health = await _service.ClientFor($"expert-{Health}");
        var own = (await Listed(social)).Single(invitation => Text(invitation, "teamId") == matter.ToString());
        var other = (await Listed(health)).Single(invitation => Text(invitation, "teamId") == matter.ToString());
        Assert.Multiple(() =>
        {
            Assert.That((Text(own, "expertId"), Text(own, "status"), Text(own, "role")), Is.EqualTo((Social.ToString(), "open", "expert")));
            Assert.That(own["respondBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow));
        });

        using var foreign = await health.PostAsync(Place("invitations", own, "acceptance"), null);
        await foreign.ShowsProblem(HttpStatusCode.NotFound, "team-assembly.invitation-unknown");
        using var accepted = await social.PostAsync(Place("invitations", own, "acceptance"), null);
        var team = await accepted.Json();
        Assert.That((accepted.StatusCode, accepted.Headers.ETag!.Tag), Is.EqualTo((HttpStatusCode.OK, $"\"{team["version"]}\"")));
        Assert.That(team["invitations"]!.AsArray().Select(invitation => (Text(invitation!, "expertId"), Text(invitation!, "status"))), Is.EqualTo(new[] { (Social.ToString(), "accepted") }), "Nobody else's.");
        await Command<ConfirmCapacity>();
        using var again = await social.PostAsync(Place("invitations", own, "acceptance"), null);
        Assert.That((await again.Json())["version"]!.ToJsonString(), Is.EqualTo(team["version"]!.ToJsonString()));

        using var unsaid = await health.PostAsJsonAsync(Place("invitations", other, "decline"), new { });
        Assert.That((await unsaid.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.reasonCode"], Is.Not.Null);
        using var stale = new HttpRequestMessage(HttpMethod.Post, Place("invitations", other, "decline")) { Content = JsonContent.Create(new { reasonCode = "noTime" }), Headers = { { "If-Match", "\"1\"" } } };
        using var late = await health.SendAsync(stale);
        await late.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        using var declined = await health.PostAsJsonAsync(Place("invitations", other, "decline"), new { reasonCode = "noTime" });
        Assert.That(declined.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Command<ReleaseCapacity>()).GetProperty("expertId").GetGuid(), Is.EqualTo(Health));
        await Hold();
    }

    [Test]
    public async Task Over_REST_a_coordinator_reads_a_team_and_why_it_is_that_and_others_find_nothing()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        using var coordinator = await _service.ClientFor("coordinator-sisa");
        using var expert = await _service.ClientFor($"expert-{Social}");
        var overGrpc = await _teams.GetAsync(new GetTeamRequest { Id = matter.ToString() }, await As("coordinator-sisa"));
        var team = (await coordinator.GetFromJsonAsync<JsonObject>($"/v1/teams/{matter}"))!;
        var explained = (await coordinator.GetFromJsonAsync<JsonObject>($"/v1/teams/{matter}/explanation"))!;
        var told = (await expert.GetFromJsonAsync<JsonObject>($"/v1/teams/{matter}/explanation"))!;
        Assert.Multiple(() =>
        {
            Assert.That((Text(team, "status"), Text(team, "route"), Text(team, "area"), team["version"]!.GetValue<long>()), Is.EqualTo((overGrpc.Status, overGrpc.Route, overGrpc.Area, overGrpc.Version)));
            Assert.That(team["invitations"]!.AsArray().Select(invitation => Text(invitation!, "id")), Is.EqualTo(overGrpc.Invitations.Select(invitation => invitation.Id)));
            Assert.That(explained["team"]!["members"]!.AsArray().Select(member => Text(member!, "expertId")), Is.EquivalentTo(new[] { Social.ToString(), Health.ToString() }));
            Assert.That(explained["team"]!["alternatives"]!.AsArray().Select(other => Text(other!, "expertId")), Does.Contain(OtherHealth.ToString()));
            Assert.That(told["team"]!["alternatives"]!.AsArray(), Is.Empty, "Why others are not in the team is not for its members.");
        });

        foreach (var (client, status) in new[] { ("coordinator-ita", HttpStatusCode.NotFound), ($"expert-{OtherHealth}", HttpStatusCode.NotFound), ("partner-pirkanmaa", HttpStatusCode.Forbidden) })
        {
            using var other = await _service.ClientFor(client);
            foreach (var place in new[] { $"/v1/teams/{matter}", $"/v1/teams/{matter}/explanation" })
            {
                using var answer = await other.GetAsync(new Uri(place, UriKind.Relative));
                Assert.That(answer.StatusCode, Is.EqualTo(status), $"{client} {place}");
            }

            using var ended = await other.PostAsJsonAsync($"/v1/teams/{matter}/disbandment", new { outcomeCode = "goalsReached" });
            Assert.That(ended.StatusCode, Is.EqualTo(status), client);
        }

        using var byExpert = await expert.PostAsJsonAsync($"/v1/teams/{matter}/disbandment", new { outcomeCode = "goalsReached" });
        await byExpert.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
        using var early = await coordinator.PostAsJsonAsync($"/v1/teams/{matter}/disbandment", new { outcomeCode = "goalsReached" });
        await early.ShowsProblem(HttpStatusCode.Conflict, "team-assembly.team-not-working");
        using var byHand = await coordinator.PostAsJsonAsync($"/v1/teams/{matter}/invitations", new { expertId = OtherHealth, needs = new[] { "sector:health" } });
        await byHand.ShowsProblem(HttpStatusCode.Conflict, "team-assembly.not-by-hand");
        using var nobody = await coordinator.PostAsJsonAsync($"/v1/teams/{matter}/invitations", new { needs = new[] { "sector:health" } });
        Assert.That((await nobody.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.expertId"], Is.Not.Null);
        using var answered = await coordinator.PostAsJsonAsync($"/v1/teams/{matter}/answer", new { text = " " });
        Assert.That((await answered.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.text"], Is.Not.Null);
    }

    [Test]
    public async Task Over_REST_a_dry_run_composes_as_over_gRPC_and_refuses_by_field()
    {
        using var coordinator = await _service.ClientFor("coordinator-sisa");
        var wanted = new JsonObject
        {
            ["county"] = "pirkanmaa",
            ["language"] = "fi",
            ["channel"] = "virtual",
            ["needs"] = new JsonArray(
                new JsonObject { ["kind"] = "topic", ["code"] = "substance.child-or-youth", ["weeklyHours"] = 2, ["weeks"] = 12, ["once"] = false },
                new JsonObject { ["kind"] = "sector", ["code"] = "health", ["weeklyHours"] = 2, ["weeks"] = 12, ["once"] = false }),
        };
        using var answer = await coordinator.PostAsJsonAsync("/v1/teams/proposal", wanted);
        var overGrpc = await _teams.ProposeAsync(Proposal(), await As("coordinator-sisa"));
        Assert.That((await answer.Json())["team"]!["members"]!.AsArray().Select(member => Text(member!, "expertId")), Is.EqualTo(overGrpc.Members.Select(member => member.ExpertId)));
        wanted["county"] = "atlantis";
        using var nowhere = await coordinator.PostAsJsonAsync("/v1/teams/proposal", wanted);
        Assert.That((await nowhere.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.county"], Is.Not.Null);
        using var expert = await _service.ClientFor($"expert-{Social}");
        using var refused = await expert.PostAsJsonAsync("/v1/teams/proposal", wanted);
        await refused.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
        using var wrong = await coordinator.GetAsync(new Uri("/v1/invitations?status=unheardOf", UriKind.Relative));
        Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["status"], Is.Not.Null);
    }

    private static async Task<IReadOnlyList<JsonNode>> Listed(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonObject>("/v1/invitations?status=open"))!["items"]!.AsArray().OfType<JsonNode>()];

    private static Uri Place(string list, JsonNode entry, string action) => new($"/v1/{list}/{Text(entry, "id")}/{action}", UriKind.Relative);

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();
}

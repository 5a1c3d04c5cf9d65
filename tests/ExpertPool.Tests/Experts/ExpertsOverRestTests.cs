using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>/v1/experts against a real store and a real broker.</summary>
[TestFixture]
internal sealed class ExpertsOverRestTests
{
    private ServiceHost<Program> _pool = null!;
    private HttpClient _integrator = null!;
    private HttpClient _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await ServiceHost<Program>.Start("experts_rest");
        _integrator = await _pool.ClientFor("integrator");
        _coordinator = await _pool.ClientFor("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _integrator.Dispose();
        _coordinator.Dispose();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task An_expert_is_registered_and_read_with_the_free_hours_of_the_coming_weeks()
    {
        var body = Body();
        using var registered = await _integrator.PostAsJsonAsync("/v1/experts", body);
        using var again = await _integrator.PostAsJsonAsync("/v1/experts", body);
        using var read = await _coordinator.GetAsync(registered.Headers.Location);
        var answer = await read.Json();
        Assert.Multiple(async () =>
        {
            Assert.That(registered.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(again.Headers.ETag!.Tag, Is.EqualTo("\"1\""));
            Assert.That(answer["area"]!.GetValue<string>(), Is.EqualTo("sisa"));
            Assert.That(answer["freeHours"]!.AsArray().Count, Is.EqualTo(12));
            Assert.That(answer["freeHours"]!.AsArray().Select(week => week!["hours"]!.GetValue<decimal>()), Has.All.EqualTo(4));
            Assert.That(await read.Content.ReadAsStringAsync(), Does.Not.Contain("unit").And.Not.Contain("perhekeskus"));
        });
    }

    [Test]
    public async Task Without_an_id_a_new_expert_gets_one()
    {
        using var registered = await _integrator.PostAsJsonAsync("/v1/experts", Body(body => body.Remove("expertId")));
        Assert.That(Guid.Parse((await registered.Json())["expertId"]!.GetValue<string>()).Version, Is.EqualTo(7));
    }

    [Test]
    public async Task Other_hours_are_set_on_the_version_that_was_read()
    {
        var id = await Registered();
        var hours = new JsonObject { ["weeklyHours"] = 2, ["languages"] = new JsonArray("fi"), ["channels"] = new JsonArray("phone") };
        using var stale = await _integrator.Write($"/v1/experts/{id}/availability", "\"7\"", hours.DeepClone().AsObject());
        using var set = await _integrator.Write($"/v1/experts/{id}/availability", "\"1\"", hours.DeepClone().AsObject());
        using var again = await _integrator.Write($"/v1/experts/{id}/availability", null, hours.DeepClone().AsObject());
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        Assert.Multiple(async () =>
        {
            Assert.That((await set.Json())["weeklyHours"]!.GetValue<decimal>(), Is.EqualTo(2));
            Assert.That(set.Headers.ETag!.Tag, Is.EqualTo("\"2\""));
            Assert.That(again.Headers.ETag!.Tag, Is.EqualTo("\"2\""));
        });
    }

    [TestCase("sector", "magic", "$.sector")]
    [TestCase("county", "atlantis", "$.county")]
    [TestCase("engagement", "volunteer", "$.engagement")]
    [TestCase("profession", "Dr", "$.profession")]
    [TestCase("organisation", "131052-308t", "$.organisation")]
    [TestCase("expertId", "e-17", "$.expertId")]
    [TestCase("agreementFrom", "1.1.2026", "$.agreementFrom")]
    [TestCase("unit", "Hervannan perhekeskus", "$.unit")]
    [TestCase("name", "x", "$.name")]
    public async Task What_is_wrong_is_a_400_that_names_the_path(string field, string value, string path)
    {
        using var refused = await _integrator.PostAsJsonAsync("/v1/experts", Body(body => body[field] = value));
        var problem = await refused.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { path }), problem.ToJsonString());
    }

    [TestCase(0.0, true)]
    [TestCase(40.0, true)]
    [TestCase(40.01, false)]
    [TestCase(-0.01, false)]
    public async Task Hours_a_week_have_bounds(double hours, bool taken)
    {
        using var answer = await _integrator.PostAsJsonAsync("/v1/experts", Body(body => body["weeklyHours"] = hours));
        Assert.That(answer.StatusCode, Is.EqualTo(taken ? HttpStatusCode.Created : HttpStatusCode.BadRequest));
    }

    [TestCase("topics", "unheard.of", "$.topics[1]")]
    [TestCase("languages", "la", "$.languages[1]")]
    [TestCase("channels", "pigeon", "$.channels[2]")]
    public async Task An_unknown_code_in_a_list_is_named_with_its_place(string list, string code, string path)
    {
        using var refused = await _integrator.PostAsJsonAsync("/v1/experts", Body(body => body[list]!.AsArray().Add(code)));
        Assert.That((await refused.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]![path], Is.Not.Null);
    }

    [Test]
    public async Task The_pool_is_listed_page_by_page_and_by_what_is_asked_for()
    {
        var ids = new List<Guid>();
        for (var number = 0; number < 3; number++)
        {
            ids.Add(await Registered(body =>
            {
                body["county"] = "kainuu";
                body["sector"] = "justice";
            }));
        }

        var first = await _coordinator.GetFromJsonAsync<JsonObject>("/v1/experts?county=kainuu&sector=justice&topic=violence.family&area=pohjoinen&size=2");
        var second = await _coordinator.GetFromJsonAsync<JsonObject>($"/v1/experts?county=kainuu&sector=justice&size=2&cursor={first!["next"]}");
        Assert.Multiple(() =>
        {
            Assert.That(IdsOf(first).Concat(IdsOf(second!)), Is.EquivalentTo(ids));
            Assert.That(IdsOf(first), Has.Count.EqualTo(2));
            Assert.That(second!["next"], Is.Null);
        });
        using var nonsense = await _coordinator.GetAsync("/v1/experts?county=atlantis");
        await nonsense.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        using var brokenCursor = await _coordinator.GetAsync("/v1/experts?cursor=x");
        await brokenCursor.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task An_expert_sees_only_their_own_entry()
    {
        var (own, other) = (await Registered(), await Registered());
        using var expert = await _pool.ClientFor($"expert-{own}");
        using var stranger = await _pool.ClientFor("expert-e-17");
        using var theirs = await expert.GetAsync($"/v1/experts/{own}");
        using var others = await expert.GetAsync($"/v1/experts/{other}");
        var list = await expert.GetFromJsonAsync<JsonObject>("/v1/experts");
        var nothing = await stranger.GetFromJsonAsync<JsonObject>("/v1/experts");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        Assert.Multiple(() =>
        {
            Assert.That(theirs.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(IdsOf(list!), Is.EqualTo(new[] { own }));
            Assert.That(IdsOf(nothing!), Is.Empty);
        });
    }

    [Test]
    public async Task Who_may_not_is_told_so()
    {
        using var partner = await _pool.ClientFor("partner-pirkanmaa");
        using var anybody = _pool.CreateClient();
        using var reading = await partner.GetAsync("/v1/experts");
        using var writing = await _coordinator.PostAsJsonAsync("/v1/experts", Body());
        using var unknown = await _integrator.Write($"/v1/experts/{Guid.CreateVersion7()}/availability", null, new JsonObject { ["weeklyHours"] = 2, ["languages"] = new JsonArray("fi") });
        await reading.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
        await writing.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
        await unknown.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        Assert.That((await anybody.GetAsync("/v1/experts")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task The_description_lists_every_path()
    {
        var description = await _pool.CreateClient().GetFromJsonAsync<JsonObject>("/openapi/v1.json");
        Assert.That(description!["paths"]!.AsObject().Select(path => path.Key), Is.EquivalentTo(new[] { "/v1/experts", "/v1/experts/{id}", "/v1/experts/{id}/availability", "/v1/experts/coverage", "/v1/experts/gaps", "/v1/knowledge-holders", "/v1/knowledge-holders/{id}", "/v1/knowledge-holders/{id}/end", "/v1/standing-teams", "/v1/standing-teams/{id}/dissolution" }));
    }

    private static List<Guid> IdsOf(JsonObject page) => [.. page["items"]!.AsArray().Select(item => item!["expertId"]!.GetValue<Guid>())];

    private static JsonObject Body(Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["expertId"] = Guid.CreateVersion7().ToString(),
            ["sector"] = "social",
            ["profession"] = "family-worker",
            ["organisation"] = "pirkanmaa-family-centre",
            ["engagement"] = "besideOwnDuty",
            ["county"] = "pirkanmaa",
            ["unit"] = "partner-pirkanmaa/Hervannan perhekeskus",
            ["topics"] = new JsonArray("violence.family"),
            ["languages"] = new JsonArray("fi"),
            ["channels"] = new JsonArray("phone", "virtual"),
            ["weeklyHours"] = 4,
            ["agreementFrom"] = "2026-01-01",
            ["employerConsents"] = true,
        };
        change?.Invoke(body);
        return body;
    }

    private async Task<Guid> Registered(Action<JsonObject>? change = null)
    {
        using var answer = await _integrator.PostAsJsonAsync("/v1/experts", Body(change));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        return (await answer.Json())["expertId"]!.GetValue<Guid>();
    }
}

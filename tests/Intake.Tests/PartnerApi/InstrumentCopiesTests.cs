using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>A screening instrument that was published reaches the partner's catalogue and the answers to it, over a real bus.</summary>
[TestFixture]
internal sealed class InstrumentCopiesTests
{
    private const string Content = """
        {
          "code": "seula", "version": 1, "trial": false, "fi": "Mittari", "sv": "Mätare", "en": "Instrument",
          "items": [ { "code": "a", "fi": "Eka", "sv": "Första", "en": "First", "weight": 2, "least": 0, "most": 4, "marks": [] } ],
          "levels": [ { "code": "low", "from": 0, "fi": "Matala", "sv": "Låg", "en": "Low" } ]
        }
        """;

    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000f1");

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;

    [SetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("instrument_copies");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
    }

    [TearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task C28_a_published_version_is_in_the_catalogue_under_a_new_tag_and_its_scale_is_checked()
    {
        using var before = await _partner.GetAsync("/v1/catalogue/instruments");
        var first = await before.Json();
        Assert.That(Codes(first), Is.EqualTo(new[] { "demandingness.1" }));
        using var unknown = await Submitted(9);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), "What is not known here is kept.");

        var message = Guid.NewGuid();
        await Publish(1, Content, message);
        await Publish(1, Content, message);
        await Eventually.Holds(async () =>
        {
            using var since = await Again(before.Headers.ETag!);
            Assert.That(since.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(since.Headers.ETag, Is.Not.EqualTo(before.Headers.ETag));
            Assert.That(Codes(await since.Json()), Is.EqualTo(new[] { "demandingness.1", "seula.1" }));
        });
        using var now = await _partner.GetAsync("/v1/catalogue/instruments");
        using var same = await Again(now.Headers.ETag!);
        Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        var list = await now.Json();
        Assert.That(list["version"]!.GetValue<int>(), Is.EqualTo(first["version"]!.GetValue<int>() + 1));
        Assert.That(JsonNode.DeepEquals(list["instruments"]![0], first["instruments"]![0]), Is.True, "What was there is told as before.");
        Assert.That(JsonNode.DeepEquals(list["instruments"]![1], JsonNode.Parse(Content)), Is.True, list["instruments"]![1]!.ToJsonString());

        using var good = await Submitted(4);
        using var beyond = await Submitted(9);
        Assert.That(good.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await beyond.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.screening.answers.a"], Is.Not.Null);
    }

    [Test]
    public async Task What_cannot_be_read_is_noted_and_holds_up_nothing()
    {
        await Publish(1, "{}", Guid.NewGuid());
        await Publish(2, Content, Guid.NewGuid());
        await Publish(1, Content, Guid.NewGuid());
        await Eventually.Holds(async () => Assert.That(Codes((await _partner.GetFromJsonAsync<JsonObject>("/v1/catalogue/instruments"))!), Does.Contain("seula.1")));
        var refused = await _intake.Services.GetRequiredService<StreamStore>().Count<InboxEntry>("where data ->> 'rejection' = ?", CancellationToken.None, Inbox.NotReadable.Code);
        Assert.That(refused, Is.EqualTo(2), "One is no instrument, one says that it is another version.");
    }

    [Test]
    public async Task A_restarted_service_knows_it_before_it_serves()
    {
        await Publish(1, Content, Guid.NewGuid());
        await Eventually.Holds(async () => Assert.That(Codes((await _partner.GetFromJsonAsync<JsonObject>("/v1/catalogue/instruments"))!), Does.Contain("seula.1")));
        await using var again = await ServiceHost<Program>.Start("instrument_copies_again", _intake.Settings);
        using var partner = await again.ClientFor("partner-pirkanmaa");
        Assert.That(Codes((await partner.GetFromJsonAsync<JsonObject>("/v1/catalogue/instruments"))!), Does.Contain("seula.1"));
    }

    private static IEnumerable<string> Codes(JsonObject list) => list["instruments"]!.AsArray().Select(one => $"{one!["code"]}.{one["version"]}");

    private async Task<HttpResponseMessage> Again(EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/catalogue/instruments");
        request.Headers.IfNoneMatch.Add(tag);
        return await _partner.SendAsync(request);
    }

    private Task<HttpResponseMessage> Submitted(int answer) => _partner.Submit(Calls.Sample(body =>
        body["screening"] = new JsonObject { ["instrument"] = "seula", ["version"] = 1, ["answers"] = new JsonObject { ["a"] = answer }, ["participants"] = new JsonArray("teacher") }));

    private Task Publish(int version, string content, Guid message) => _intake.Services.GetRequiredService<IBus>().Publish(
        new InstrumentPublished(Id, "seula", version, content, "operator", "trial", DateTimeOffset.UtcNow),
        context =>
        {
            context.MessageId = message;
            context.Headers.Set("ot-stream-id", Id.ToString());
        });
}

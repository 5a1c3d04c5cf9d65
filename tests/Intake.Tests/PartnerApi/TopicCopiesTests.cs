using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>A topic that is defined or retired while the platform runs is so for the partners, over a real bus.</summary>
[TestFixture]
internal sealed class TopicCopiesTests
{
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000f2");
    private static readonly Topic Gaming = new("gaming.problem", "multidisciplinary", false, "any", [], ["health", "social"], Urgency.Routine, "Pelaaminen", "Spelande", "Gaming", new DateOnly(2026, 1, 1));

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;

    [SetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("topic_copies");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
    }

    [TearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_defined_topic_is_asked_about_and_listed_and_a_retired_one_is_refused_while_its_request_goes_on()
    {
        using var unknown = await Submitted(Gaming.Code);
        Assert.That((await unknown.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.topics[0]"], Is.Not.Null);
        var before = await Listed();

        var message = Guid.NewGuid();
        await Publish(new TopicDefined(Id, Gaming, DateTimeOffset.UtcNow), message);
        await Publish(new TopicDefined(Id, Gaming, DateTimeOffset.UtcNow), message);
        await Eventually.Holds(async () => Assert.That(Codes(await Listed()), Does.Contain(Gaming.Code)));
        using var accepted = await Submitted(Gaming.Code);
        Assert.That(accepted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var listed = await Listed();
        Assert.That(Codes(listed), Is.EqualTo(Codes(before).Append(Gaming.Code)), "The others stay as they were.");
        Assert.That(listed["version"]!.GetValue<int>(), Is.GreaterThan(before["version"]!.GetValue<int>()));
        Assert.That(listed["topics"]!.AsArray()[^1]!["urgency"]!.GetValue<string>(), Is.EqualTo("routine"));

        await Publish(new TopicRetired(Id, Gaming.Code, new DateOnly(2026, 1, 2), DateTimeOffset.UtcNow), Guid.NewGuid());
        await Publish(new TopicRetired(Guid.NewGuid(), "substance.child-or-youth", new DateOnly(2026, 1, 2), DateTimeOffset.UtcNow), Guid.NewGuid());
        await Eventually.Holds(async () =>
        {
            foreach (var code in new[] { Gaming.Code, "substance.child-or-youth" })
            {
                using var refused = await Submitted(code);
                await refused.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
            }
        });
        using var going = await _partner.GetAsync(accepted.Headers.Location);
        Assert.That(going.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        await using var again = await ServiceHost<Program>.Start("topic_copies_again", _intake.Settings);
        using var partner = await again.ClientFor("partner-pirkanmaa");
        using var still = await partner.Submit(Calls.Sample(body => body["topics"] = new JsonArray(Gaming.Code)));
        await still.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(Codes((await partner.GetFromJsonAsync<JsonObject>("/v1/catalogue/topics"))!), Does.Contain(Gaming.Code), "A restarted service knows what was told before it serves.");

        await Publish(new TopicDefined(Id, Gaming, DateTimeOffset.UtcNow), Guid.NewGuid());
        await Eventually.Holds(async () =>
        {
            using var taken = await Submitted(Gaming.Code);
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        });
    }

    private static IReadOnlyList<string> Codes(JsonObject list) => [.. list["topics"]!.AsArray().Select(one => one!["code"]!.GetValue<string>())];

    private async Task<JsonObject> Listed() => (await _partner.GetFromJsonAsync<JsonObject>("/v1/catalogue/topics"))!;

    private Task<HttpResponseMessage> Submitted(string topic) => _partner.Submit(Calls.Sample(body => body["topics"] = new JsonArray(topic)));

    private Task Publish<T>(T told, Guid message)
        where T : class => _intake.Services.GetRequiredService<IBus>().Publish(told, context =>
    {
        context.MessageId = message;
        context.Headers.Set("ot-stream-id", Id.ToString());
    });
}

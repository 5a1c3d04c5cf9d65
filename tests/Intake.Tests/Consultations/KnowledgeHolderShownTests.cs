using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Triage;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What a requester sees who is pointed to a holder of knowledge, on the real store and bus.</summary>
[TestFixture]
internal sealed class KnowledgeHolderShownTests
{
    private const string Contact = "neuvonta@tieto.example";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_holders");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R1_who_is_pointed_to_a_holder_of_knowledge_sees_it_by_name_and_has_it_as_the_answer()
    {
        var holder = await Registered();
        var id = await PointedTo(holder, body => body["language"] = "sv");
        var pointed = await Shown(id);
        using var reached = await _partner.Write($"/v1/consultations/{id}/confirmation", await Tag(id));
        var answered = await reached.Json();
        using var confirmed = await _partner.Write($"/v1/consultations/{id}/confirmation", reached.Headers.ETag!.Tag);
        var closed = await confirmed.Json();
        Assert.Multiple(() =>
        {
            Assert.That(pointed["status"]!.GetValue<string>(), Is.EqualTo("pointedToKnowledgeHolder"));
            Assert.That(Told(pointed["knowledgeHolder"]), Is.EqualTo(("Kunskapsenheten", Contact, "FI")));
            Assert.That(pointed["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo($"En namngiven kunskapsinnehavare har utpekats. Kunskapsenheten: {Contact}"));
            Assert.That(pointed["answer"], Is.Null, "Not reached yet.");
            foreach (var later in new[] { answered, closed })
            {
                Assert.That(Told(later["answer"]!["knowledgeHolder"]), Is.EqualTo(("Kunskapsenheten", Contact, "FI")));
                Assert.That(later["answer"]!["text"]!.GetValue<string>(), Does.EndWith($"Kunskapsenheten: {Contact}"));
                Assert.That(later["answer"]!["by"]!.GetValue<string>(), Is.EqualTo("coordinator"));
            }

            Assert.That((answered["status"]!.GetValue<string>(), closed["status"]!.GetValue<string>()), Is.EqualTo(("answered", "closed")));
        });
    }

    [Test]
    public async Task Over_grpc_it_is_the_same()
    {
        var id = await PointedTo(await Registered());
        await Shown(id);
        using var channel = _intake.OpenChannel();
        var read = await new Protos.Intake.V1.Consultations.ConsultationsClient(channel).GetAsync(new GetConsultationRequest { Id = id.ToString() }, await _intake.TokenOf("partner-pirkanmaa"));
        Assert.That((read.KnowledgeHolder.Name, read.KnowledgeHolder.Contact, read.KnowledgeHolder.Country), Is.EqualTo(("Tietoyksikkö", Contact, "FI")));
    }

    [Test]
    public async Task A_new_address_reaches_who_was_pointed_to_it_before_and_an_end_takes_it_from_nobody()
    {
        var holder = await Registered();
        var id = await PointedTo(holder);
        await Shown(id);
        await Publish(holder, Holder(holder) with { Contact = "+358 9 123 456" });
        await Eventually.Holds(async () => Assert.That(Told((await Read(id))["knowledgeHolder"]).Contact, Is.EqualTo("+358 9 123 456")));
        await Publish(holder, new KnowledgeHolderEnded(holder, "closed-down", DateTimeOffset.UtcNow));
        await Publish(Guid.CreateVersion7(), Holder(Guid.CreateVersion7()));
        await Eventually.Holds(async () => Assert.That((await Copy(holder))!.EndedAt, Is.Not.Null));
        Assert.That(Told((await Read(id))["knowledgeHolder"]).Contact, Is.EqualTo("+358 9 123 456"));
    }

    [Test]
    public async Task A_registration_that_comes_after_the_decision_is_shown_from_then_on()
    {
        var holder = Guid.CreateVersion7();
        var id = await PointedTo(holder);
        var before = await Read(id);
        await Publish(holder, Holder(holder));
        var after = await Shown(id);
        Assert.Multiple(() =>
        {
            Assert.That((before["status"]!.GetValue<string>(), before["knowledgeHolder"]), Is.EqualTo(("pointedToKnowledgeHolder", (JsonNode?)null)));
            Assert.That(Told(after["knowledgeHolder"]).Name, Is.EqualTo("Tietoyksikkö"));
        });
    }

    [Test]
    public async Task Another_route_or_an_objection_shows_no_holder_any_more_but_the_timeline_still_tells()
    {
        var id = await PointedTo(await Registered());
        await Shown(id);
        using var objected = await _partner.Write($"/v1/consultations/{id}/objection", await Tag(id));
        var awaited = await objected.Json();
        Assert.That((awaited["status"]!.GetValue<string>(), awaited["knowledgeHolder"], awaited["answer"]), Is.EqualTo(("inTriage", (JsonNode?)null, (JsonNode?)null)));
        Assert.That(awaited["timeline"]!.ToJsonString(), Does.Contain(Contact));
    }

    [Test]
    public async Task R8_after_an_erasure_nothing_tells_who_knew_of_the_matter()
    {
        var id = await PointedTo(await Registered());
        await Shown(id);
        using var erased = await _partner.Write($"/v1/consultations/{id}/erasure", await Tag(id));
        erased.EnsureSuccessStatusCode();
        var left = await Read(id);
        Assert.That(left["erased"], Is.Not.Null);
        Assert.That(left.ToJsonString(), Does.Not.Contain(Contact).And.Not.Contain("Tietoyksikkö"));
    }

    [Test]
    public async Task A_decision_from_before_holders_were_named_is_shown_without_one()
    {
        var id = await _others.Routed(_partner, Route.KnowledgeHolder);
        var shown = await Read(id);
        using var reached = await _partner.Write($"/v1/consultations/{id}/confirmation", await Tag(id));
        Assert.That((shown["knowledgeHolder"], (await reached.Json())["answer"]), Is.EqualTo(((JsonNode?)null, (JsonNode?)null)));
    }

    [Test]
    public async Task A_request_that_is_linked_later_sees_the_same_holder()
    {
        var holder = await Registered();
        var lead = await PointedTo(holder);
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await _others.Opened(id);
        await _others.LinkedTo(id, lead);
        Assert.That(Told((await Shown(id))["knowledgeHolder"]).Contact, Is.EqualTo(Contact));
    }

    private static (string Name, string Contact, string Country) Told(JsonNode? holder) => (holder!["name"]!.GetValue<string>(), holder["contact"]!.GetValue<string>(), holder["country"]!.GetValue<string>());

    private static KnowledgeHolderRegistered Holder(Guid id) => new(id, new Label("Tietoyksikkö", "Kunskapsenheten", "Knowledge unit"), "FI", ["adoption"], ["fi"], Contact, new DateOnly(2099, 12, 31), DateTimeOffset.UtcNow);

    private async Task<Guid> Registered()
    {
        var id = Guid.CreateVersion7();
        await Publish(id, Holder(id));
        await Eventually.Holds(async () => Assert.That(await Copy(id), Is.Not.Null));
        return id;
    }

    private async Task<Guid> PointedTo(Guid holder, Action<JsonObject>? change = null)
    {
        using var submitted = await _partner.Submit(Calls.Sample(change));
        submitted.EnsureSuccessStatusCode();
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await _others.Opened(id);
        var now = DateTimeOffset.UtcNow;
        await _others.Triage(id, new RouteDecided(
            id, id, "sisa", Route.KnowledgeHolder, [], [], false, false, ["social"], "default.1", "coordinator-sisa", "other", now, now.AddDays(3), null, holder));
        await Eventually.Holds(async () => Assert.That((await Read(id))["route"], Is.Not.Null));
        return id;
    }

    private async Task<JsonObject> Shown(Guid id)
    {
        await Eventually.Holds(async () => Assert.That((await Read(id))["knowledgeHolder"], Is.Not.Null));
        return await Read(id);
    }

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

    private async Task<string> Tag(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        return read.Headers.ETag!.Tag;
    }

    private Task<KnowledgeHolderCopy?> Copy(Guid id) => _intake.Services.GetRequiredService<Platform.Streams.StreamStore>().Load<KnowledgeHolderCopy>(id, CancellationToken.None);

    private Task Publish<T>(Guid stream, T message)
        where T : class =>
        _intake.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-stream-id", stream.ToString());
        });
}

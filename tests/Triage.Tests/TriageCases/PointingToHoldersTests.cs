using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;
using static OtPlatform.Triage.Tests.TriageCases.Cases;
using Domain = OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>The route knowledgeHolder with the copies of the pool's holders, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class PointingToHoldersTests
{
    private const string Topic = "substance.child-or-youth";

    private ServiceHost<Program> _triage = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;
    private HttpClient _rest = null!;
    private Metadata _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_holders");
        _channel = _triage.OpenChannel();
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        _rest = await _triage.ClientFor("coordinator-sisa");
        _coordinator = await _triage.TokenOf("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _rest.Dispose();
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task R1_only_a_holder_that_triage_knows_and_that_is_in_force_is_pointed_to()
    {
        var (known, ended, past) = (await Registered(Topic), await Registered(Topic), await Registered(Topic, DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1)));
        await Publish(new KnowledgeHolderEnded(ended, "closed-down", DateTimeOffset.UtcNow), ended);
        await Eventually.Holds(async () => Assert.That((await Copy(ended))!.EndedAt, Is.Not.Null));
        var id = await Opened();

        var offered = (await Get(id)).KnowledgeHolders.Select(holder => holder.Id).ToList();
        Assert.That(offered, Does.Contain(known.ToString()).And.Not.Contain(ended.ToString()).And.Not.Contain(past.ToString()));
        Calls.Refused(() => Decide(id, "knowledgeHolder"), StatusCode.FailedPrecondition, "triage.knowledge-holder-required");
        Calls.Refused(() => Decide(id, "knowledgeHolder", ended), StatusCode.FailedPrecondition, "triage.knowledge-holder-unknown");
        Calls.Refused(() => Decide(id, "knowledgeHolder", past), StatusCode.FailedPrecondition, "triage.knowledge-holder-unknown");
        Calls.Refused(() => Decide(id, "knowledgeHolder", Guid.NewGuid()), StatusCode.FailedPrecondition, "triage.knowledge-holder-unknown");
        Calls.Refused(() => Decide(id, "hybridTeam", known), StatusCode.FailedPrecondition, "triage.knowledge-holder-not-asked");
        Calls.Refused(async () => await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = "knowledgeHolder", KnowledgeHolderId = "x" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");

        var decided = await Decide(id, "knowledgeHolder", known);
        var again = await Decide(id, "knowledgeHolder", known);
        var other = await Registered("adoption");
        var changed = await Decide(id, "knowledgeHolder", other);
        Assert.Multiple(() =>
        {
            Assert.That((decided.Status, decided.Route, decided.KnowledgeHolderId), Is.EqualTo(("routeDecided", "knowledgeHolder", known.ToString())));
            Assert.That(again.Version, Is.EqualTo(decided.Version));
            Assert.That(changed.KnowledgeHolderId, Is.EqualTo(other.ToString()));
        });
    }

    [Test]
    public async Task Over_rest_the_rules_are_the_same_and_what_is_missing_is_said_in_the_callers_language()
    {
        var known = await Registered(Topic);
        var id = await Opened();
        using var read = await _rest.GetAsync($"/v1/cases/{id}");
        using var inSwedish = new HttpRequestMessage(HttpMethod.Post, $"/v1/cases/{id}/route") { Content = System.Net.Http.Json.JsonContent.Create(Body(null)) };
        inSwedish.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag);
        inSwedish.Headers.TryAddWithoutValidation("Accept-Language", "sv");
        using var without = await _rest.SendAsync(inSwedish);
        using var decided = await _rest.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, Body(known));
        var problem = await without.ShowsProblem(HttpStatusCode.Conflict, "triage.knowledge-holder-required");
        Assert.Multiple(async () =>
        {
            Assert.That(problem["detail"]!.GetValue<string>(), Is.EqualTo("Kunskapsinnehavaren måste anges: dess id saknas."));
            Assert.That((await decided.Json())["knowledgeHolder"]!.GetValue<Guid>(), Is.EqualTo(known));
        });
    }

    [Test]
    public async Task Who_knows_of_the_matters_topics_is_offered_first()
    {
        var (other, fitting) = (await Registered("adoption"), await Registered(Topic));
        var offered = (await Get(await Opened())).KnowledgeHolders.Select(holder => holder.Id).ToList();
        Assert.That(offered.IndexOf(fitting.ToString()), Is.LessThan(offered.IndexOf(other.ToString())).And.Not.Negative);
    }

    [Test]
    public async Task A_registration_that_is_told_twice_is_kept_once_and_a_later_one_takes_its_place()
    {
        var (id, message) = (Guid.CreateVersion7(), Guid.NewGuid());
        var first = Holder(id, Topic, new DateOnly(2099, 12, 31));
        await Publish(first, id, message);
        await Eventually.Holds(async () => Assert.That(await Copy(id), Is.Not.Null));
        await Publish(first with { Contact = "+358 9 123 456" }, id);
        await Eventually.Holds(async () => Assert.That((await Copy(id))!.Contact, Is.EqualTo("+358 9 123 456")));
        await Publish(first, id, message);
        await Publish(new KnowledgeHolderEnded(id, "closed-down", DateTimeOffset.UtcNow), id);
        await Eventually.Holds(async () => Assert.That((await Copy(id))!.EndedAt, Is.Not.Null));
        var done = await _triage.Services.GetRequiredService<StreamStore>().Count<InboxEntry>("where data ->> 'streamId' = ?", CancellationToken.None, id.ToString());
        Assert.That(((await Copy(id))!.Contact, done), Is.EqualTo(("+358 9 123 456", 3L)), "The first word came twice, and was done once.");
    }

    [Test]
    public void A_linked_request_that_goes_on_by_itself_keeps_whom_it_was_pointed_to()
    {
        var holder = Guid.CreateVersion7();
        var lead = Guid.CreateVersion7();
        var decided = new Domain.RouteDecided(lead, "sisa", Route.KnowledgeHolder, [], [], false, false, [], "default.1", "coordinator-sisa", "other", Now, Now.AddDays(5), null, holder);
        var carrying = Domain.TriageCase.Aggregate.Fold([.. Cases.Opened(Complex), decided]);
        Domain.TriageEvent[] past = [.. Cases.Opened(Complex), new Domain.CaseLinked(CaseId, "sisa", lead, "coordinator-sisa", "sameMatter", Now)];
        var events = Case.Given(past).When(Domain.LeaveMatter.Decide, new Domain.LeaveMatter.Command("platform", "withdrawn", false, carrying, [], _ => Cases.Policy, Now)).ThenEvents(typeof(Domain.CaseUnlinked), typeof(Domain.CaseAssessed));
        var state = Domain.TriageCase.Aggregate.Fold([.. past, .. events]);
        Assert.That((state.Route, state.KnowledgeHolder), Is.EqualTo(((Route?)Route.KnowledgeHolder, (Guid?)holder)));
    }

    private static JsonObject Body(Guid? holder) => new() { ["route"] = "knowledgeHolder", ["reasonCode"] = "other", ["knowledgeHolderId"] = holder?.ToString() };

    private static KnowledgeHolderRegistered Holder(Guid id, string topic, DateOnly until) =>
        new(id, new Label("Tietoyksikkö", "Kunskapsenheten", "Knowledge unit"), "FI", [topic], ["fi"], "neuvonta@tieto.example", until, DateTimeOffset.UtcNow);

    private async Task<Guid> Registered(string topic, DateOnly? until = null)
    {
        var id = Guid.CreateVersion7();
        await Publish(Holder(id, topic, until ?? new DateOnly(2099, 12, 31)), id);
        await Eventually.Holds(async () => Assert.That(await Copy(id), Is.Not.Null));
        return id;
    }

    private Task<KnowledgeHolderCopy?> Copy(Guid id) => _triage.Services.GetRequiredService<StreamStore>().Load<KnowledgeHolderCopy>(id, CancellationToken.None);

    private async Task<TriageCase> Get(Guid id) => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _coordinator);

    private async Task<TriageCase> Decide(Guid id, string route, Guid? holder = null) =>
        await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = route, ReasonCode = "other", KnowledgeHolderId = holder?.ToString() ?? string.Empty }, _coordinator);

    private async Task<Guid> Opened()
    {
        var id = Guid.CreateVersion7();
        await Publish(
            new ConsultationSubmitted(
                id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15", [Topic], ["unclear", "changing-fast"], ["school"], [],
                "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>()),
            id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).Id, Is.EqualTo(id.ToString())));
        return id;
    }

    private Task Publish<T>(T message, Guid stream, Guid? messageId = null)
        where T : class =>
        _triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId ?? Guid.NewGuid();
            context.Headers.Set("ot-stream-id", stream.ToString());
        });
}

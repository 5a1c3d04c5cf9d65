using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;
using Instrument = OtPlatform.Protos.Triage.V1.Instrument;

namespace OtPlatform.Triage.Tests.InstrumentVersions;

/// <summary>otplatform.triage.v1.Instruments against a real store and a real broker.</summary>
[TestFixture]
internal sealed class InstrumentsOverGrpcTests
{
    private ServiceHost<Program> _triage = null!;
    private GrpcChannel _channel = null!;
    private Instruments.InstrumentsClient _instruments = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;
    private Metadata _editor = null!;
    private Metadata _coordinator = null!;

    [SetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_instruments");
        _channel = _triage.OpenChannel();
        _instruments = new Instruments.InstrumentsClient(_channel);
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        _editor = await _triage.TokenOf("operator");
        _coordinator = await _triage.TokenOf("coordinator-sisa");
    }

    [TearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task The_shipped_draft_is_there_and_says_that_it_is_on_trial()
    {
        var all = await _instruments.ListAsync(new ListInstrumentsRequest(), _coordinator);
        var shipped = await _instruments.GetAsync(new GetInstrumentRequest { Code = "demandingness" }, _coordinator);
        Assert.Multiple(() =>
        {
            Assert.That(all.Instruments.Select(one => one.Code), Is.EqualTo(new[] { "demandingness" }));
            Assert.That(shipped.Versions.Select(version => (version.Version, version.Trial, version.PublishedBy)), Is.EqualTo(new[] { (1, true, "platform") }));
            Assert.That(JsonNode.Parse(shipped.DocumentJson)!["items"]!.AsArray(), Has.Count.EqualTo(Repository.Catalogue.Instrument("demandingness", 1)!.Items.Count));
        });
    }

    [Test]
    public async Task C28_an_instrument_of_somebody_elses_is_brought_in_without_code_and_is_weighed()
    {
        var published = await Publish("seula", InstrumentRulesTests.Document());
        Assert.That((published.DocumentVersion, published.Draft, published.Versions.Single().PublishedBy), Is.EqualTo((1, (InstrumentDraft?)null, "operator")));

        var filled = await Opened(new ScreeningAnswers("seula", 1, new Dictionary<string, int> { ["a"] = 4, ["b"] = 0 }, ["family-worker", "teacher"]));
        var why = (await _cases.ExplainAsync(new GetCaseRequest { Id = filled.Id, Language = "sv" }, _coordinator)).Assessments[^1];
        Assert.Multiple(() =>
        {
            Assert.That(why.LeftOut, Is.Empty);
            Assert.That(why.Facts.Single(fact => fact.Fact == "marks").Values, Does.Contain("diverse"), "Implied by the answer.");
            Assert.That(why.Text.Single(part => part.Section == "screening").Sentences, Has.Some.Contain("Prövad mätare").And.Some.Contain("Hög"));
        });
    }

    [Test]
    public async Task A_new_version_leaves_earlier_answers_as_they_were_read()
    {
        await Publish("seula", InstrumentRulesTests.Document());
        var before = await Opened(new ScreeningAnswers("seula", 1, new Dictionary<string, int> { ["a"] = 2, ["b"] = 1 }, []));
        await Publish("seula", InstrumentRulesTests.Document(document => document["levels"]![1]!["from"] = 2));
        var old = await Opened(new ScreeningAnswers("seula", 1, new Dictionary<string, int> { ["a"] = 2, ["b"] = 1 }, []));
        var renewed = await Opened(new ScreeningAnswers("seula", 2, new Dictionary<string, int> { ["a"] = 2, ["b"] = 1 }, []));
        var first = await _instruments.GetAsync(new GetInstrumentRequest { Code = "seula", Version = 1 }, _coordinator);
        Assert.Multiple(async () =>
        {
            Assert.That(await Level(before), Does.Contain("Matala"));
            Assert.That(await Level(old), Does.Contain("Matala"), "What version 1 says does not change.");
            Assert.That(await Level(renewed), Does.Contain("Korkea"));
            Assert.That(JsonNode.Parse(first.DocumentJson)!["levels"]![1]!["from"]!.GetValue<int>(), Is.EqualTo(6));
            Assert.That(first.Versions.Select(version => version.Version), Is.EqualTo(new[] { 1, 2 }));
        });
    }

    [Test]
    public async Task Another_replica_knows_it_within_seconds_and_a_restarted_one_at_once()
    {
        await using var other = await ServiceHost<Program>.Start("triage_instruments_too", _triage.Settings);
        await Publish("seula", InstrumentRulesTests.Document());
        await Eventually.Holds(() => Assert.That(other.Services.GetRequiredService<Catalogue>().Instrument("seula", 1), Is.Not.Null));
        await using var later = await ServiceHost<Program>.Start("triage_instruments_later", _triage.Settings);
        Assert.That(later.Services.GetRequiredService<Catalogue>().Instrument("seula", 1), Is.Not.Null);
    }

    [Test]
    public async Task Past_answers_are_tried_with_a_draft_and_nothing_changes()
    {
        await Publish("seula", InstrumentRulesTests.Document());
        var changed = await Opened(new ScreeningAnswers("seula", 1, new Dictionary<string, int> { ["a"] = 2 }, []), "unclear");
        await Opened(new ScreeningAnswers("seula", 1, new Dictionary<string, int> { ["a"] = 1 }, []), "unclear");
        await Opened(null, "unclear");
        var sooner = InstrumentRulesTests.Document(document => document["items"]![0]!["marks"]![0]!["from"] = 2);
        var same = await WhatIf("seula", InstrumentRulesTests.Document());
        var tried = await WhatIf("seula", sooner);
        Assert.Multiple(async () =>
        {
            Assert.That((same.Cases, same.Done, same.Changed, same.Finished), Is.EqualTo((3L, 3L, 0L, true)), "The same version changes nothing.");
            Assert.That((tried.Cases, tried.Changed, tried.Finished), Is.EqualTo((3L, 1L, true)));
            Assert.That(tried.Changes.Select(change => (change.Area, change.To, change.Cases)), Is.EqualTo(new[] { ("sisa", "hybridTeam", 1L) }));
            Assert.That((await _cases.GetAsync(new GetCaseRequest { Id = changed.Id }, _coordinator)).Version, Is.EqualTo(changed.Version));
            Assert.That((await _instruments.GetAsync(new GetInstrumentRequest { Code = "seula" }, _coordinator)).Versions, Has.Count.EqualTo(1));
        });
        Calls.Refused(async () => await WhatIf("seula", "{}"), StatusCode.FailedPrecondition, "triage.instrument-faulty");
    }

    [Test]
    public async Task Only_an_editor_of_no_area_changes_them_and_bad_input_is_named()
    {
        var leader = await _triage.TokenOf("leadership-sisa");
        var partner = await _triage.TokenOf("partner-pirkanmaa");
        var document = InstrumentRulesTests.Document();
        StatusCode Of(Action call) => Assert.Throws<RpcException>(() => call())!.StatusCode;
        Assert.Multiple(() =>
        {
            Assert.That(Of(() => _instruments.Draft(new DraftInstrumentRequest { Code = "seula", DocumentJson = document, ReasonCode = "trial" }, leader)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Of(() => _instruments.Draft(new DraftInstrumentRequest { Code = "seula", DocumentJson = document, ReasonCode = "trial" }, _coordinator)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Of(() => _instruments.List(new ListInstrumentsRequest(), partner)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Of(() => _instruments.Get(new GetInstrumentRequest { Code = "nobody" }, _coordinator)), Is.EqualTo(StatusCode.NotFound));
            Assert.That(Of(() => _instruments.Get(new GetInstrumentRequest { Code = "two words" }, _coordinator)), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(Of(() => _instruments.Get(new GetInstrumentRequest { Code = "demandingness", Version = 9 }, _coordinator)), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(Of(() => _instruments.Draft(new DraftInstrumentRequest { Code = "seula", DocumentJson = "{", ReasonCode = "trial" }, _editor)), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(Of(() => _instruments.Draft(new DraftInstrumentRequest { Code = "seula", DocumentJson = document, ReasonCode = "because" }, _editor)), Is.EqualTo(StatusCode.FailedPrecondition));
            Assert.That(Of(() => _instruments.Validate(new ValidateInstrumentRequest { Code = "seula" }, _editor)), Is.EqualTo(StatusCode.FailedPrecondition));
            Assert.That(_instruments.Validate(new ValidateInstrumentRequest { Code = "seula", DocumentJson = "{}" }, _editor).Faults, Is.Not.Empty);
            Assert.That(_instruments.Validate(new ValidateInstrumentRequest { Code = "seula", DocumentJson = document }, _editor).Faults, Is.Empty);
        });

        var draft = (await _instruments.DraftAsync(new DraftInstrumentRequest { Code = "seula", DocumentJson = document, ReasonCode = "trial" }, _editor)).Draft;
        Calls.Refused(async () => await _instruments.PublishAsync(new PublishInstrumentRequest { Code = "seula", DraftId = draft.Id, ExpectedVersion = 7 }, _editor), StatusCode.Aborted, "platform.stale-version");
        Calls.Refused(async () => await _instruments.PublishAsync(new PublishInstrumentRequest { Code = "seula", DraftId = Guid.NewGuid().ToString() }, _editor), StatusCode.FailedPrecondition, "triage.instrument-draft-replaced");
        Assert.That((await _instruments.GetAsync(new GetInstrumentRequest { Code = "seula" }, _coordinator)).Draft.Id, Is.EqualTo(draft.Id), "A draft alone is shown too.");
    }

    private async Task<string> Level(TriageCase one) => string.Join(' ', (await _cases.ExplainAsync(new GetCaseRequest { Id = one.Id, Language = "fi" }, _coordinator)).Assessments[^1].Text.Single(part => part.Section == "screening").Sentences);

    private async Task<Instrument> Publish(string code, string document)
    {
        var drafted = await _instruments.DraftAsync(new DraftInstrumentRequest { Code = code, DocumentJson = document, ReasonCode = "trial" }, _editor);
        return await _instruments.PublishAsync(new PublishInstrumentRequest { Code = code, DraftId = drafted.Draft.Id, ExpectedVersion = drafted.Version }, _editor);
    }

    private async Task<WhatIfProgress> WhatIf(string code, string document)
    {
        using var call = _instruments.WhatIf(new WhatIfInstrumentRequest { Code = code, DocumentJson = document }, _editor);
        WhatIfProgress? last = null;
        await foreach (var progress in call.ResponseStream.ReadAllAsync())
        {
            last = progress;
        }

        return last!;
    }

    private async Task<TriageCase> Opened(ScreeningAnswers? screening, params string[] marks)
    {
        var id = Guid.CreateVersion7();
        await _triage.Services.GetRequiredService<IBus>().Publish(
            new ConsultationSubmitted(
                id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Town", "fi", "13-15", ["violence.family"], marks, ["school"], [],
                "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, screening, null, new Dictionary<string, Guid>()),
            context =>
            {
                context.MessageId = Guid.NewGuid();
                context.Headers.Set("ot-stream-id", id.ToString());
            });
        TriageCase? opened = null;
        await Eventually.Holds(async () => Assert.That(opened = await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _coordinator), Is.Not.Null));
        return opened!;
    }
}

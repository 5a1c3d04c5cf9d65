using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>Screening instruments at the console: versions, a draft as JSON, what it would have changed, and publishing.</summary>
[TestFixture]
internal sealed class InstrumentPagesTests
{
    private const string DraftId = "0195d2c0-0000-7000-8000-000000000002";
    private static readonly string Newest = Repository.Catalogue.Instrument("demandingness", 1)!.Document();

    private RunningConsole _console = null!;
    private Browser _coordinator = null!;
    private Browser _leader = null!;
    private Browser _operator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_instruments");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        _leader = await _console.Browser().SignedIn("leadership-sisa");
        _operator = await _console.Browser().SignedIn("operator");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _leader.Dispose();
        _operator.Dispose();
        await _console.DisposeAsync();
    }

    [SetUp]
    public void Known()
    {
        _console.Owners.Answer<ListInstrumentsRequest>(string.Empty, _ => new ListInstrumentsResponse { Instruments = { Instrument(null) } });
        _console.Owners.Answer<GetInstrumentRequest>("demandingness", _ => Instrument(null));
    }

    [Test]
    public async Task The_instruments_are_listed_and_one_is_shown_with_its_items_marks_and_levels()
    {
        var list = await _coordinator.Get("/instruments");
        var page = await _coordinator.Get("/instruments/demandingness");
        var english = await Language("en", "/instruments/demandingness");
        Assert.Multiple(() =>
        {
            Assert.That((list.Count("instrument-row"), list.Count("form-new")), Is.EqualTo((1, 0)));
            Assert.That(page.Text, Does.Contain("Asian vaativuus").And.Contain("Arjen turvallisuutta"));
            Assert.That(page.Count("item"), Is.EqualTo(Repository.Catalogue.Instrument("demandingness", 1)!.Items.Count));
            Assert.That(page.Shown("item")[0], Does.Contain("0–3").And.Contain("monimuotoinen alkaen 3"));
            Assert.That(page.Count("level"), Is.EqualTo(Repository.Catalogue.Instrument("demandingness", 1)!.Levels.Count));
            Assert.That(page.Count("edit"), Is.Zero);
            Assert.That(english.Text, Does.Contain("How demanding the matter is"));
        });
    }

    [Test]
    public async Task Only_an_editor_of_no_area_writes_an_instrument()
    {
        Assert.That(((await _leader.Get("/instruments/demandingness")).Count("edit"), (await _operator.Get("/instruments/demandingness")).Count("edit")), Is.EqualTo((0, 1)));
        Assert.That((await _leader.Get("/instruments/demandingness/what-if")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _coordinator.Get("/instruments/unheard-of")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_draft_is_checked_by_path_saved_with_a_reason_and_kept_when_it_is_no_JSON()
    {
        _console.Owners.Answer<ValidateInstrumentRequest>("demandingness", _ => new PolicyFaults { Faults = { new PolicyFault { Path = "$.items[0].most", Message = "Has to be more than least." } } });
        _console.Owners.Answer<DraftInstrumentRequest>("demandingness", _ => Instrument(null));
        var page = await _operator.Get("/instruments/demandingness");
        var broken = await _operator.Send(page, "/instruments/demandingness/draft", ("document", "{ not json"), ("reason", "trial"));
        var faulty = await _operator.Send(page, "/instruments/demandingness/check", ("document", """{ "items": [] }"""));
        var saved = await _operator.Send(page, "/instruments/demandingness/draft", ("document", """{ "items": [] }"""), ("reason", "trial"));
        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain("&quot;q1&quot;"), "The newest version is what an editor begins with.");
            Assert.That(broken.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(broken.Text, Does.Contain("{ not json"));
            Assert.That(faulty.Text, Does.Contain("data-path=\"$.items[0].most\""));
            Assert.That(faulty.Shown("fault").Single(), Does.Contain("Arvon on oltava yli kohdan least."));
            Assert.That(saved.Location, Is.EqualTo("/instruments/demandingness?done=instrument-draft"));
            Assert.That(Asked<DraftInstrumentRequest>().Single(), Is.EqualTo(new DraftInstrumentRequest { Code = "demandingness", DocumentJson = """{ "items": [] }""", ReasonCode = "trial", ExpectedVersion = 2 }));
        });
    }

    [Test]
    public async Task A_new_instrument_begins_with_a_draft()
    {
        _console.Owners.Answer<GetPolicyRequest>("default", _ => new Policy { Code = "default", ReasonCodes = { "trial" } });
        _console.Owners.Answer<DraftInstrumentRequest>("strengths", _ => new Instrument { Code = "strengths" });
        var chosen = await _operator.Get("/instruments?code=strengths");
        var page = await _operator.Get(chosen.Location!);
        var saved = await _operator.Send(page, "/instruments/strengths/draft", ("document", Newest), ("reason", "trial"));
        Assert.That((page.Status, page.Count("item"), saved.Location), Is.EqualTo((HttpStatusCode.OK, 0, "/instruments/strengths?done=instrument-draft")));
    }

    [Test]
    public async Task A_draft_without_faults_is_tried_out_and_published()
    {
        _console.Owners.Answer<GetInstrumentRequest>("demandingness", _ => Instrument(Newest));
        _console.Owners.Answer<ValidateInstrumentRequest>("demandingness", _ => new PolicyFaults());
        _console.Owners.Answer<WhatIfInstrumentRequest>("demandingness", _ => new[] { new WhatIfProgress { Cases = 3, Done = 3, Finished = true } }.ToAsyncEnumerable());
        _console.Owners.Refuse<PublishInstrumentRequest>("demandingness", StatusCode.FailedPrecondition, "triage.instrument-draft-replaced");
        var page = await _operator.Get("/instruments/demandingness");
        var whatIf = await _operator.Get("/instruments/demandingness/what-if?whole=true");
        var refused = await _operator.Send(page, "/instruments/demandingness/publication");
        _console.Owners.Answer<PublishInstrumentRequest>("demandingness", _ => Instrument(null));
        var published = await _operator.Send(refused, "/instruments/demandingness/publication");
        Assert.Multiple(() =>
        {
            Assert.That(page.Count("what-if-link"), Is.EqualTo(1));
            Assert.That(whatIf.Shown("what-if-same"), Is.EqualTo(new[] { "Minkään tapauksen suositus ei muuttuisi." }));
            Assert.That(refused.Shown("refusal").Single(), Does.StartWith("Joku on kirjoittanut uuden luonnoksen"));
            Assert.That(published.Location, Is.EqualTo("/instruments/demandingness?done=instrument-publication"));
            Assert.That(Asked<PublishInstrumentRequest>()[^1], Is.EqualTo(new PublishInstrumentRequest { Code = "demandingness", DraftId = DraftId, ExpectedVersion = 2 }));
        });
    }

    private static Instrument Instrument(string? draft) => new()
    {
        Code = "demandingness",
        DocumentJson = Newest,
        DocumentVersion = 1,
        Version = 2,
        ReasonCodes = { "trial" },
        Versions = { new InstrumentVersion { Version = 1, Trial = true, PublishedBy = "platform", ReasonCode = "shipped" } },
        Draft = draft is null ? null : new InstrumentDraft { Id = DraftId, DocumentJson = draft, DraftedBy = "operator", ReasonCode = "trial", DraftedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) },
    };

    private async Task<Page> Language(string language, string address)
    {
        using var other = await _console.Browser().SignedIn("coordinator-sisa");
        await other.Send(await other.Get(address), "/language", ("language", language));
        return await other.Get(address);
    }

    private IReadOnlyList<T> Asked<T>() => [.. _console.Owners.Calls.Select(call => call.Request).OfType<T>()];
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>From a decided route to an answer and what the requester says to it, over the partner API.</summary>
[TestFixture]
internal sealed class AnsweredApiTests
{
    private const string Words = "Ottakaa yhteys perheneuvolaan ja sopikaa yhteinen tapaaminen.";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_answer");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R4_a_working_team_is_shown_beside_the_own_worker()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam, body => body["responsibleWorker"] = new JsonObject { ["role"] = "own-worker", ["unit"] = "A unit", ["ref"] = "w-7" });
        await _others.Activated(id);
        await Status(id, "teamWorking");
        var read = await Read(id);
        Assert.Multiple(() =>
        {
            Assert.That(read["responsible"]!.ToJsonString(), Is.EqualTo(new JsonObject { ["kind"] = "responsibleWorker", ["name"] = "Asiakkaan omatyöntekijä", ["contact"] = "w-7" }.ToJsonString()));
            Assert.That(read["team"]!["members"]!.AsArray().Select(member => member!["role"]!.GetValue<string>()), Is.EqualTo(new[] { "responsibleWorker", "expert" }));
            Assert.That(read["team"]!["members"]![1]!.AsObject().Select(field => field.Key), Is.EqualTo(new[] { "role", "sector", "organisation", "profession", "channel", "from", "to" }));
            Assert.That(read["team"]!["networkCoordinator"]!.GetValue<bool>(), Is.True);
            Assert.That(read["team"]!["plan"], Is.Null);
            Assert.That(read["dueBy"], Is.Not.Null);
        });
    }

    [Test]
    public async Task An_arranged_consultation_names_the_expert_by_role_and_the_coordinators_as_contact()
    {
        var id = await _others.Routed(_partner, Route.ExpertConsultation, body => body["language"] = "sv");
        Assert.That((await Read(id))["status"]!.GetValue<string>(), Is.EqualTo("inTriage"), "Until somebody is there.");
        await _others.Arranged(id);
        await Status(id, "consultationArranged");
        var read = await Read(id);
        Assert.That(
            (read["responsible"]!["kind"]!.GetValue<string>(), read["responsible"]!["name"]!.GetValue<string>(), read["responsible"]!["contact"]!.GetValue<string>()),
            Is.EqualTo(("expert", "Konsulterande expert", "ot-koordinaatio@sisa.example")));
    }

    [Test]
    public async Task R8_an_answer_is_read_from_the_vault_and_written_down_as_the_requesters_own_reading()
    {
        var id = await Answered();
        var read = await Read(id);
        using var listed = await _partner.GetAsync("/v1/consultations?status=answered");
        var item = (await listed.Json())["items"]!.AsArray().Single(item => item!["id"]!.GetValue<Guid>() == id)!;
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var log = store.CreateCommand("select count(*) from ot.mt_doc_textaccess where owner = $1 and data->>'reader' = 'partner-pirkanmaa' and data->>'purpose' = 'requester'");
        log.Parameters.AddWithValue(id);
        Assert.Multiple(async () =>
        {
            Assert.That(read["answer"]!.AsObject().Select(field => field.Key), Is.EqualTo(new[] { "text", "knowledge", "by", "knowledgeHolder" }));
            Assert.That(read["answer"]!["text"]!.GetValue<string>(), Is.EqualTo(Words));
            Assert.That(read["answer"]!["by"]!.GetValue<string>(), Is.EqualTo("expert"));
            Assert.That(read["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("requester"));
            Assert.That(read["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "confirmation", "objection", "withdrawal", "messages", "safety", "responsible-worker", "correction", "feedback", "consent", "consent/withdrawal", "erasure" }));
            Assert.That(item["answer"]!["text"], Is.Null, "A list is no reading.");
            Assert.That(await log.ExecuteScalarAsync(), Is.GreaterThanOrEqualTo(1L));
        });
    }

    [Test]
    public async Task R8_leadership_sees_that_there_is_an_answer_but_not_its_words()
    {
        var id = await Answered();
        using var leadership = await _intake.ClientFor("leadership-sisa");
        using var coordinator = await _intake.ClientFor("coordinator-sisa");
        Assert.Multiple(async () =>
        {
            Assert.That((await leadership.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["answer"]!["text"], Is.Null);
            Assert.That((await coordinator.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["answer"]!["text"]!.GetValue<string>(), Is.EqualTo(Words));
        });
    }

    [Test]
    public async Task A_confirmation_closes_on_the_version_that_was_read()
    {
        var id = await Answered();
        var address = $"/v1/consultations/{id}/confirmation";
        var tag = await Tag(id);
        using var without = await _partner.Write(address, null);
        using var stale = await _partner.Write(address, "\"1\"");
        using var others = await _neighbour.Write(address, tag);
        using var confirmed = await _partner.Write(address, tag);
        using var objected = await _partner.Write($"/v1/consultations/{id}/objection", confirmed.Headers.ETag!.Tag);
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await objected.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-closed");
        var view = await confirmed.Json();
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("closed"));
            Assert.That(view["responsible"], Is.Null);
            Assert.That(view["dueBy"], Is.Null);
            Assert.That(view["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "reopening", "feedback", "consent/withdrawal", "erasure" }));
        });
    }

    [Test]
    public async Task R1_an_objection_brings_the_matter_back_to_triage_and_its_reason_is_in_the_vault_only()
    {
        var canary = $"kanarialintu{Guid.NewGuid():N}";
        var id = await Answered();
        var address = $"/v1/consultations/{id}/objection";
        var tag = await Tag(id);
        using var code = await _partner.Write(address, tag, new JsonObject { ["reason"] = "131052-9085" });
        using var longer = await _partner.Write(address, tag, new JsonObject { ["reason"] = new string('a', 20_001) });
        using var others = await _neighbour.Write(address, tag);
        using var objected = await _partner.Write(address, tag, new JsonObject { ["reason"] = canary });
        await code.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        await longer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        var view = await objected.Json();
        using var channel = _intake.OpenChannel();
        var words = await new Protos.Intake.V1.Narratives.NarrativesClient(channel).ReadAsync(
            new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "triage" }, await _intake.TokenOf("coordinator-sisa"));
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
            Assert.That(view["route"], Is.Null);
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
            Assert.That(view["dueBy"], Is.Not.Null);
            Assert.That(view.ToJsonString(), Does.Not.Contain(canary));
            Assert.That(words.Narratives.Single(text => text.Kind == "objection").Text, Is.EqualTo(canary));
        });
    }

    [Test]
    public async Task An_objection_needs_no_reason()
    {
        var id = await Answered();
        using var objected = await _partner.Write($"/v1/consultations/{id}/objection", await Tag(id));
        Assert.That((await objected.Json())["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
    }

    [Test]
    public async Task What_has_no_answer_is_neither_confirmed_nor_objected_to()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        using var confirmed = await _partner.Write($"/v1/consultations/{id}/confirmation", await Tag(id));
        using var objected = await _partner.Write($"/v1/consultations/{id}/objection", await Tag(id));
        await confirmed.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-not-answered");
        await objected.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-not-answered");
    }

    [Test]
    public async Task When_the_time_to_object_is_over_the_consultation_closes_by_itself()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_objection");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var otherServices = new OtherServices(intake);
        var id = await otherServices.Routed(partner, Route.ExpertConsultation);
        await otherServices.Answered(id, Guid.CreateVersion7());
        await Eventually.Holds(async () => Assert.That(await StatusOf(partner, id), Is.EqualTo("answered")));
        var dueBy = (await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["dueBy"]!.GetValue<DateTimeOffset>();
        Assert.That(dueBy, Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(11)), "Ten working days span at least two weekends.");
        intake.MoveClock(dueBy - DateTimeOffset.UtcNow + TimeSpan.FromSeconds(2));
        await Eventually.Holds(async () => Assert.That(await StatusOf(partner, id), Is.EqualTo("closed")));
    }

    private async Task<Guid> Answered()
    {
        var (id, text) = (await _others.Routed(_partner, Route.ExpertConsultation), Guid.CreateVersion7());
        await _others.Arranged(id);
        using var channel = _intake.OpenChannel();
        var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(channel);
        var (put, expert) = (new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = text.ToString(), Kind = "answer", Text = Words }, await _intake.TokenOf($"expert-{OtherServices.ExpertId}"));
        await Eventually.Holds(async () => Assert.That((await narratives.PutAsync(put, expert)).TextId, Is.EqualTo(put.TextId)));
        await _others.Answered(id, text);
        await Status(id, "answered");
        return id;
    }

    private Task Status(Guid id, string wanted) => Eventually.Holds(async () => Assert.That(await StatusOf(_partner, id), Is.EqualTo(wanted)));

    private static async Task<string> StatusOf(HttpClient partner, Guid id) => (await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>();

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

    private async Task<string> Tag(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        return read.Headers.ETag!.Tag;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>The coordinators' REST interface and the reactions, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class CoordinatorsApiTests
{
    private ServiceHost<Program> _triage = null!;
    private HttpClient _coordinator = null!;
    private HttpClient _elsewhere = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage");
        _coordinator = await _triage.ClientFor("coordinator-sisa");
        _elsewhere = await _triage.ClientFor("coordinator-lansi");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _elsewhere.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task A_recommendation_is_confirmed_on_the_version_that_was_read()
    {
        var id = await Opened(Submitted());
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        var tag = read.Headers.ETag!.Tag;
        using var without = await Decide(id, null);
        using var stale = await Decide(id, "\"1\"");
        using var decided = await Decide(id, tag);
        using var again = await Decide(id, tag);
        var entry = await decided.Json();
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        await again.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        Assert.Multiple(() =>
        {
            Assert.That(entry["status"]!.GetValue<string>(), Is.EqualTo("routeDecided"));
            Assert.That(entry["route"]!.GetValue<string>(), Is.EqualTo("hybridTeam"));
            Assert.That(entry["decidedBy"]!.GetValue<string>(), Is.EqualTo("coordinator-sisa"));
            Assert.That(entry["assessments"]![0]!["decidingRow"]!.GetValue<string>(), Is.EqualTo("complexity"));
        });
    }

    [Test]
    public async Task Two_coordinators_at_once_decide_once()
    {
        var id = await Opened(Submitted());
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        var tag = read.Headers.ETag!.Tag;
        var answers = await Task.WhenAll(
            Decide(id, tag),
            Decide(id, tag, new JsonObject { ["route"] = "expertConsultation", ["reasonCode"] = "local-knowledge" }));
        Assert.That(answers.Select(answer => answer.StatusCode).Order(), Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed }));
    }

    [Test]
    public async Task A_case_is_claimed_and_given_back()
    {
        var id = await Opened(Submitted());
        using var colleague = await _triage.ClientFor("coordinator-sisa-2");
        using var claimed = await colleague.PostAsJsonAsync($"/v1/cases/{id}/claim", new JsonObject());
        using var refused = await _coordinator.PostAsJsonAsync($"/v1/cases/{id}/claim", new JsonObject());
        using var notOurs = await _elsewhere.PostAsJsonAsync($"/v1/cases/{id}/claim", new JsonObject());
        using var released = await colleague.DeleteAsync($"/v1/cases/{id}/claim");
        await refused.ShowsProblem(HttpStatusCode.Conflict, "triage.case-claimed");
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("coordinator-sisa-2"));
        Assert.That(notOurs.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await claimed.Json())["claim"]!["by"]!.GetValue<string>(), Is.EqualTo("coordinator-sisa-2"));
        Assert.That((await released.Json())["claim"], Is.Null);
    }

    [Test]
    public async Task Another_route_needs_a_reason()
    {
        var id = await Opened(Submitted());
        using var refused = await Decide(id, "\"2\"", new JsonObject { ["route"] = "basicSupportGuidance" });
        await refused.ShowsProblem(HttpStatusCode.Conflict, "triage.reason-required");
    }

    [TestCase("{\"route\":\"rejected\"}", "$.route")]
    [TestCase("{}", "$.route")]
    [TestCase("{\"route\":\"hybridTeam\",\"comment\":\"x\"}", "$.comment")]
    [TestCase("nonsense", "$")]
    public async Task R1_there_is_no_route_that_refuses_and_no_room_for_free_text(string body, string path)
    {
        var id = await Opened(Submitted());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/cases/{id}/route") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "\"2\"");
        using var answer = await _coordinator.SendAsync(request);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]![path], Is.Not.Null, problem.ToJsonString());
    }

    [Test]
    public async Task Another_areas_case_does_not_exist_for_me()
    {
        var id = await Opened(Submitted());
        using var read = await _elsewhere.GetAsync($"/v1/cases/{id}");
        using var decided = await _elsewhere.Write($"/v1/cases/{id}/route", "\"2\"", new JsonObject { ["route"] = "hybridTeam" });
        await read.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await decided.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
    }

    [Test]
    public async Task A_partner_has_no_business_in_the_queue()
    {
        using var partner = await _triage.ClientFor("partner-pirkanmaa");
        using var answer = await partner.GetAsync("/v1/cases");
        await answer.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
    }

    [Test]
    public async Task The_queue_shows_danger_first_then_urgency()
    {
        using var coordinator = await _triage.ClientFor("coordinator-ita");
        var routine = await Opened(Submitted() with { Area = "ita" }, coordinator);
        var urgent = await Opened(Submitted() with { Area = "ita", Urgency = Urgency.Urgent }, coordinator);
        var danger = await Opened(Submitted() with { Area = "ita", ImmediateDanger = true }, coordinator);
        var queue = await coordinator.GetFromJsonAsync<JsonObject>("/v1/cases");
        Assert.That(queue!["items"]!.AsArray().Select(entry => entry!["id"]!.GetValue<Guid>()), Is.EqualTo(new[] { danger, urgent, routine }));
    }

    [Test]
    public async Task A_queue_asked_for_nonsense_is_a_400()
    {
        using var answer = await _coordinator.GetAsync("/v1/cases?status=rejected");
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task R10_danger_opens_the_case_first_and_the_submission_after_it_changes_nothing()
    {
        var submitted = Submitted() with { ImmediateDanger = true };
        await Publish(new ImmediateDangerReported(submitted.ConsultationId, submitted.SubmittedAt, submitted), submitted.ConsultationId);
        await Eventually.Holds(async () => (await _coordinator.GetAsync($"/v1/cases/{submitted.ConsultationId}")).IsSuccessStatusCode);
        await Publish(submitted, submitted.ConsultationId);
        await Publish(submitted, submitted.ConsultationId);
        await Opened(Submitted());
        var entry = await _coordinator.GetFromJsonAsync<JsonObject>($"/v1/cases/{submitted.ConsultationId}");
        Assert.Multiple(() =>
        {
            Assert.That(entry!["status"]!.GetValue<string>(), Is.EqualTo("held"));
            Assert.That(entry["version"]!.GetValue<long>(), Is.EqualTo(2));
            Assert.That(entry["firstOutcome"]!.GetValue<string>(), Is.EqualTo("inTriage"));
        });
    }

    [Test]
    public async Task R10_the_same_message_many_times_is_done_once_and_noted_once()
    {
        var submitted = Submitted();
        var messageId = Guid.NewGuid();
        for (var time = 0; time < 5; time++)
        {
            await Publish(submitted, submitted.ConsultationId, messageId);
        }

        await Opened(Submitted());
        await using var store = NpgsqlDataSource.Create(_triage.StoreConnectionString);
        await using var noted = store.CreateCommand("select count(*) from ot.mt_doc_inboxentry where data->>'streamId' = $1");
        noted.Parameters.AddWithValue(submitted.ConsultationId.ToString());
        await using var happened = store.CreateCommand("select count(*) from ot.mt_events where stream_id = $1");
        happened.Parameters.AddWithValue(submitted.ConsultationId);
        Assert.Multiple(async () =>
        {
            Assert.That(await noted.ExecuteScalarAsync(), Is.EqualTo(1L));
            Assert.That(await happened.ExecuteScalarAsync(), Is.EqualTo(2L));
        });
    }

    private static ConsultationSubmitted Submitted() => new(
        Guid.CreateVersion7(), "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
        ["substance.child-or-youth"], ["unclear", "changing-fast"], ["school"], [], "social", "family-worker", Guid.CreateVersion7(),
        "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>());

    private Task<HttpResponseMessage> Decide(Guid id, string? version, JsonObject? body = null) =>
        _coordinator.Write($"/v1/cases/{id}/route", version, body ?? new JsonObject { ["route"] = "hybridTeam" });

    private async Task<Guid> Opened(ConsultationSubmitted submitted, HttpClient? coordinator = null)
    {
        await Publish(submitted, submitted.ConsultationId);
        await Eventually.Holds(async () => (await (coordinator ?? _coordinator).GetAsync($"/v1/cases/{submitted.ConsultationId}")).IsSuccessStatusCode);
        return submitted.ConsultationId;
    }

    private async Task Publish<T>(T message, Guid stream, Guid? messageId = null)
        where T : class =>
        await _triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId ?? Guid.NewGuid();
            context.Headers.Set("ot-source", "intake");
            context.Headers.Set("ot-stream-id", stream.ToString());
            context.Headers.Set("ot-stream-version", 1);
        });
}

using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>What a requester says later, as Intake publishes it, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class LaterWordsOverTheBusTests
{
    private ServiceHost<Program> _triage = null!;
    private HttpClient _coordinator = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_words");
        _coordinator = await _triage.ClientFor("coordinator-sisa");
        _others = await OtherServices.Of(_triage, Topology.IntakeTriageCase);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        await _others.DisposeAsync();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task R1_a_withdrawn_matter_that_is_reopened_waits_for_a_coordinator_and_the_others_are_told_from_when_on()
    {
        var id = await Opened();
        await _others.Send(new ConsultationWithdrawn(id, DateTimeOffset.UtcNow));
        await Status(id, "closed");
        var at = DateTimeOffset.UtcNow;
        await _others.Send(new ConsultationReopened(id, Guid.CreateVersion7(), at));
        Assert.That((await Told(nameof(Contracts.Triage.CaseReassessed), id)).GetProperty("reopenedAt").GetDateTimeOffset(), Is.EqualTo(at));
        await Status(id, "awaitingConfirmation");
    }

    [Test]
    public async Task R8_the_end_of_a_consent_asks_the_requester_and_a_new_one_lets_a_coordinator_decide_on_a_team()
    {
        var id = await Opened();
        await _others.Send(new ConsentEnded(id, "withdrawn", WorkEnds: true, DateTimeOffset.UtcNow));
        Assert.That((await Told(nameof(Contracts.Triage.InformationRequested), id)).GetProperty("asked")[0].GetString(), Is.EqualTo("legalBasis"));
        using var refused = await Decide(id);
        await refused.ShowsProblem(System.Net.HttpStatusCode.Conflict, "triage.legal-basis-needed");
        await _others.Send(new ConsentRecorded(id, null, DateTimeOffset.UtcNow));
        await Status(id, "awaitingConfirmation");
        using var decided = await Decide(id);
        Assert.That((await decided.Json())["status"]!.GetValue<string>(), Is.EqualTo("routeDecided"));
    }

    [Test]
    public async Task Danger_reported_later_is_held_past_the_queue_of_the_others_and_counts_once()
    {
        var submitted = Submitted();
        await Opened(submitted);
        var at = DateTimeOffset.UtcNow;
        await _others.Send(new ImmediateDangerReported(submitted.ConsultationId, at, submitted));
        await Status(submitted.ConsultationId, "held");
        var before = (await Read(submitted.ConsultationId))["version"]!.GetValue<long>();
        await _others.Send(new SafetyReported(submitted.ConsultationId, true, false, null, new Dictionary<string, Guid>(), at));
        await _others.Send(new ResponsibleWorkerChanged(submitted.ConsultationId, "own-worker", "w-2", at));
        await Eventually.Holds(async () => Assert.That((await Read(submitted.ConsultationId))["version"]!.GetValue<long>(), Is.EqualTo(before + 1), "The worker's change alone."));
        await _others.Send(new ConsultationCorrected(submitted.ConsultationId, null, ["violence.family"], null, null, false, new Dictionary<string, Guid>(), at));
        await Eventually.Holds(async () => Assert.That((await Read(submitted.ConsultationId))["topics"]![0]!.GetValue<string>(), Is.EqualTo("violence.family")));
    }

    private static ConsultationSubmitted Submitted() => new(
        Guid.CreateVersion7(), "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
        ["substance.child-or-youth"], ["unclear", "changing-fast"], ["school"], [], "social", "family-worker", Guid.CreateVersion7(),
        "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>());

    /// <summary>The next message of this kind about this consultation.</summary>
    private async Task<JsonElement> Told(string kind, Guid id)
    {
        while (true)
        {
            if (await _others.Next(kind) is var heard && heard.GetProperty("consultationId").GetGuid() == id)
            {
                return heard;
            }
        }
    }

    private async Task<HttpResponseMessage> Decide(Guid id)
    {
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        return await _coordinator.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, new JsonObject { ["route"] = "hybridTeam", ["reasonCode"] = "capacity" });
    }

    private async Task<Guid> Opened(ConsultationSubmitted? submission = null)
    {
        var submitted = submission ?? Submitted();
        await _others.Send(submitted);
        await Status(submitted.ConsultationId, "awaitingConfirmation");
        return submitted.ConsultationId;
    }

    private async Task<JsonObject> Read(Guid id) => (await _coordinator.GetFromJsonAsync<JsonObject>($"/v1/cases/{id}"))!;

    private Task Status(Guid id, string wanted) => Eventually.Holds(async () =>
    {
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        Assert.That(read.IsSuccessStatusCode, Is.True);
        Assert.That((await read.Json())["status"]!.GetValue<string>(), Is.EqualTo(wanted));
    });
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>What a requester says after the submission, on the running system, across all services that it concerns.</summary>
[TestFixture]
internal sealed class LaterWordsTests
{
    private RunningSystem _system = null!;
    private HttpClient _partner = null!;
    private HttpClient _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _system = await RunningSystem.Start();
        _partner = await _system.ClientOf("intake", "partner-pirkanmaa");
        _coordinator = await _system.ClientOf("triage", "coordinator-sisa");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await _system.LoadPool(limit.Token);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _coordinator.Dispose();
        await _system.DisposeAsync();
    }

    [Test]
    public async Task R1_R8_a_consent_that_ends_stops_every_service_and_a_withdrawn_request_that_is_reopened_is_staffed_again()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await Case(id, "awaitingConfirmation");
        await Decide(id);
        await Invited(id, 1);

        await Say(id, "consent/withdrawal", null);
        await Status(id, "needsInformation");
        await Case(id, "awaitingInformation");
        await Eventually.Holds(async () => Assert.That(await Assemblies(id, "Cancelled"), Is.EqualTo(1)));
        Assert.That(await _system.Count("intake", $"ot.mt_doc_requestersview where id = '{id}' and jsonb_array_length(data->'access') = 0"), Is.EqualTo(1));

        await Say(id, "consent", new JsonObject { ["validUntil"] = "2099-12-31" });
        await Case(id, "awaitingConfirmation");
        await Decide(id);
        await Invited(id, 2);

        await Say(id, "withdrawal", null);
        await Case(id, "closed");
        await Eventually.Holds(async () => Assert.That(await Assemblies(id, "Cancelled"), Is.EqualTo(1)));
        await Say(id, "reopening", new JsonObject { ["reason"] = "Asia on taas ajankohtainen." });
        await Case(id, "awaitingConfirmation");
        await Decide(id);
        await Status(id, "teamBeingAssembled");
        await Invited(id, 3);
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    [Test]
    public async Task Danger_reported_later_is_held_in_triage_and_first_in_the_coordinators_queue()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await Case(id, "awaitingConfirmation");
        await Say(id, "safety", new JsonObject { ["immediateDanger"] = true });
        await Case(id, "held");
        await Eventually.Holds(async () => Assert.That(
            await _system.Count("coordination", $"ot.mt_doc_queueentry where id = '{id}' and (data->>'immediateDanger')::boolean"), Is.EqualTo(1)));
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    [Test]
    public async Task R11_danger_reported_after_the_decision_is_the_coordinators_until_one_of_them_keeps_the_route()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await Case(id, "awaitingConfirmation");
        await Decide(id);
        await Status(id, "teamBeingAssembled");
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await Say(id, "safety", new JsonObject { ["immediateDanger"] = true });
            await Accountable(id, "areaCoordinators");
            await Held(id, true);
            await Decide(id);
            await Held(id, false);
            await Accountable(id, "coordinator");
        }

        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    private Task Held(Guid id, bool wanted) => Eventually.Holds(async () =>
        Assert.That((await _coordinator.GetFromJsonAsync<JsonObject>($"/v1/cases/{id}"))!["held"]!.GetValue<bool>(), Is.EqualTo(wanted)));

    private Task Accountable(Guid id, string wanted) => Eventually.Holds(async () =>
        Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo(wanted)));

    private async Task Say(Guid id, string action, JsonObject? body) => await Eventually.Holds(async () =>
    {
        using var read = await _partner.GetAsync(new Uri($"/v1/consultations/{id}", UriKind.Relative));
        using var said = await _partner.Write($"/v1/consultations/{id}/{action}", read.Headers.ETag!.Tag, body?.DeepClone().AsObject());
        said.EnsureSuccessStatusCode();
    });

    private Task Decide(Guid id) => Eventually.Holds(async () =>
    {
        using var read = await _coordinator.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative));
        using var decided = await _coordinator.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, new JsonObject { ["route"] = "hybridTeam", ["reasonCode"] = "capacity" });
        decided.EnsureSuccessStatusCode();
    });

    private Task Status(Guid id, string wanted) => Eventually.Holds(async () =>
        Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo(wanted)));

    private Task Case(Guid id, string wanted) => Eventually.Holds(async () =>
        Assert.That((await _coordinator.GetFromJsonAsync<JsonObject>($"/v1/cases/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo(wanted)));

    private Task<long> Assemblies(Guid id, string status) => _system.Count("teamAssembly", $"ot.mt_doc_assemblyview where id = '{id}' and status = '{status}'");

    /// <summary>Experts have been asked in as many searches.</summary>
    private Task Invited(Guid id, int searches) => Eventually.Holds(async () =>
    {
        Assert.That(await _system.Count("teamAssembly", $"ot.mt_events where stream_id = '{id}' and type = 'assembly_started'"), Is.EqualTo(searches));
        Assert.That(await Assemblies(id, "Inviting"), Is.EqualTo(1));
    });
}

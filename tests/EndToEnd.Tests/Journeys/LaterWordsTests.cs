using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>What a requester says after the submission, and in which language they are answered, on the running system, across all services that it concerns.</summary>
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
        await SignIn();
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

    [Test]
    public async Task G9_19_a_request_in_Swedish_is_matched_with_those_who_speak_it_and_told_in_Swedish_how_it_goes()
    {
        // Of the fictional pool only two distant experts of functional addiction speak Swedish, and none of young people's substance use.
        var (matched, unmatched, inFinnish) = (await About("addiction.functional", "sv"), await About("substance.child-or-youth", "sv"), await About("substance.child-or-youth", "fi"));
        foreach (var id in new[] { matched, unmatched, inFinnish })
        {
            await Case(id, "awaitingConfirmation");
            await Decide(id, "expertConsultation");
        }

        var invited = await Invitation(matched);
        Assert.That(await Languages(invited.Expert), Does.Contain("sv"));
        Assert.That(await Languages((await Invitation(inFinnish)).Expert), Does.Contain("fi").And.Not.Contain("sv"), "There are experts of the topic near by.");
        await Status(unmatched, "gapBeingSolved");
        Assert.That(await _system.Count("teamAssembly", $"ot.mt_events where stream_id = '{unmatched}' and type = 'expert_invited'"), Is.Zero);

        using (var channel = GrpcChannel.ForAddress(_system.Endpoints.Grpc["teamAssembly"]))
        {
            var expert = new Metadata { { "authorization", $"Bearer {await _system.Token($"expert-{invited.Expert}")}" }, { "accept-language", "sv" } };
            var unknown = Assert.ThrowsAsync<RpcException>(async () => await new Teams.TeamsClient(channel).GetAsync(new GetTeamRequest { Id = unmatched.ToString() }, expert))!;
            Assert.That(unknown.Status.Detail, Is.EqualTo("Ingen söks för denna konsultation."));
            await new Teams.TeamsClient(channel).AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = invited.Id }, expert);
        }

        await Status(matched, "consultationArranged");
        var texts = Repository.Catalogue.Texts.Timeline;
        Assert.Multiple(async () =>
        {
            Assert.That(await Told(matched), Is.EqualTo(new[] { "received", "inTriage", "routed.expertConsultation", "consultationArranged" }.Select(text => texts[text].Sv)));
            Assert.That(await Told(unmatched), Is.EqualTo(new[] { "received", "inTriage", "routed.expertConsultation", "serviceGapFound" }.Select(text => texts[text].Sv)));
            Assert.That((await Told(inFinnish))[0], Is.EqualTo(texts["received"].Fi));
            Assert.That(await _system.FailedMessages(), Is.Zero);
        });
    }

    [Test]
    public async Task C34_R2_two_requests_about_one_matter_go_on_in_one_case_and_stay_somebodys_while_Triage_is_away()
    {
        var matter = Guid.NewGuid().ToString("n");
        var ids = new List<Guid>();
        foreach (var wanted in new[] { "awaitingConfirmation", "linked" })
        {
            using var submitted = await _partner.Submit(Calls.Sample(body => body["clientRef"] = matter));
            ids.Add((await submitted.Json())["id"]!.GetValue<Guid>());
            await Case(ids[^1], wanted);
        }

        await Eventually.Holds(async () =>
        {
            Assert.That((await Read(ids[0]))["linkedTo"]!.GetValue<Guid>(), Is.EqualTo(ids[1]));
            Assert.That((await Read(ids[1]))["linkedTo"]!.GetValue<Guid>(), Is.EqualTo(ids[0]));
        });

        await _system.Kill("triage");
        var away = TimeSpan.FromHours(240);
        _system.MoveClock(away);
        await SignIn();
        foreach (var id in ids)
        {
            await Accountable(id, "coordinatingTeam");
            Assert.That((await Read(id))["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow + away));
        }

        await _system.StartAgain("triage");
        await SignIn();
        await Decide(ids[0]);
        foreach (var id in ids)
        {
            await Status(id, "teamBeingAssembled");
        }

        await Invited(ids[0], 1);
        Assert.That(await _system.Count("teamAssembly", $"ot.mt_streams where id = '{ids[1]}'"), Is.Zero);
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    private async Task<Guid> About(string topic, string language)
    {
        using var submitted = await _partner.Submit(Calls.Sample(body =>
        {
            body["language"] = language;
            body["topics"] = new JsonArray(topic);
            body.Remove("wishedChannels");
        }));
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task<(string Id, Guid Expert)> Invitation(Guid id)
    {
        IReadOnlyList<string> found = [];
        await Eventually.Holds(async () =>
        {
            found = await _system.Rows("teamAssembly", $"select data ->> 'invitationId' || ' ' || (data ->> 'expertId') from ot.mt_events where stream_id = '{id}' and type = 'expert_invited'");
            Assert.That(found, Has.Count.EqualTo(1));
        });
        var parts = found[0].Split(' ');
        return (parts[0], Guid.Parse(parts[1]));
    }

    private Task<IReadOnlyList<string>> Languages(Guid expert) =>
        _system.Rows("expertPool", $"select jsonb_array_elements_text(data -> 'facts' -> 'languages') from ot.mt_doc_expertdirectoryentry where id = '{expert}'");

    private async Task<IReadOnlyList<string>> Told(Guid id) =>
        [.. (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["timeline"]!.AsArray().Select(step => step!["what"]!.GetValue<string>())];

    /// <summary>A token lasts for some hours of the platform's clock.</summary>
    private async Task SignIn()
    {
        _partner?.Dispose();
        _coordinator?.Dispose();
        _partner = await _system.ClientOf("intake", "partner-pirkanmaa");
        _coordinator = await _system.ClientOf("triage", "coordinator-sisa");
    }

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

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

    private Task Decide(Guid id, string route = "hybridTeam") => Eventually.Holds(async () =>
    {
        using var read = await _coordinator.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative));
        using var decided = await _coordinator.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, new JsonObject { ["route"] = route, ["reasonCode"] = "capacity" });
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

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>A requester's later words over the partner API, on the real store and bus.</summary>
[TestFixture]
internal sealed class LaterWordsApiTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;

    private static IEnumerable<TestCaseData> Words =>
    [
        new("reopening", new JsonObject { ["reason"] = "Asia on taas ajankohtainen." }, "reason"),
        new("consent", new JsonObject { ["reference"] = "consent-2" }, "reference"),
        new("consent/withdrawal", new JsonObject { ["reason"] = "Perhe perui." }, "reason"),
        new("messages", new JsonObject { ["text"] = "Milloin kuulemme teistä?" }, "text"),
        new("safety", new JsonObject { ["highRisk"] = true }, "contactWarning"),
        new("responsible-worker", new JsonObject { ["role"] = "own-worker", ["ref"] = "w-8" }, "unit"),
        new("correction", new JsonObject { ["ageBand"] = "16-17" }, "text"),
        new("feedback", new JsonObject { ["score"] = 4 }, "text"),
    ];

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_words");
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

    [TestCaseSource(nameof(Words))]
    public async Task Every_word_needs_its_version_its_owner_known_fields_bounds_and_no_identity_code(string action, JsonObject body, string text)
    {
        ArgumentNullException.ThrowIfNull(body);
        var id = await Submitted();
        var (address, tag) = ($"/v1/consultations/{id}/{action}", await Tag(id));
        using var without = await _partner.Write(address, null, Copy(body));
        using var stale = await _partner.Write(address, "\"99\"", Copy(body));
        using var others = await _neighbour.Write(address, tag, Copy(body));
        using var unknown = await _partner.Write(address, tag, Copy(body, ("unheardOf", 1)));
        using var code = await _partner.Write(address, tag, Copy(body, (text, "Asiakas 131052-9085 soitti.")));
        using var longer = await _partner.Write(address, tag, Copy(body, (text, new string('a', 20_001))));
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await unknown.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        var refused = await code.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(refused["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { $"$.{text}" }));
        Assert.That(refused.ToJsonString(), Does.Not.Contain("131052"));
        var bounded = await longer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(bounded["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { $"$.{text}" }));
        Assert.That(await Tag(id), Is.EqualTo(tag), "Nothing was stored.");
    }

    [Test]
    public async Task R1_what_was_withdrawn_is_reopened_with_a_reason_that_is_in_the_vault_only()
    {
        var canary = $"kanarialintu{Guid.NewGuid():N}";
        var id = await Submitted();
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", await Tag(id));
        using var bare = await _partner.Write($"/v1/consultations/{id}/reopening", withdrawn.Headers.ETag!.Tag, []);
        using var reopened = await _partner.Write($"/v1/consultations/{id}/reopening", withdrawn.Headers.ETag!.Tag, new JsonObject { ["reason"] = canary });
        Assert.That((await bare.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.reason"], Is.Not.Null);
        var view = await reopened.Json();
        Assert.Multiple(async () =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
            Assert.That(view["dueBy"], Is.Not.Null);
            Assert.That(view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo("Pyyntö on avattu uudelleen, asia arvioidaan uudelleen."));
            Assert.That(view.ToJsonString(), Does.Not.Contain(canary));
            Assert.That((await Narratives(id, "coordinator-sisa")).Single(text => text.Kind == "reopening").Text, Is.EqualTo(canary));
            Assert.That(await Stored(canary), Is.Zero);
        });
        using var again = await _partner.Write($"/v1/consultations/{id}/reopening", reopened.Headers.ETag!.Tag, new JsonObject { ["reason"] = "x" });
        await again.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-not-over");
    }

    [Test]
    public async Task R3_a_request_is_with_the_area_that_has_it_and_its_words_open_for_the_other_with_the_acceptance()
    {
        var (id, now) = (await Submitted(), DateTimeOffset.UtcNow);
        using var own = await _intake.ClientFor("coordinator-sisa");
        using var other = await _intake.ClientFor("coordinator-lansi");
        async Task Shows(string kind, string contact, int transfers, string what) => await Eventually.Holds(async () =>
        {
            var view = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
            Assert.That(
                (view["responsible"]!["kind"]!.GetValue<string>(), view["responsible"]!["contact"]!.GetValue<string>(), view["transfers"]!.GetValue<int>(), view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>()),
                Is.EqualTo((kind, contact, transfers, what)));
            Assert.That(view["dueBy"], Is.Not.Null);
        });
        async Task Sees(HttpClient client, bool sees)
        {
            using var answer = await client.GetAsync($"/v1/consultations/{id}");
            Assert.That(answer.StatusCode, Is.EqualTo(sees ? HttpStatusCode.OK : HttpStatusCode.NotFound));
        }

        await _others.Triage(id, new Contracts.Triage.CaseOpened(id, id, "sisa", false, "default.1", now, now.AddHours(4)));
        await _others.Triage(id, new Contracts.Triage.TransferProposed(id, id, "sisa", "lansi", "otherArea", true, now.AddMinutes(1), now.AddDays(2)));
        await Shows("coordinatingTeam", "ot-johto@sisa.example", 0, "Koordinoiva johtamistiimi päättää, tarjotaanko asiaa toiselle alueelle.");
        await _others.Triage(id, new Contracts.Triage.TransferProposed(id, id, "sisa", "lansi", "otherArea", false, now.AddMinutes(2), now.AddDays(2)));
        await Shows("areaCoordinators", "ot-koordinaatio@sisa.example", 0, "Asiaa on tarjottu toiselle alueelle. Nykyinen alue vastaa siitä, kunnes toinen on ottanut sen vastaan.");
        await Sees(own, true);
        await Sees(other, false);
        await _others.Triage(id, new Contracts.Triage.TransferReturned(id, id, "sisa", "lansi", "noCapacity", 1, now.AddMinutes(3), now.AddDays(2)));
        await Shows("areaCoordinators", "ot-koordinaatio@sisa.example", 1, "Asia jää nykyiselle alueelle, joka vie sitä eteenpäin.");
        await _others.Triage(id, new Contracts.Triage.TransferAccepted(id, id, "sisa", "lansi", 2, now.AddMinutes(4), now.AddDays(3)));
        await Shows("areaCoordinators", "ot-koordinaatio@lansi.example", 2, "Toinen alue on ottanut asian vastaan ja vastaa siitä.");
        await Sees(own, false);
        await Sees(other, true);
    }

    [Test]
    public async Task While_a_coordinator_has_the_matter_they_are_accountable_and_the_requester_is_told_so()
    {
        var (id, now) = (await Submitted(), DateTimeOffset.UtcNow);
        async Task Shows(string kind, string what) => await Eventually.Holds(async () =>
        {
            var view = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
            Assert.That((view["status"]!.GetValue<string>(), view["responsible"]!["kind"]!.GetValue<string>(), view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>()), Is.EqualTo(("inTriage", kind, what)));
            Assert.That(view["dueBy"], Is.Not.Null);
        });
        await _others.Triage(id, new Contracts.Triage.CaseOpened(id, id, "sisa", false, "default.1", now, now.AddHours(4)));
        await _others.Triage(id, new Contracts.Triage.CaseClaimed(id, id, "sisa", false, null, now.AddMinutes(1), now.AddHours(2)));
        await Shows("coordinator", "Koordinaattori on ottanut asian työn alle.");
        await _others.Triage(id, new Contracts.Triage.CaseReleased(id, id, "sisa", "quiet", now.AddHours(2)));
        await Shows("areaCoordinators", "Asia on jälleen kaikkien alueen koordinaattorien.");
    }

    [Test]
    public async Task R8_an_expert_reads_until_the_consent_is_withdrawn_and_not_a_moment_longer()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Invited(id, Guid.CreateVersion7());
        var expert = $"expert-{OtherServices.ExpertId}";
        await Eventually.Holds(async () => Assert.That((await Narratives(id, expert)).Select(text => text.Kind), Does.Contain("question")));
        Assert.That((await Narratives(id, "coordinator-sisa")).Select(text => text.Kind), Does.Contain("question"));
        using var before = await _partner.Write($"/v1/consultations/{id}/messages", await Tag(id), new JsonObject { ["text"] = "Ennen perumista." });
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/consent/withdrawal", await Tag(id));
        var view = await withdrawn.Json();
        Calls.Refused(async () => await Narratives(id, expert), Grpc.Core.StatusCode.NotFound, "platform.not-found");
        Calls.Refused(async () => await Narratives(id, "coordinator-sisa"), Grpc.Core.StatusCode.FailedPrecondition, "intake.words-closed");
        Assert.That(await MessagesTo("coordinator-sisa"), Is.EqualTo(new string?[] { null }));
        using var after = await _partner.Write($"/v1/consultations/{id}/messages", await Tag(id), new JsonObject { ["text"] = "Perumisen jälkeen." });
        Assert.That(await MessagesTo("coordinator-sisa"), Is.EqualTo(new[] { null, "Perumisen jälkeen." }));
        Assert.That((await Narratives(id, "coordinator-sisa")).Select(text => text.Text), Is.EqualTo(new[] { "Perumisen jälkeen." }));
        Assert.That((await Narratives(id, "partner-pirkanmaa")).Select(text => text.Kind), Does.Contain("question"));
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("needsInformation"));
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("requester"));
            Assert.That(view["dueBy"], Is.Not.Null);
            Assert.That(view["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "information", "withdrawal", "messages", "safety", "responsible-worker", "correction", "consent", "erasure" }));
            Assert.That(view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Does.StartWith("Suostumus on peruttu."));
        });

        await _others.Invited(id, Guid.CreateVersion7());
        using var recorded = await _partner.Write($"/v1/consultations/{id}/consent", await Tag(id), new JsonObject { ["validUntil"] = "2099-12-31" });
        Assert.That((await recorded.Json())["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
        using var past = await _partner.Write($"/v1/consultations/{id}/consent", recorded.Headers.ETag!.Tag, new JsonObject { ["validUntil"] = "2020-12-31" });
        Assert.That((await past.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.validUntil"], Is.Not.Null);
        Assert.That((await Narratives(id, "coordinator-sisa")).Select(text => text.Kind), Does.Contain("question"));

        async Task<IEnumerable<string?>> MessagesTo(string reader)
        {
            using var client = await _intake.ClientFor(reader);
            return (await client.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["messages"]!.AsArray().Select(message => message!["text"]?.GetValue<string>());
        }
    }

    [Test]
    public async Task R8_a_consent_ends_by_itself_when_its_last_day_is_over()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_consent");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var others = new OtherServices(intake);
        var last = DateTimeOffset.UtcNow.AddDays(3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var id = await others.Routed(partner, Route.HybridTeam, body => body["legalBasis"]!["validUntil"] = last);
        await others.Activated(id);
        await Eventually.Holds(async () => Assert.That((await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("teamWorking")));
        intake.MoveClock(TimeSpan.FromDays(4) + TimeSpan.FromMinutes(1));
        await Eventually.Holds(async () =>
        {
            var view = (await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
            Assert.That((view["status"]!.GetValue<string>(), view["responsible"]!["kind"]!.GetValue<string>(), view["team"]), Is.EqualTo(("needsInformation", "requester", (JsonNode?)null)));
        });
    }

    [Test]
    public async Task R11_danger_reported_later_is_answered_with_where_to_turn_and_a_date_within_the_hour()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Activated(id);
        await Eventually.Holds(async () => Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("teamWorking")));
        using var nothing = await _partner.Write($"/v1/consultations/{id}/safety", await Tag(id), new JsonObject { ["immediateDanger"] = false });
        Assert.That((await nothing.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$"], Is.Not.Null);
        using var code = await _partner.Write($"/v1/consultations/{id}/safety", await Tag(id), new JsonObject { ["urgency"] = "unheardOf" });
        Assert.That((await code.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.urgency"], Is.Not.Null);
        using var reported = await _partner.Write($"/v1/consultations/{id}/safety", await Tag(id), new JsonObject { ["immediateDanger"] = true, ["contactWarning"] = "Isä on kotona." });
        var view = await reported.Json();
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("teamWorking"), "Those who work on it stay.");
            Assert.That(view["emergency"]!["text"]!.GetValue<string>(), Does.Contain("112"));
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
            Assert.That(view["dueBy"]!.GetValue<DateTimeOffset>(), Is.LessThan(DateTimeOffset.UtcNow.AddHours(1)));
        });

        using var channel = _intake.OpenChannel();
        var reply = new SendMessageRequest { Id = id.ToString(), MessageId = Guid.CreateVersion7().ToString(), Text = "Soitamme teille heti." };
        await new Protos.Intake.V1.Consultations.ConsultationsClient(channel).SendMessageAsync(reply, await _intake.TokenOf("coordinator-sisa"));
        var after = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
        Assert.That(after["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("responsibleWorker"), "It goes on as it was.");
        Assert.That(after["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(20)));
    }

    [Test]
    public async Task R11_neither_an_expert_who_writes_nor_a_team_that_starts_ends_the_alarm_but_a_coordinator_who_keeps_the_route_does()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Invited(id, Guid.CreateVersion7());
        var expert = await _intake.TokenOf($"expert-{OtherServices.ExpertId}");
        await Eventually.Holds(async () => Assert.That(await Narratives(id, $"expert-{OtherServices.ExpertId}"), Is.Not.Empty));
        using var reported = await _partner.Write($"/v1/consultations/{id}/safety", await Tag(id), new JsonObject { ["immediateDanger"] = true });
        var due = (await reported.Json())["dueBy"]!.GetValue<DateTimeOffset>();

        using var channel = _intake.OpenChannel();
        var words = new SendMessageRequest { Id = id.ToString(), MessageId = Guid.CreateVersion7().ToString(), Text = "Mikä koulu?" };
        await new Protos.Intake.V1.Consultations.ConsultationsClient(channel).SendMessageAsync(words, expert);
        await _others.Activated(id);
        await Eventually.Holds(async () => Assert.That((await Read(id))["status"]!.GetValue<string>(), Is.EqualTo("teamWorking")));
        var alarmed = await Read(id);
        Assert.That((alarmed["responsible"]!["kind"]!.GetValue<string>(), alarmed["dueBy"]!.GetValue<DateTimeOffset>()), Is.EqualTo(("areaCoordinators", due)));

        await _others.RouteKept(id);
        await Eventually.Holds(async () => Assert.That((await Read(id))["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("responsibleWorker")));
        var after = await Read(id);
        Assert.That(after["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo(Repository.Catalogue.Texts.Timeline["seenTo"].In("fi")));
        Assert.That(after["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(20)));
    }

    [Test]
    public async Task A_message_to_the_requester_is_heard_of_and_reading_many_is_one_line_of_the_access_log()
    {
        var id = await _others.Routed(_partner, Route.ExpertConsultation);
        using var channel = _intake.OpenChannel();
        var client = new Protos.Intake.V1.Consultations.ConsultationsClient(channel);
        var coordinator = await _intake.TokenOf("coordinator-sisa");
        using var watching = client.Watch(new WatchConsultationsRequest(), await _intake.TokenOf("partner-pirkanmaa"));
        using var follow = new HttpRequestMessage(HttpMethod.Get, $"/v1/consultations/{id}/events");
        using var followed = await _partner.SendAsync(follow, HttpCompletionOption.ResponseHeadersRead);
        followed.EnsureSuccessStatusCode();
        foreach (var number in Enumerable.Range(0, 5))
        {
            await client.SendMessageAsync(new SendMessageRequest { Id = id.ToString(), MessageId = Guid.CreateVersion7().ToString(), Text = $"Kysymys {number}" }, coordinator);
        }

        var words = Repository.Catalogue.Texts.Timeline["messageReceived"].In("fi");
        using var stream = new StreamReader(await followed.Content.ReadAsStreamAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string? line;
        do
        {
            line = await stream.ReadLineAsync(patience.Token);
        }
        while (line?.Contains(words, StringComparison.Ordinal) == false);

        Assert.That(line, Does.Contain("\"by\":\"coordinator\"").And.Not.Contain("Kysymys"));
        var told = 0;
        while (told < 5 && await watching.ResponseStream.MoveNext(patience.Token))
        {
            var change = watching.ResponseStream.Current;
            told += change.Consultation.Id == id.ToString() && change.What == nameof(Intake.Consultations.MessageSent) ? 1 : 0;
        }

        Assert.That(told, Is.EqualTo(5));

        var before = await Lines(id);
        var read = await Read(id);
        var lines = (await Lines(id)).Skip(before.Count).ToList();
        Assert.That(read["messages"]!.AsArray(), Has.Count.EqualTo(5));
        Assert.That(read["timeline"]!.AsArray().Count(step => step!["what"]!.GetValue<string>() == words), Is.EqualTo(5));
        Assert.That(lines.Select(line => (line!["kind"]!.GetValue<string>(), line["textId"])), Is.EqualTo(new[] { ("messages", (JsonNode?)null) }), "One reading, one line.");

        before = await Lines(id);
        Assert.That((await Narratives(id, "coordinator-sisa")).Count(text => text.Kind == "message"), Is.EqualTo(5));
        Assert.That((await Lines(id)).Skip(before.Count).Select(line => line!["kind"]!.GetValue<string>()).Where(kind => kind.StartsWith("message", StringComparison.Ordinal)), Is.EqualTo(new[] { "messages" }));
    }

    [Test]
    public async Task R2_a_message_that_nobody_answers_is_the_next_levels_by_a_new_date_and_the_requester_sees_so()
    {
        await using var intake = await ServiceHost<Program>.Start("unanswered");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var submitted = await partner.Submit(Calls.Sample());
        var place = submitted.Headers.Location!.ToString();
        using var sent = await partner.Write($"{place}/messages", submitted.Headers.ETag!.Tag, new JsonObject { ["text"] = "Milloin?" });
        var asked = (await sent.Json())["messages"]![0]!;
        Assert.That(asked["to"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
        await intake.PassTime(TimeSpan.FromDays(10));
        await Eventually.Holds(async () =>
        {
            var read = (await partner.GetFromJsonAsync<JsonObject>(place))!;
            Assert.That(read["messages"]![0]!["to"]!.GetValue<string>(), Is.EqualTo("coordinatingTeam"));
            Assert.That(read["messages"]![0]!["answerBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(asked["answerBy"]!.GetValue<DateTimeOffset>().AddDays(5)));
            Assert.That(read["timeline"]!.AsArray().Select(step => step!["what"]!.GetValue<string>()), Does.Contain(Repository.Catalogue.Texts.Timeline["messageOverdue"].In("fi")));
        });
    }

    [Test]
    public async Task Words_that_come_in_pieces_and_without_their_kind_are_refused_and_not_passed_over()
    {
        await using var intake = await ServiceHost<Program>.Start("in_pieces", onPort: true);
        using var partner = await intake.ClientFor("partner-pirkanmaa");

        // Of its own: the host's client buffers what it sends, and so gives it a length.
        using var plain = new HttpClient { BaseAddress = intake.Address };
        plain.DefaultRequestHeaders.Authorization = partner.DefaultRequestHeaders.Authorization;
        using var subscribed = await partner.PostAsJsonAsync("/v1/webhooks", new { url = "https://case-system.example/ot" });
        using var submitted = await partner.Submit(Calls.Sample());
        foreach (var address in new[] { $"{subscribed.Headers.Location}/replay", $"{submitted.Headers.Location}/consent/withdrawal" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new InPieces("{\"ids\":[],\"reason\":\"Perhe perui.\"}") };
            request.Headers.TryAddWithoutValidation("If-Match", submitted.Headers.ETag!.Tag);
            using var refused = await plain.SendAsync(request);
            await refused.ShowsProblem(HttpStatusCode.UnsupportedMediaType, "platform.unsupported-media-type");
        }

        using var empty = new HttpRequestMessage(HttpMethod.Post, $"{subscribed.Headers.Location}/replay") { Content = new InPieces(string.Empty) };
        using var taken = await plain.SendAsync(empty);
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task Danger_is_reported_over_gRPC_too()
    {
        var id = await Submitted();
        using var channel = _intake.OpenChannel();
        var client = new Protos.Intake.V1.Consultations.ConsultationsClient(channel);
        var request = new ReportSafetyRequest { Id = id.ToString(), ExpectedVersion = Version(await Tag(id)), ImmediateDanger = true };
        var kainuu = await _intake.TokenOf("partner-kainuu");
        Calls.Refused(async () => await client.ReportSafetyAsync(request, kainuu), Grpc.Core.StatusCode.NotFound, "platform.not-found");
        var read = await client.ReportSafetyAsync(request, await _intake.TokenOf("partner-pirkanmaa"));
        Assert.That((read.Emergency.Text, read.Status), Is.EqualTo((read.Emergency.Text, "inTriage")));
        Assert.That(read.Emergency.Text, Does.Contain("112"));
        Assert.That(read.DueBy.ToDateTimeOffset(), Is.LessThan(DateTimeOffset.UtcNow.AddHours(1)));
    }

    [Test]
    public async Task R8_messages_go_both_ways_and_their_words_are_in_the_vault_only()
    {
        var (question, answer) = ($"kanarialintu{Guid.NewGuid():N}", $"kanarialintu{Guid.NewGuid():N}");
        var id = await _others.Routed(_partner, Route.ExpertConsultation);
        await _others.Arranged(id);
        await Eventually.Holds(async () => Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("consultationArranged")));
        using var sent = await _partner.Write($"/v1/consultations/{id}/messages", await Tag(id), new JsonObject { ["text"] = question });
        Assert.That((await sent.Json())["messages"]!.AsArray().Select(message => (message!["from"]!.GetValue<string>(), message["to"]!.GetValue<string>(), message["text"]!.GetValue<string>())), Is.EqualTo(new[] { ("requester", "expert", question) }));
        Assert.That((await Narratives(id, $"expert-{OtherServices.ExpertId}")).Select(text => text.Text), Does.Contain(question));

        using var channel = _intake.OpenChannel();
        var client = new Protos.Intake.V1.Consultations.ConsultationsClient(channel);
        var reply = new SendMessageRequest { Id = id.ToString(), MessageId = Guid.CreateVersion7().ToString(), Text = answer };
        var expert = await _intake.TokenOf($"expert-{OtherServices.ExpertId}");
        var (stranger, partner) = (await _intake.TokenOf("expert-00000000-0000-4000-8000-0000000000e9"), await _intake.TokenOf("partner-pirkanmaa"));
        foreach (var outsider in new[] { stranger, partner, await _intake.TokenOf("coordinator-pohjoinen"), await _intake.TokenOf("leadership-sisa") })
        {
            Calls.Refused(async () => await client.SendMessageAsync(reply, outsider), Grpc.Core.StatusCode.NotFound, "platform.not-found");
        }

        Calls.Refused(async () => await client.SendMessageAsync(new SendMessageRequest(reply) { Text = "Asiakas 131052-9085" }, expert), Grpc.Core.StatusCode.InvalidArgument, "platform.invalid-input");
        await client.SendMessageAsync(reply, expert);
        await client.SendMessageAsync(reply, expert);
        Calls.Refused(async () => await client.SendMessageAsync(new SendMessageRequest(reply) { Text = "Muuta." }, expert), Grpc.Core.StatusCode.FailedPrecondition, "intake.message-differs");
        var read = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
        var listed = (await _partner.GetFromJsonAsync<JsonObject>("/v1/consultations"))!["items"]!.AsArray().Single(item => item!["id"]!.GetValue<Guid>() == id)!;
        using var leadership = await _intake.ClientFor("leadership-sisa");
        var seen = (await leadership.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
        Assert.Multiple(async () =>
        {
            Assert.That(read["messages"]!.AsArray().Select(message => (message!["from"]!.GetValue<string>(), message["to"]!.GetValue<string>(), message["text"]!.GetValue<string>())), Is.EqualTo(new[] { ("requester", "expert", question), ("expert", "requester", answer) }));
            Assert.That(listed["messages"]!.AsArray().Select(message => message!["text"]), Is.All.Null, "A list is no reading.");
            Assert.That(seen["messages"]!.AsArray().Select(message => message!["text"]), Is.All.Null, "Leadership reads no words.");
            Assert.That(await Stored(question) + await Stored(answer), Is.Zero);
        });
    }

    [Test]
    public async Task R4_the_own_worker_of_a_working_team_is_whoever_it_is_now()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Activated(id);
        await Eventually.Holds(async () => Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("teamWorking")));
        using var changed = await _partner.Write($"/v1/consultations/{id}/responsible-worker", await Tag(id), new JsonObject { ["role"] = "responsible-family-care-worker", ["unit"] = "Toinen yksikkö", ["ref"] = "w-99" });
        var view = await changed.Json();
        Assert.That((view["responsible"]!["contact"]!.GetValue<string>(), view["team"]!["members"]![0]!["profession"]!.GetValue<string>()), Is.EqualTo(("w-99", "responsible-family-care-worker")));
        using var unknown = await _partner.Write($"/v1/consultations/{id}/responsible-worker", changed.Headers.ETag!.Tag, new JsonObject { ["role"] = "expert", ["ref"] = "w-1" });
        Assert.That((await unknown.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.role"], Is.Not.Null);
    }

    [Test]
    public async Task A_correction_and_feedback_are_taken_once_each()
    {
        var id = await _others.Routed(_partner, Route.BasicSupportGuidance);
        using var corrected = await _partner.Write($"/v1/consultations/{id}/correction", await Tag(id), new JsonObject { ["ageBand"] = "16-17", ["text"] = "Ikä oli väärin.", ["involvedServices"] = new JsonArray("school", "unheard-of") });
        Assert.That((await corrected.Json())["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo("Pyynnön tietoja on korjattu."));
        using var early = await _partner.Write($"/v1/consultations/{id}/feedback", corrected.Headers.ETag!.Tag, new JsonObject { ["score"] = 5 });
        await early.ShowsProblem(HttpStatusCode.Conflict, "intake.nothing-to-judge");
        await _others.Answered(id, Guid.CreateVersion7());
        await Eventually.Holds(async () => Assert.That((await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("answered")));
        using var wrong = await _partner.Write($"/v1/consultations/{id}/feedback", await Tag(id), new JsonObject { ["score"] = 6 });
        Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.score"], Is.Not.Null);
        using var given = await _partner.Write($"/v1/consultations/{id}/feedback", await Tag(id), new JsonObject { ["score"] = 5, ["text"] = "Kiitos." });
        Assert.That((await given.Json())["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Does.Not.Contain("feedback"));
        using var again = await _partner.Write($"/v1/consultations/{id}/feedback", given.Headers.ETag!.Tag, new JsonObject { ["score"] = 1 });
        await again.ShowsProblem(HttpStatusCode.Conflict, "intake.nothing-to-judge");
    }

    [Test]
    public async Task R1_a_holder_of_knowledge_who_was_reached_is_an_answer_that_is_confirmed_or_objected_to()
    {
        var id = await _others.Routed(_partner, Route.KnowledgeHolder);
        using var reached = await _partner.Write($"/v1/consultations/{id}/confirmation", await Tag(id));
        Assert.That((await reached.Json())["status"]!.GetValue<string>(), Is.EqualTo("answered"));
        using var confirmed = await _partner.Write($"/v1/consultations/{id}/confirmation", reached.Headers.ETag!.Tag);
        Assert.That((await confirmed.Json())["status"]!.GetValue<string>(), Is.EqualTo("closed"));

        var other = await _others.Routed(_partner, Route.KnowledgeHolder);
        using var objected = await _partner.Write($"/v1/consultations/{other}/objection", await Tag(other));
        Assert.That((await objected.Json())["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
    }

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

    private async Task<JsonArray> Lines(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}/access-log"))!["items"]!.AsArray();

    private static long Version(string tag) => long.Parse(tag.Trim('"'), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<Guid> Submitted(Action<JsonObject>? change = null)
    {
        using var submitted = await _partner.Submit(Calls.Sample(change));
        submitted.EnsureSuccessStatusCode();
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task<string> Tag(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        return read.Headers.ETag!.Tag;
    }

    private async Task<IReadOnlyList<Narrative>> Narratives(Guid id, string client)
    {
        using var channel = _intake.OpenChannel();
        var read = await new Protos.Intake.V1.Narratives.NarrativesClient(channel).ReadAsync(
            new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "triage" }, await _intake.TokenOf(client));
        return read.Narratives;
    }

    /// <summary>How many rows of the events and documents hold the text readably.</summary>
    private async Task<long> Stored(string text)
    {
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var count = store.CreateCommand("select (select count(*) from ot.mt_events where data::text like $1) + (select count(*) from ot.mt_doc_vaulttext where data::text like $1) + (select count(*) from ot.mt_doc_requestersview where data::text like $1)");
        count.Parameters.AddWithValue($"%{text}%");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>A body without a length and without a kind.</summary>
    private sealed class InPieces(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static JsonObject Copy(JsonObject body, params (string Field, JsonNode Value)[] with)
    {
        var copy = body.DeepClone().AsObject();
        foreach (var (field, value) in with)
        {
            copy[field] = value;
        }

        return copy;
    }
}

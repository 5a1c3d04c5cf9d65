using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using OtPlatform.EndToEnd.Tests.Canaries;
using OtPlatform.Local;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Traces;

/// <summary>One request is one trace through all services, when those who react to a change take its trace context along; and no case text is in it.</summary>
[TestFixture]
internal sealed class OneTraceTests
{
    private const string Register = "integrator";
    private const string Publication = "publish TeamActivated";
    private static readonly string[] Words = ["sinivuokko-kysymys", "sinivuokko-yritys", "sinivuokko-vahvuus", "sinivuokko-lapsi", "sinivuokko-tulos"];
    private static readonly string[] Services = ["otplatform-intake", "otplatform-triage", "otplatform-team-assembly", "otplatform-expert-pool", "otplatform-coordination"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(60);

    private Collector _collector = null!;
    private RunningSystem _system = null!;
    private GrpcChannel _queues = null!;
    private GrpcChannel _teams = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _collector = await Collector.Start();
        _system = await RunningSystem.Start(settings: new Dictionary<string, string>
        {
            ["Telemetry__OtlpEndpoint"] = _collector.Address,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        });
        using var limit = new CancellationTokenSource(Patience);
        await _system.LoadPool(limit.Token);
        _queues = GrpcChannel.ForAddress(_system.Endpoints.Grpc["coordination"]);
        _teams = GrpcChannel.ForAddress(_system.Endpoints.Grpc["teamAssembly"]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _queues.Dispose();
        _teams.Dispose();
        await _system.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Test]
    public async Task From_the_request_to_the_work_of_its_team_everything_is_one_trace()
    {
        using var limit = new CancellationTokenSource(Patience);
        var id = await Submit("01-substance-youth", "pirkanmaa", _ => { });
        await ConfirmRoute(id, "coordinator-sisa", limit.Token);
        await Follow(id, "TeamActivated", limit.Token);

        await Eventually.Holds(
            () =>
            {
                var first = _collector.Spans.Single(span => span.Name == "POST /v1/consultations" && span.Service == "otplatform-intake");
                var trace = _collector.Spans.Where(span => span.Trace == first.Trace).ToList();
                var ids = trace.Select(span => span.Id).ToHashSet();
                Assert.That(first.Parent, Is.Empty);
                Assert.That(trace.Any(span => span is { Service: "otplatform-team-assembly", Name: Publication }), Is.True, "The team's start is not in the trace.");
                Assert.That(Services.Except(trace.Select(span => span.Service)), Is.Empty, "Services without a span in the trace.");
                Assert.That(trace.Where(span => span != first && !ids.Contains(span.Parent)), Is.Empty, "Spans whose parent is not in the trace.");
            },
            ExportLimit);
    }

    [Test]
    public async Task No_words_of_a_case_are_in_anything_that_leaves_as_telemetry_or_log()
    {
        using var limit = new CancellationTokenSource(Patience);
        var id = await Submit("02-forensic-rare", "kainuu", body =>
        {
            body["question"] = Words[0];
            body["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = Words[1], ["with"] = Words[1], ["result"] = Words[1] });
            body["strengths"] = Words[2];
            body["childsView"] = Words[3];
        });
        await ConfirmRoute(id, "coordinator-pohjoinen", limit.Token);
        await Follow(id, "ConsultationAnswered", limit.Token);

        await Eventually.Holds(() => _collector.Spans.Any(span => span.Name == "publish ConsultationAnswered"), ExportLimit);
        var metrics = _collector.Exports("metrics");
        await Eventually.Holds(() => _collector.Exports("metrics") > metrics + Services.Length, ExportLimit);
        Assert.Multiple(() =>
        {
            Assert.That(_collector.Has("publish ConsultationAnswered"), Is.True, "Words that are there would not be found.");
            Assert.That(Words.Where(_collector.Has), Is.Empty);
            Assert.That(Words.Where(_system.Logs().Contains), Is.Empty);
        });
    }

    [Test]
    public async Task R8_no_canary_of_any_free_text_or_contact_is_in_the_databases_the_queues_the_logs_or_the_traces()
    {
        using var limit = new CancellationTokenSource(Patience);
        var canaries = new Dictionary<string, Canary>();
        string Plant(string field) => (canaries[field] = Canary.Named(field.Replace(".", "", StringComparison.Ordinal))).Word;
        using var tap = await BrokerTap.Open(_system.Endpoints);
        var id = await Submit("02-forensic-rare", "kainuu", body =>
        {
            body["clientRef"] = Plant("clientRef");
            body["requester"]!["role"] = Plant("requester.role");
            body["requester"]!["unit"] = Plant("requester.unit");
            body["requester"]!["email"] = $"{Plant("requester.email")}@partner.example";
            body["requester"]!["phone"] = $"+358 {Plant("requester.phone")}";
            body["responsibleWorker"]!["unit"] = Plant("responsibleWorker.unit");
            body["question"] = $"Alku {Plant("question")} loppu";
            body["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = Plant("tried.what"), ["with"] = Plant("tried.with"), ["result"] = Plant("tried.result") });
            body["strengths"] = Plant("strengths");
            body["childsView"] = Plant("childsView");
            body["involvedServices"]!.AsArray().Add(Plant("involvedServices"));
            body["safety"]!["contactWarning"] = Plant("contactWarning");
            body["legalBasis"]!["reference"] = Plant("legalBasis.reference");
        });
        using var partner = await _system.ClientOf("intake", "partner-kainuu");
        using var unknownField = await partner.Submit(Calls.Sample(body => body[Plant("refused.field")] = Plant("refused.value"), "02-forensic-rare"));
        using var wrongValue = await partner.Submit(Calls.Sample(body => body["kind"] = Plant("refused.kind"), "02-forensic-rare"));
        using var wrongAddress = await partner.GetAsync(new Uri($"/v1/consultations/{Plant("address")}?cursor={Plant("query")}", UriKind.Relative), limit.Token);
        Assert.That((unknownField.StatusCode, wrongValue.StatusCode, wrongAddress.StatusCode), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.NotFound)));

        await Seen(id, limit.Token);
        await Write(partner, id, "information", new JsonObject
        {
            ["text"] = Plant("information.text"),
            ["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = Plant("information.what"), ["with"] = Plant("information.with"), ["result"] = Plant("information.result") }),
            ["legalBasis"] = new JsonObject { ["type"] = "consent", ["reference"] = Plant("information.reference"), ["validUntil"] = "2030-01-01" },
        });
        await Eventually.Holds(async () => Assert.That(await _system.Count("triage", $"ot.mt_events where stream_id = '{id}' and type = 'case_assessed'"), Is.EqualTo(2)));
        await ConfirmAnyRoute(id, "coordinator-pohjoinen", limit.Token);
        await Write(partner, id, "responsible-worker", new JsonObject { ["role"] = "own-worker", ["unit"] = Plant("worker.unit"), ["ref"] = "sw-2" });
        await Write(partner, id, "messages", new JsonObject { ["text"] = Plant("message") });
        await Write(partner, id, "safety", new JsonObject { ["contactWarning"] = Plant("safety.contactWarning"), ["text"] = Plant("safety.text") });
        await PlantElsewhere(partner, Plant, limit.Token);
        using var intake = GrpcChannel.ForAddress(_system.Endpoints.Grpc["intake"]);
        var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(intake);
        await narratives.PutAsync(
            new Protos.Intake.V1.PutNarrativeRequest { ConsultationId = id.ToString(), TextId = Guid.CreateVersion7().ToString(), Kind = "note", Text = Plant("note") },
            await As("coordinator-pohjoinen"),
            cancellationToken: limit.Token);
        await Follow(id, "ConsultationAnswered", limit.Token, Plant("answer"));
        await Eventually.Holds(async () => Assert.That((await (await partner.GetAsync($"/v1/consultations/{id}")).Json())["status"]!.GetValue<string>(), Is.EqualTo("answered")));
        await Write(partner, id, "objection", new JsonObject { ["reason"] = Plant("objection") });

        // They are all there for those who may read: whoever finds none below did not just look at nothing.
        var words = (await narratives.ReadAsync(new Protos.Intake.V1.ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "audit" }, await As("coordinator-pohjoinen"), cancellationToken: limit.Token)).Narratives;
        var kept = canaries.Where(canary => !canary.Key.StartsWith("refused", StringComparison.Ordinal) && !canary.Key.StartsWith("elsewhere", StringComparison.Ordinal) && canary.Key is not ("clientRef" or "address" or "query")).Select(canary => canary.Key);
        Assert.That(kept.Where(field => !words.Any(text => text.Text.Contains(canaries[field].Word, StringComparison.Ordinal))), Is.Empty, "Not kept for anybody.");

        var number = (await (await partner.GetAsync($"/v1/consultations/{id}")).Json())["number"]!.GetValue<string>();
        await Eventually.Holds(() => _collector.Spans.Any(span => span.Name == "publish AnswerObjected"), ExportLimit);
        var metrics = _collector.Exports("metrics");
        await Eventually.Holds(() => _collector.Exports("metrics") > metrics + Services.Length, ExportLimit);
        var messages = await tap.Messages();
        var all = canaries.Values.SelectMany(canary => canary.Traces).ToList();
        var (found, controls) = (new List<string>(), 0);
        foreach (var database in await _system.DatabasesOfServer())
        {
            found.AddRange((await StoredText.Found(database, all)).Select(where => $"{new NpgsqlConnectionStringBuilder(database).Database} {where}"));
            controls += (await StoredText.Found(database, [number])).Count;
        }

        Assert.Multiple(async () =>
        {
            Assert.That(found, Is.Empty);
            Assert.That(messages.Where(message => all.Any(message.Contains)), Is.Empty);
            Assert.That(all.Where(_collector.Has), Is.Empty);
            Assert.That(all.Where(_system.Logs().Contains), Is.Empty);
            Assert.That(controls, Is.GreaterThan(2), "The number stands in more than one database's tables, and was not found.");
            Assert.That(messages.Any(message => message.Contains(number, StringComparison.Ordinal)), Is.True, "The number is on the bus, and was not found.");
            Assert.That(_collector.Has("publish AnswerObjected"), Is.True);
            Assert.That(await Planted(), Is.EquivalentTo(new[] { "plain", "bytes", "base64" }), "What is planted is not found.");
        });

        // The log's own control: what a service says about a consultation is found there.
        await Write(partner, id, "erasure", null);
        await Eventually.Holds(() => _system.Logs().Contains(id.ToString(), StringComparison.Ordinal));
    }

    [Test]
    public async Task R8_after_an_erasure_no_database_keeps_the_matter_the_municipality_the_workers_or_the_screening()
    {
        using var limit = new CancellationTokenSource(Patience);
        string Word(string begin) => $"{begin}{string.Concat(Guid.NewGuid().ToString("n").Select(digit => (char)('a' + Convert.ToInt32(digit.ToString(), 16))))}";
        var (municipality, worker, later, item, client) = (Word("Kunta"), Word("sw"), Word("sw"), Word("kohta"), Word("PK"));
        var id = await Submit("02-forensic-rare", "kainuu", body =>
        {
            body["clientRef"] = client;
            body["municipality"] = municipality;
            body["responsibleWorker"]!["ref"] = worker;
            body["screening"] = new JsonObject { ["instrument"] = "demandingness", ["version"] = 1, ["answers"] = new JsonObject { [item] = 2 }, ["participants"] = new JsonArray("family-worker") };
        });
        await Seen(id, limit.Token);
        var matter = (await _system.Rows("intake", $"select data ->> 'matterKey' from ot.mt_doc_requestersview where id = '{id}'")).Single();
        using var partner = await _system.ClientOf("intake", "partner-kainuu");
        await ConfirmAnyRoute(id, "coordinator-pohjoinen", limit.Token);
        await Write(partner, id, "responsible-worker", new JsonObject { ["role"] = "own-worker", ["ref"] = later });
        await Write(partner, id, "safety", new JsonObject { ["immediateDanger"] = true });
        await Follow(id, "ConsultationAnswered", limit.Token);

        IReadOnlyList<string> words = [municipality, worker, later, item, matter];
        async Task<IReadOnlyList<string>> Found()
        {
            var found = new List<string>();
            foreach (var database in await _system.DatabasesOfServer())
            {
                found.AddRange((await StoredText.Found(database, words)).Select(where => $"{new NpgsqlConnectionStringBuilder(database).Database} {where}"));
            }

            return found;
        }

        await Eventually.Holds(async () =>
        {
            var before = await Found();
            Assert.That(words.Where(word => !before.Any(where => where.Contains(word, StringComparison.Ordinal))), Is.Empty);
            foreach (var service in new[] { "intake", "triage", "teamAssembly", "coordination" })
            {
                Assert.That(before.Any(where => where.StartsWith($"{_system.Endpoints.Databases[service]} ", StringComparison.Ordinal)), Is.True, $"{service} holds none of it, or it is not found.");
            }
        });

        await Write(partner, id, "erasure", null);
        await Eventually.Holds(async () => Assert.That(await Found(), Is.Empty));
    }

    [Test]
    public async Task R8_the_vaults_checker_says_whether_an_access_log_is_as_it_was_written()
    {
        var id = await Submit("01-substance-youth", "pirkanmaa", _ => { });
        using var intake = GrpcChannel.ForAddress(_system.Endpoints.Grpc["intake"]);
        await new Protos.Intake.V1.Narratives.NarrativesClient(intake).ReadAsync(new Protos.Intake.V1.ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "audit" }, await As("coordinator-sisa"));
        Task<int> Vault(params string[] what) => Stack.RunBeside(_system.Folder, "intake", ["vault", .. what]);
        Assert.That((await Vault("check"), await Vault("epochs"), await Vault("new-epoch"), await Vault("rewrap"), await Vault("retire", "1"), await Vault("nonsense")), Is.EqualTo((0, 0, 0, 0, 1, 2)));

        await using var store = NpgsqlDataSource.Create($"{_system.Endpoints.Postgres};Database={_system.Endpoints.Databases["intake"]}");
        await using var cut = store.CreateCommand("delete from ot.mt_doc_textaccess where owner = $1 and (data ->> 'number')::bigint = 2");
        cut.Parameters.AddWithValue(id);
        Assert.That(await cut.ExecuteNonQueryAsync(), Is.EqualTo(1));
        Assert.That(await Vault("check"), Is.EqualTo(1));
    }

    /// <summary>What is said of staff where it belongs to no consultation, or where a contact has no place; what is kept is read again.</summary>
    private async Task PlantElsewhere(HttpClient partner, Func<string, string> plant, CancellationToken cancellation)
    {
        using var contactAsReference = await partner.Submit(Calls.Sample(body => body["responsibleWorker"]!["ref"] = $"{plant("refused.ref")}@partner.example", "02-forensic-rare"));
        using var phoneAsReference = await partner.Submit(Calls.Sample(body => body["responsibleWorker"]!["ref"] = $"+358 {plant("refused.phone")}", "02-forensic-rare"));
        using var nameAsRole = await partner.Submit(Calls.Sample(body => body["responsibleWorker"]!["role"] = plant("refused.role"), "02-forensic-rare"));
        Assert.That((contactAsReference.StatusCode, phoneAsReference.StatusCode, nameAsRole.StatusCode), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest)));

        var (note, address) = (plant("elsewhere.meeting.note"), $"https://hooks.partner.example/{plant("elsewhere.webhook")}");
        using var begun = await partner.PostKeyed("/v1/absence-follow-ups", new JsonObject { ["clientRef"] = plant("elsewhere.pupil"), ["county"] = "kainuu", ["language"] = "fi", ["ageBand"] = "13-15", ["hours"] = 31 });
        var (place, today) = (begun.Headers.Location!.ToString(), DateOnly.FromDateTime(DateTime.UtcNow));
        using var met = await partner.Write($"{place}/meeting", begun.Headers.ETag!.Tag, new JsonObject
        {
            ["heldOn"] = today.AddDays(-1).ToString("O"),
            ["participants"] = new JsonArray("teacher", plant("elsewhere.meeting.participant")),
            ["agreedWithFamily"] = true,
            ["note"] = note,
            ["followUp"] = new JsonObject { ["date"] = today.AddDays(20).ToString("O"), ["responsible"] = "sw-3" },
        });
        using var fewer = await partner.Write($"{place}/hours", met.Headers.ETag!.Tag, new JsonObject { ["hours"] = 20, ["reason"] = plant("elsewhere.hours.reason") });
        Assert.That(await (await partner.GetAsync(place, cancellation)).Content.ReadAsStringAsync(cancellation), Does.Contain(note));
        using var hook = await partner.PostAsync("/v1/webhooks", System.Net.Http.Json.JsonContent.Create(new { url = address }), cancellation);
        Assert.That((met.StatusCode, fewer.StatusCode, hook.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Created)));
        Assert.That(await (await partner.GetAsync("/v1/webhooks", cancellation)).Content.ReadAsStringAsync(cancellation), Does.Contain(address));

        using var pool = GrpcChannel.ForAddress(_system.Endpoints.Grpc["expertPool"]);
        var experts = new Protos.ExpertPool.V1.Experts.ExpertsClient(pool);
        var expert = new Protos.ExpertPool.V1.RegisterExpertRequest
        {
            ExpertId = Guid.CreateVersion7().ToString(),
            Sector = "social",
            Profession = "social-worker",
            Organisation = "kainuu-centre",
            Engagement = "partTime",
            County = "kainuu",
            Unit = $"partner-kainuu/{plant("elsewhere.expert.unit")}",
            Topics = { "violence.family" },
            Languages = { "fi" },
            Channels = { "phone" },
            WeeklyHours = 4,
        };
        await experts.RegisterAsync(expert, await As(Register), cancellationToken: cancellation);
        var named = expert.Clone();
        (named.ExpertId, named.Profession, named.Organisation) = (Guid.CreateVersion7().ToString(), $"psykologi {plant("refused.expert.name")}", $"{plant("refused.expert.mail")}@centre.example");
        Calls.Refused(async () => await experts.RegisterAsync(named, await As(Register)), StatusCode.InvalidArgument, "platform.invalid-input");
    }

    /// <summary>Which needles the search finds that were put into a table in the clear, as bytes, and within base64.</summary>
    private async Task<IReadOnlyList<string>> Planted()
    {
        var needle = Canary.Named("neula");
        var database = $"{_system.Endpoints.Postgres};Database={_system.Endpoints.Databases["intake"]}";
        await using var store = NpgsqlDataSource.Create(database);
        var found = new List<string>();
        foreach (var (how, value) in new[] { ("plain", "$1::text"), ("bytes", "convert_to($1::text, 'UTF8')"), ("base64", "encode(convert_to('xx' || $1::text || 'yy', 'UTF8'), 'base64')") })
        {
#pragma warning disable CA2100 // The tests' own text.
            await using (var plant = store.CreateCommand($"create table needle as select {value.Replace("$1", $"'{needle.Word}'", StringComparison.Ordinal)} as it"))
#pragma warning restore CA2100
            {
                await plant.ExecuteNonQueryAsync();
            }

            if ((await StoredText.Found(database, needle.Traces)).Any(where => where.StartsWith("public.needle", StringComparison.Ordinal)))
            {
                found.Add(how);
            }

            await using var drop = store.CreateCommand("drop table needle");
            await drop.ExecuteNonQueryAsync();
        }

        return found;
    }

    /// <summary>As a partner does: who was overtaken by another's word reads again.</summary>
    private static Task Write(HttpClient partner, Guid id, string what, JsonObject? body) => Eventually.Holds(async () =>
    {
        using var read = await partner.GetAsync($"/v1/consultations/{id}");
        using var written = await partner.Write($"/v1/consultations/{id}/{what}", read.Headers.ETag!.Tag, body?.DeepClone().AsObject());
        Assert.That(written.StatusCode, Is.EqualTo(HttpStatusCode.OK), await written.Content.ReadAsStringAsync());
    });

    /// <summary>The coordinator sends it to a single expert, whatever is recommended.</summary>
    private async Task ConfirmAnyRoute(Guid id, string coordinator, CancellationToken cancellation)
    {
        using var client = await _system.ClientOf("triage", coordinator);
        await Eventually.Holds(async () =>
        {
            using var read = await client.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative), cancellation);
            using var confirmed = await client.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, new JsonObject { ["route"] = "expertConsultation", ["reasonCode"] = "local-knowledge" });
            Assert.That(confirmed.StatusCode, Is.EqualTo(HttpStatusCode.OK), await confirmed.Content.ReadAsStringAsync(cancellation));
        });
    }

    private async Task<Guid> Submit(string sample, string county, Action<JsonObject> change)
    {
        using var partner = await _system.ClientOf("intake", $"partner-{county}");
        using var answer = await partner.Submit(Calls.Sample(change, sample));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (await answer.Json())["id"]!.GetValue<Guid>();
    }

    /// <summary>The coordinator sees the recommendation in the queue, and confirms it within the trace of what was seen.</summary>
    private async Task ConfirmRoute(Guid id, string coordinator, CancellationToken cancellation)
    {
        var assessed = await Seen(id, cancellation);
        using var client = await _system.ClientOf("triage", coordinator);
        using var read = await client.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative), cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/cases/{id}/route") { Content = System.Net.Http.Json.JsonContent.Create(new { route = assessed.Entry.RecommendedRoute }) };
        request.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.ToString());
        request.Headers.Add("traceparent", assessed.Traceparent);
        using var confirmed = await client.SendAsync(request, cancellation);
        Assert.That(confirmed.StatusCode, Is.EqualTo(HttpStatusCode.OK), await confirmed.Content.ReadAsStringAsync(cancellation));
    }

    private async Task<QueueChange> Seen(Guid id, CancellationToken cancellation)
    {
        using var watch = new Queues.QueuesClient(_queues).Watch(new WatchQueuesRequest(), await As(Register), cancellationToken: cancellation);
        await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellation))
        {
            if (change.What == "CaseAssessed" && change.Entry.ConsultationId == id.ToString())
            {
                return change;
            }
        }

        throw new InvalidOperationException("The queues were no longer watched.");
    }

    /// <summary>Experts accept and answer, each within the trace of the change that they react to, until the last one has happened.</summary>
    private async Task Follow(Guid id, string last, CancellationToken cancellation, string? answer = null)
    {
        var teams = new Teams.TeamsClient(_teams);
        using var watch = teams.Watch(new WatchTeamsRequest(), await As(Register), cancellationToken: cancellation);
        await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellation))
        {
            if (change.Team.Id != id.ToString())
            {
                continue;
            }

            if (change.What == "ExpertInvited")
            {
                var expert = change.Team.Invitations.Single(invitation => invitation.Id == change.InvitationId).ExpertId;
                await teams.AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = change.InvitationId }, await As($"expert-{expert}", change.Traceparent), cancellationToken: cancellation);
            }
            else if (change.What == "ConsultationArranged")
            {
                await teams.AnswerConsultationAsync(new AnswerConsultationRequest { Id = change.Team.Id, Text = answer ?? Words[4] }, await As($"expert-{change.Team.Members.Single().ExpertId}", change.Traceparent), cancellationToken: cancellation);
            }

            if (change.What == last)
            {
                return;
            }
        }
    }

    private async Task<Metadata> As(string client, string? traceparent = null)
    {
        var metadata = new Metadata { { "authorization", $"Bearer {await _system.Token(client)}" } };
        if (traceparent is not null)
        {
            metadata.Add("traceparent", traceparent);
        }

        return metadata;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Narratives;

/// <summary>Erasure over REST and gRPC against a real store and a real broker.</summary>
[TestFixture]
internal sealed class ErasureTests
{
    private const string Worker = "sw-kielo-114";
    private const string Place = "Kielokylä";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private GrpcChannel _channel = null!;
    private Protos.Intake.V1.Narratives.NarrativesClient _narratives = null!;
    private OtherServices _others = null!;
    private Metadata _coordinator = null!;
    private Metadata _own = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("erasure");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _channel = _intake.OpenChannel();
        _narratives = new Protos.Intake.V1.Narratives.NarrativesClient(_channel);
        _others = new OtherServices(_intake);
        _coordinator = await _intake.TokenOf("coordinator-sisa");
        _own = await _intake.TokenOf("partner-pirkanmaa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R8_an_erased_request_lists_as_erased_and_says_by_when_it_holds_for_backups()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var before = DateTimeOffset.UtcNow;
        var erased = await Erase(id);
        var read = await Read(id);
        var listed = (await _partner.GetFromJsonAsync<JsonObject>("/v1/consultations"))!["items"]!.AsArray().Single(item => item!["id"]!.GetValue<Guid>() == id)!;
        Assert.Multiple(() =>
        {
            Assert.That(erased["status"]!.GetValue<string>(), Is.EqualTo("withdrawn"));
            Assert.That((erased["responsible"], erased["dueBy"], erased["team"], erased["answer"]), Is.EqualTo(((JsonNode?)null, (JsonNode?)null, (JsonNode?)null, (JsonNode?)null)));
            Assert.That(erased["erased"]!["at"]!.GetValue<DateTimeOffset>(), Is.GreaterThanOrEqualTo(before));
            Assert.That(erased["erased"]!["completeBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(before.AddDays(36)).And.LessThan(before.AddDays(38)));
            Assert.That(read["erased"]!.ToJsonString(), Is.EqualTo(erased["erased"]!.ToJsonString()));
            Assert.That(listed["erased"]!.ToJsonString(), Is.EqualTo(erased["erased"]!.ToJsonString()));
            Assert.That(read["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo(Repository.Catalogue.Texts.Timeline["erased"].In("fi")));
            Assert.That(read["allowedActions"]!.AsArray(), Is.Empty);
        });
    }

    [Test]
    public async Task R8_nothing_of_the_words_the_key_the_stored_answer_or_the_references_is_left()
    {
        var key = Guid.NewGuid().ToString();
        using var submitted = await _partner.Submit(Sample(), key);
        var answer = await submitted.Json();
        var id = answer["id"]!.GetValue<Guid>();
        Assert.That(await InStore(Worker) && await InStore(Place) && await InStore(answer["number"]!.GetValue<string>()), Is.True, "What is there would not be found.");
        await _intake.Services.GetRequiredService<Vault>().ReadOf(id, _ => true, "triage", "coordinator-sisa", CancellationToken.None);

        await Erase(id);

        Assert.Multiple(async () =>
        {
            Assert.That(await Count("ot.mt_doc_vaulttext where owner = $1", id), Is.Zero);
            Assert.That(await Count("data_keys where owner = $1 and wrapped is null and destroyed_at is not null", id, KeyStoreOf(_intake)), Is.EqualTo(1));
            Assert.That(await Count("ot.mt_doc_idempotencykey where consultation_id = $1 and data ->> 'answer' = '' and data ->> 'bodyHash' = ''", id), Is.EqualTo(1));
            Assert.That(await InStore(Worker), Is.False);
            Assert.That(await InStore(Place), Is.False);
            Assert.That(await Count("ot.mt_events where stream_id = $1 and data ->> 'matterKey' is not null", id), Is.Zero);
            Assert.That(await Count("ot.mt_doc_requestersview where id = $1 and (matter_key is not null or data ->> 'matterKey' is not null)", id), Is.Zero);
            Assert.That(await Count("ot.mt_doc_textaccess where owner = $1", id), Is.GreaterThan(1), "The access log stays.");
            Assert.That(await Count("ot.mt_doc_erasure where id = $1 and done", id), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task R8_what_is_taken_out_of_a_stored_event_changes_neither_its_id_nor_its_time_and_it_is_still_read()
    {
        using var submitted = await _partner.Submit(Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        using var worker = await _partner.Write($"/v1/consultations/{id}/responsible-worker", submitted.Headers.ETag!.Tag, new JsonObject { ["role"] = "own-worker", ["ref"] = Worker });
        worker.EnsureSuccessStatusCode();
        var before = await Events(id);
        await Erase(id);
        Assert.That((await Events(id)).Take(before.Count), Is.EqualTo(before), "The id is the id of the message that tells of it, also when it is sent once more.");
        using var session = _intake.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        var bodies = (await session.Events.FetchStreamAsync(id)).Select(happened => happened.Data).ToList();
        Assert.That((bodies.OfType<ConsultationSubmitted>().Single().Municipality, bodies.OfType<ResponsibleWorkerChanged>().Single().Ref), Is.EqualTo(((string?)null, string.Empty)));
        Assert.That(bodies.OfType<ConsultationSubmitted>().Single().Urgency, Is.EqualTo(Enum.Parse<Urgency>(Calls.Sample()["urgency"]!.GetValue<string>(), ignoreCase: true)));
    }

    [Test]
    public async Task An_erasure_that_cannot_be_finished_yet_is_acknowledged_and_holds_up_no_other()
    {
        var ids = new List<Guid>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var submitted = await _partner.Submit(Calls.Sample());
            ids.Add((await submitted.Json())["id"]!.GetValue<Guid>());
        }

        await using var keys = NpgsqlDataSource.Create(KeyStoreOf(_intake));
        await using var refuse = keys.CreateCommand($"alter table data_keys add constraint kept check (not (owner = '{ids.Min()}' and wrapped is null))");
        await refuse.ExecuteNonQueryAsync();
        await Erase(ids.Min());
        await using var reopen = NpgsqlDataSource.Create(_intake.StoreConnectionString).CreateCommand("update ot.mt_doc_erasure set data = jsonb_set(data, '{done}', 'false'), done = false where id = $1");
        await Erase(ids.Max());
        reopen.Parameters.AddWithValue(ids.Max());
        await reopen.ExecuteNonQueryAsync();

        var erasures = _intake.Services.GetRequiredService<Erasures>();
        await erasures.FinishAll(CancellationToken.None);
        Assert.That(await Count("ot.mt_doc_erasure where id = $1 and done", ids.Max()), Is.EqualTo(1), "The one behind it is finished.");
        Assert.That(await Count("ot.mt_doc_erasure where id = $1 and done", ids.Min()), Is.Zero);
        await using var allow = keys.CreateCommand("alter table data_keys drop constraint kept");
        await allow.ExecuteNonQueryAsync();
        await erasures.FinishAll(CancellationToken.None);
        Assert.That(await Count("ot.mt_doc_erasure where id = $1 and done", ids.Min()), Is.EqualTo(1));
    }

    [Test]
    public async Task R8_the_key_of_an_erased_request_makes_no_new_one()
    {
        var (key, body) = (Guid.NewGuid().ToString(), Calls.Sample());
        using var submitted = await _partner.Submit(body, key);
        await Erase((await submitted.Json())["id"]!.GetValue<Guid>());
        using var again = await _partner.Submit(body, key);
        using var other = await _partner.Submit(Sample(), key);
        await again.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-erased");
        await other.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-erased");
    }

    [Test]
    public async Task R8_to_read_or_to_write_again_gets_a_plain_answer()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var question = (await _narratives.ReadAsync(All(id), _own)).Narratives.Single(text => text.Kind == "question").TextId;
        var erased = await Erase(id);
        var all = await _narratives.ReadAsync(All(id), _coordinator);
        var one = await _narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), TextId = question, Purpose = "audit" }, _own);
        using var information = await _partner.Write($"/v1/consultations/{id}/information", $"\"{erased["version"]}\"", new JsonObject { ["text"] = "More" });
        using var objection = await _partner.Write($"/v1/consultations/{id}/objection", $"\"{erased["version"]}\"", new JsonObject { ["reason"] = "More" });
        await information.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-erased");
        await objection.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-erased");
        var put = new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = Guid.CreateVersion7().ToString(), Kind = "note", Text = "Sana." };
        Calls.Refused(async () => await _narratives.PutAsync(put, _coordinator), StatusCode.FailedPrecondition, "intake.consultation-erased");
        Assert.Multiple(() =>
        {
            Assert.That(all.Narratives, Is.Empty);
            Assert.That(one.Narratives, Is.Empty);
            Assert.That(all.ErasedAt.ToDateTimeOffset(), Is.EqualTo(erased["erased"]!["at"]!.GetValue<DateTimeOffset>()));
            Assert.That(one.ErasedAt, Is.EqualTo(all.ErasedAt));
        });
    }

    [Test]
    public async Task R10_an_erasure_needs_the_version_and_once_more_answers_the_same()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var address = $"{submitted.Headers.Location}/erasure";
        using var without = await _partner.PostAsync(address, null);
        using var stale = await _partner.Write(address, "\"99\"");
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        using var first = await _partner.Write(address, submitted.Headers.ETag!.Tag);
        using var again = await _partner.Write(address, submitted.Headers.ETag!.Tag);
        Assert.Multiple(async () =>
        {
            Assert.That((first.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
            Assert.That(await again.Content.ReadAsStringAsync(), Is.EqualTo(await first.Content.ReadAsStringAsync()));
        });
    }

    [Test]
    public async Task R8_over_gRPC_it_is_the_same_erasure()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var version = (await Read(id))["version"]!.GetValue<long>();
        Calls.Refused(async () => await _narratives.EraseAsync(new EraseNarrativesRequest { ConsultationId = id.ToString() }, _own), StatusCode.FailedPrecondition, "platform.version-required");
        Calls.Refused(async () => await _narratives.EraseAsync(new EraseNarrativesRequest { ConsultationId = id.ToString(), ExpectedVersion = 99 }, _own), StatusCode.Aborted, "platform.stale-version");
        var request = new EraseNarrativesRequest { ConsultationId = id.ToString(), ExpectedVersion = version };
        var (first, again) = (await _narratives.EraseAsync(request, _own), await _narratives.EraseAsync(request, _own));
        var read = await Read(id);
        Assert.Multiple(async () =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(first.ErasedAt.ToDateTimeOffset(), Is.EqualTo(read["erased"]!["at"]!.GetValue<DateTimeOffset>()));
            Assert.That(first.CompleteBy.ToDateTimeOffset(), Is.EqualTo(read["erased"]!["completeBy"]!.GetValue<DateTimeOffset>()));
            Assert.That(await Count("ot.mt_doc_vaulttext where owner = $1", id), Is.Zero);
        });
    }

    [Test]
    public async Task R8_only_those_who_sent_it_erase_it()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<string>();
        using var neighbour = await _neighbour.Write($"/v1/consultations/{id}/erasure", "\"1\"");
        await neighbour.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        var (request, other) = (new EraseNarrativesRequest { ConsultationId = id, ExpectedVersion = 1 }, await _intake.TokenOf("partner-kainuu"));
        Calls.Refused(async () => await _narratives.EraseAsync(request, other), StatusCode.NotFound, "platform.not-found");
        Calls.Refused(async () => await _narratives.EraseAsync(request, _coordinator), StatusCode.PermissionDenied, "platform.not-allowed");
        Assert.That((await Read(Guid.Parse(id)))["erased"], Is.Null);
    }

    [Test]
    public async Task R8_an_erasure_that_was_interrupted_is_finished()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await using (var session = _intake.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            session.Store(new Intake.Narratives.Erasure { Id = id, ErasedAt = DateTimeOffset.UtcNow });
            await session.SaveChangesAsync();
        }

        await _intake.Services.GetRequiredService<Erasures>().FinishAll(CancellationToken.None);
        Assert.Multiple(async () =>
        {
            Assert.That(await _intake.Services.GetRequiredService<DataKeys>().Find(id, CancellationToken.None), Is.Null);
            Assert.That(await Count("ot.mt_doc_vaulttext where owner = $1", id), Is.Zero);
            Assert.That(await Count("ot.mt_doc_erasure where id = $1 and done", id), Is.EqualTo(1));
        });
        using var information = await _partner.Write($"/v1/consultations/{id}/information", submitted.Headers.ETag!.Tag, new JsonObject { ["text"] = "More" });
        await information.ShowsProblem(HttpStatusCode.Conflict, "intake.narrative-erased");
    }

    [Test]
    public async Task R8_the_requesting_side_reads_who_read_also_after_the_erasure()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var texts = (await _narratives.ReadAsync(All(id), _coordinator)).Narratives;
        await Erase(id);
        var log = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}/access-log"))!;
        var lines = log["items"]!.AsArray();
        var rest = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}/access-log?after={texts.Count}"))!["items"]!.AsArray();
        using var neighbour = await _neighbour.GetAsync($"/v1/consultations/{id}/access-log");
        using var coordinator = await _intake.ClientFor("coordinator-sisa");
        using var unaudited = await coordinator.GetAsync($"/v1/consultations/{id}/access-log");
        using var leadership = await _intake.ClientFor("leadership-sisa");
        using var audited = await leadership.GetAsync($"/v1/consultations/{id}/access-log");
        await neighbour.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await unaudited.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        Assert.Multiple(() =>
        {
            Assert.That(lines.Select(line => line!["number"]!.GetValue<long>()), Is.EqualTo(Enumerable.Range(1, texts.Count + 1)));
            Assert.That(lines.SkipLast(1).Select(line => line!["kind"]!.GetValue<string>()), Is.EqualTo(texts.Select(text => text.Kind)));
            Assert.That(lines.SkipLast(1).Select(line => (line!["reader"]!.GetValue<string>(), line["purpose"]!.GetValue<string>())), Is.All.EqualTo(("coordinator-sisa", "triage")));
            Assert.That((lines[^1]!["reader"]!.GetValue<string>(), lines[^1]!["purpose"]!.GetValue<string>(), lines[^1]!["kind"]!.GetValue<string>()), Is.EqualTo(("partner-pirkanmaa", "erasure", "all")));
            Assert.That(rest.Single()!.ToJsonString(), Is.EqualTo(lines[^1]!.ToJsonString()));
            Assert.That(log["next"], Is.Null);
            Assert.That(audited.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        });
    }

    [Test]
    public async Task R10_an_idempotency_key_is_kept_for_30_days_and_then_dropped()
    {
        await using var intake = await ServiceHost<Program>.Start("old_keys");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var submitted = await partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        var upkeep = intake.Services.GetServices<IHostedService>().OfType<VaultUpkeep>().Single();
        const string Kept = "ot.mt_doc_idempotencykey where consultation_id = $1";
        await intake.PassTime(TimeSpan.FromDays(29));
        await upkeep.DropOldKeys(CancellationToken.None);
        Assert.That(await Count(Kept, id, intake.StoreConnectionString), Is.EqualTo(1));
        await intake.PassTime(TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1));
        await upkeep.DropOldKeys(CancellationToken.None);
        Assert.That(await Count(Kept, id, intake.StoreConnectionString), Is.Zero);
    }

    private static JsonObject Sample() => Calls.Sample(body =>
    {
        body["responsibleWorker"]!["ref"] = Worker;
        body["municipality"] = Place;
    });

    private static ReadNarrativeRequest All(Guid id) => new() { ConsultationId = id.ToString(), Purpose = "triage" };

    private static string KeyStoreOf(ServiceHost<Program> intake) => intake.Services.GetRequiredService<VaultOptions>().KeyStoreConnectionString;

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

    private async Task<JsonObject> Erase(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        using var erased = await _partner.Write($"/v1/consultations/{id}/erasure", read.Headers.ETag!.Tag);
        erased.EnsureSuccessStatusCode();
        return await erased.Json();
    }

    /// <summary>Id, place, time and kind of each event.</summary>
    private async Task<IReadOnlyList<(Guid Id, long Sequence, DateTimeOffset At, string Type)>> Events(Guid id)
    {
        using var session = _intake.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        return [.. (await session.Events.FetchStreamAsync(id)).Select(happened => (happened.Id, happened.Sequence, happened.Timestamp, happened.EventTypeName))];
    }

    private async Task<long> Count(string from, Guid id, string? database = null)
    {
        await using var store = NpgsqlDataSource.Create(database ?? _intake.StoreConnectionString);
#pragma warning disable CA2100 // The tests' own text.
        await using var count = store.CreateCommand($"select count(*) from {from}");
#pragma warning restore CA2100
        count.Parameters.AddWithValue(id);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task<bool> InStore(string words) => await StoredText.Has(_intake.StoreConnectionString, words);
}

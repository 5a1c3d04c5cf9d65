using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>Submissions that come at the same time share their round trips and their commit, and nobody can tell.</summary>
[TestFixture]
internal sealed class SubmissionsTogetherTests
{
    private const int Many = 60;
    private ServiceHost<Program> _intake = null!;
    private NpgsqlDataSource _store = null!;
    private NpgsqlDataSource _keys = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake");
        _store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        _keys = NpgsqlDataSource.Create(_intake.Settings["Vault:KeyStoreConnectionString"]);
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _store.DisposeAsync();
        await _keys.DisposeAsync();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task Each_is_stored_with_its_own_sender_cause_and_trace()
    {
        var sent = await Task.WhenAll(Enumerable.Range(0, Many).Select(async at =>
        {
            var trace = Guid.NewGuid().ToString("N");
            using var answer = await Send(at % 3 == 0 ? _neighbour : _partner, $"together-{Guid.NewGuid():N}", at % 3 == 0 ? "kainuu" : "pirkanmaa", trace);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            return (Id: (await answer.Json())["id"]!.GetValue<Guid>(), Subject: at % 3 == 0 ? "partner-kainuu" : "partner-pirkanmaa", Trace: trace);
        }));

        var (commits, causes) = (new HashSet<string>(), new HashSet<string>());
        await using var find = _store.CreateCommand("select stream_id, user_name, correlation_id, causation_id, headers ->> 'traceparent', xmin::text from ot.mt_events where stream_id = any($1) and version = 1");
        find.Parameters.AddWithValue(sent.Select(one => one.Id).ToArray());
        await using var reader = await find.ExecuteReaderAsync();
        var found = 0;
        while (await reader.ReadAsync())
        {
            var one = sent.Single(one => one.Id == reader.GetGuid(0));
            Assert.Multiple(() =>
            {
                Assert.That(reader.GetString(1), Does.Contain(one.Subject));
                Assert.That(reader.GetString(2), Is.EqualTo(one.Id.ToString()));
                Assert.That(causes.Add(reader.GetString(3)), "Two have the same cause.");
                Assert.That(reader.GetString(4), Does.Contain(one.Trace));
            });
            commits.Add(reader.GetString(5));
            found++;
        }

        Assert.That(found, Is.EqualTo(Many));
        Assert.That(commits, Has.Count.LessThan(Many), "None has shared a commit, so this has shown nothing.");
    }

    [Test]
    public async Task One_that_the_store_refuses_fails_alone()
    {
        await Run(
            """
            create function ot.refuse() returns trigger language plpgsql as $f$ begin raise 'refused'; end $f$;
            create trigger refuse before insert on ot.mt_events for each row when (new.data::text like '%Refusedville%') execute function ot.refuse()
            """);
        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(at => Send(_partner, $"refused-{Guid.NewGuid():N}", "pirkanmaa", null, body => body["municipality"] = at == 7 ? "Refusedville" : "Tampere")));
        await Run("drop trigger refuse on ot.mt_events; drop function ot.refuse()");
        Assert.That(answers.Select((answer, at) => (At: at, answer.StatusCode)).Where(one => one.StatusCode is not HttpStatusCode.Accepted), Is.EqualTo(new[] { (7, HttpStatusCode.InternalServerError) }));
        await using var find = _store.CreateCommand("select count(*) from ot.mt_events where data::text like '%Refusedville%'");
        Assert.That(await find.ExecuteScalarAsync(), Is.Zero);
    }

    [Test]
    public async Task One_that_says_what_is_not_allowed_is_refused_alone_and_leaves_nothing()
    {
        var key = $"mixed-{Guid.NewGuid():N}";
        var before = await DataKeys();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(at => Send(_partner, $"{key}-{at}", at == 3 ? "kainuu" : "pirkanmaa", null, body => body["ageBand"] = at == 5 ? "no such band" : "13-15")));
        Assert.That(
            answers.Select((answer, at) => (At: at, answer.StatusCode)).Where(one => one.StatusCode is not HttpStatusCode.Accepted),
            Is.EqualTo(new[] { (3, HttpStatusCode.Forbidden), (5, HttpStatusCode.BadRequest) }));
        Assert.That(await DataKeys() - before, Is.EqualTo(18));
    }

    [Test]
    public async Task R10_a_key_that_comes_again_gets_its_answer_and_leaves_no_data_key()
    {
        var (key, own) = ($"again-{Guid.NewGuid():N}", Calls.ClientRef());
        void Same(JsonObject body) => body["clientRef"] = own;
        using var first = await Send(_partner, key, "pirkanmaa", null, Same);
        var before = await DataKeys();
        var again = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Send(_partner, key, "pirkanmaa", null, Same)));
        var said = again.Where(answer => answer.StatusCode is HttpStatusCode.Accepted).Select(answer => answer.Headers.Location).Distinct().ToList();
        Assert.That(said, Is.EqualTo(new[] { first.Headers.Location }));
        using var other = await Send(_partner, key, "pirkanmaa", null, body => body["question"] = "Another question");
        await other.ShowsProblem(HttpStatusCode.Conflict, "idempotency.key-reused");
        await Eventually.Holds(async () => Assert.That(await DataKeys(), Is.EqualTo(before)));
    }

    [Test]
    public async Task R10_a_data_key_is_kept_when_nobody_knows_whether_it_has_sealed_something_and_given_back_when_it_surely_has_not()
    {
        var acknowledgements = _intake.Services.GetRequiredService<Acknowledgements>();
        var (key, raw, now) = ($"unknown-{Guid.NewGuid():N}", Encoding.UTF8.GetBytes("{}"), DateTimeOffset.UtcNow);
        var caller = Caller.From(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "partner-pirkanmaa"), new Claim(ClaimNames.Organisation, "partner-pirkanmaa")])));
        var served = new List<Guid>();
        Task<(IdempotencyKey? Acknowledged, Rejection? Refusal)> Once() => acknowledgements.OnceTogether(
            caller,
            key,
            () => Task.FromResult(raw),
            "test",
            Consultation.AlreadyErased,
            (_, _, _) => ((_, dataKey) =>
            {
                served.Add(dataKey.Owner);
                if (served.Count == 1)
                {
                    // It is stored, and the word of it is lost on the way.
                    Stored(IdempotencyKey.IdOf(key, caller.Subject), raw, dataKey.Owner, now).GetAwaiter().GetResult();
                }

                throw new InvalidOperationException("The connection is gone.");
            }, null),
            default);

        var (acknowledged, refusal) = await Once();
        Assert.That((acknowledged?.Answer, refusal, served.Count), Is.EqualTo(("stored", (Rejection?)null, 1)));
        Assert.That(acknowledged!.ConsultationId, Is.EqualTo(served[0]));
        await StockIsEmpty();
        Assert.That(await HasDataKey(served[0]), "What is stored is sealed with it.");
        var before = await DataKeys();
        var (again, _) = await Once();
        Assert.That((again?.ConsultationId, served.Count), Is.EqualTo((acknowledged.ConsultationId, 1)));
        await Eventually.Holds(async () => Assert.That(await DataKeys(), Is.EqualTo(before)));
    }

    [Test]
    public async Task Ids_are_given_in_the_order_in_which_requests_come_also_when_many_come()
    {
        var ids = new List<Guid>();
        for (var at = 0; at < Many; at++)
        {
            using var answer = await Send(_partner, $"order-{Guid.NewGuid():N}", "pirkanmaa", null);
            ids.Add((await answer.Json())["id"]!.GetValue<Guid>());
        }

        Assert.That(ids, Is.Ordered);
        Assert.That(_intake.Services.GetRequiredService<DataKeyStock>().Count, Is.Positive, "None was in stock, so this has shown nothing.");
    }

    [Test]
    public async Task R8_data_keys_in_stock_are_removed_when_nobody_comes_and_when_the_service_stops()
    {
        var keys = _intake.Services.GetRequiredService<DataKeys>();
        using var stock = new DataKeyStock(keys, TimeProvider.System, NullLogger<DataKeyStock>.Instance);
        await StockIsEmpty();
        var before = await DataKeys();
        var taken = new List<DataKey>();
        for (var at = 0; at < Many; at++)
        {
            taken.Add(await stock.Take(default));
        }

        Assert.That(taken.Select(key => key.Owner), Is.Ordered.And.Unique);
        Assert.That(await keys.Find(taken[^1].Owner, default), Is.EqualTo(taken[^1].Key));
        Assert.That(stock.Count, Is.Positive);
        await stock.StopAsync(default);
        Assert.That(stock.Count, Is.Zero);
        Assert.That(await DataKeys() - before, Is.EqualTo(Many));

        await stock.StartAsync(default);
        stock.Return(taken[0]);
        await Eventually.Holds(async () => Assert.That((stock.Count, await keys.Find(taken[0].Owner, default)), Is.EqualTo((0, (byte[]?)null))));
        Assert.That((await stock.Take(default)).Owner, Is.Not.EqualTo(taken[0].Owner));
        await stock.StopAsync(default);
    }

    [Test]
    public async Task What_is_given_back_late_is_not_given_to_whoever_comes_next()
    {
        using var stock = new DataKeyStock(_intake.Services.GetRequiredService<DataKeys>(), TimeProvider.System, NullLogger<DataKeyStock>.Instance);
        var first = await stock.Take(default);
        var second = await stock.Take(default);
        stock.Return(first);
        var third = await stock.Take(default);
        stock.Return(third);
        var again = await stock.Take(default);
        await stock.StopAsync(default);
        Assert.That((Guid[])[first.Owner, second.Owner, third.Owner], Is.Ordered);
        Assert.That(again.Owner, Is.GreaterThanOrEqualTo(third.Owner));
    }

    [Test]
    public async Task A_data_key_that_cannot_be_stored_fails_those_who_wait_for_it_and_nobody_later()
    {
        using var stock = new DataKeyStock(_intake.Services.GetRequiredService<DataKeys>(), TimeProvider.System, NullLogger<DataKeyStock>.Instance);
        await RunOn(_keys, "create function refuse() returns trigger language plpgsql as $f$ begin raise 'refused'; end $f$; create trigger refuse before insert on data_keys for each row execute function refuse()");
        Assert.ThrowsAsync<PostgresException>(() => stock.Take(default).AsTask());
        await RunOn(_keys, "drop trigger refuse on data_keys; drop function refuse()");
        var together = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => stock.Take(default).AsTask()));
        Assert.That(together.Select(key => key.Owner), Is.Unique);
        await stock.StopAsync(default);
    }

    private async Task Stored(string keyId, byte[] raw, Guid id, DateTimeOffset now) =>
        await _intake.Services.GetRequiredService<StreamStore>().InOneTransaction(
            new Origin("test"),
            work =>
            {
                work.Store(new IdempotencyKey
                {
                    Id = keyId,
                    BodyHash = _intake.Services.GetRequiredService<Pseudonyms>().Body(raw),
                    ConsultationId = id,
                    Answer = "stored",
                    Tag = "\"1\"",
                    AnsweredAt = now,
                });
                return Task.FromResult(true);
            },
            default);

    private static async Task<HttpResponseMessage> Send(HttpClient client, string key, string county, string? trace, Action<JsonObject>? change = null)
    {
        var body = Calls.Sample(body =>
        {
            body["county"] = county;
            change?.Invoke(body);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        if (trace is not null)
        {
            request.Headers.Add("traceparent", $"00-{trace}-00000000000000a1-01");
        }

        return await client.SendAsync(request);
    }

    private Task StockIsEmpty() => Eventually.Holds(() => Assert.That(_intake.Services.GetRequiredService<DataKeyStock>().Count, Is.Zero));

    private async Task<bool> HasDataKey(Guid owner) => await _intake.Services.GetRequiredService<DataKeys>().Find(owner, default) is not null;

    /// <summary>Those that have sealed something.</summary>
    private async Task<long> DataKeys()
    {
        await StockIsEmpty();
        await using var count = _keys.CreateCommand("select count(*) from data_keys");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private Task Run(string sql) => RunOn(_store, sql);

    private static async Task RunOn(NpgsqlDataSource database, string sql)
    {
#pragma warning disable CA2100 // Our own text.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Intake.Narratives;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Narratives;

/// <summary>Whoever changes an access log past the service is found, at the first line that is wrong.</summary>
[TestFixture]
internal sealed class AccessCheckTests
{
    private const int Lines = 4;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private NpgsqlDataSource _store = null!;
    private NpgsqlDataSource _keyStore = null!;
    private int _days;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("access_check");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        _keyStore = NpgsqlDataSource.Create(_intake.Services.GetRequiredService<VaultOptions>().KeyStoreConnectionString);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _store.DisposeAsync();
        await _keyStore.DisposeAsync();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_log_that_nobody_touched_is_as_written_also_when_many_read_at_once()
    {
        var id = await Submit();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(reader => ReadOne(id, $"reader-{reader}")));
        await Anchor();
        await ReadOne(id, "reader-later");
        var found = await Check();
        Assert.Multiple(async () =>
        {
            Assert.That(found.Broken.Where(broken => broken.Owner == id || broken.Owner == Guid.Empty), Is.Empty);
            Assert.That((await Log(id)).Select(line => line.Number), Is.EqualTo(Enumerable.Range(1, 13)));
            Assert.That((await Log(id)).Select(line => line.Reader).Distinct().Count(), Is.EqualTo(13));
            Assert.That(found.LastDay, Does.Match("^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9a-f]{64}$"));
        });
    }

    [Test]
    public async Task What_is_read_while_the_check_runs_is_no_fault()
    {
        var id = await Read();
        await using var other = await _store.OpenConnectionAsync();
        await using var reading = await other.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("lock table ot.mt_doc_textaccess in access exclusive mode", other);
        await hold.ExecuteNonQueryAsync();
        var check = Task.Run(Check);
        await Eventually.Holds(async () => Assert.That(await Waiting(), Is.EqualTo(1), "The check has read the heads and waits for the lines."));

        var last = (await LastLine(other, id))!;
        var next = last with { Id = Guid.NewGuid(), Number = last.Number + 1, Previous = last.Hash };
        next = next with { Hash = next.Seal() };
        await using var write = new NpgsqlCommand(
            """
            insert into ot.mt_doc_textaccess select (jsonb_populate_record(t, jsonb_build_object('id', $2::text, 'data', $3::jsonb))).* from ot.mt_doc_textaccess t where owner = $1 limit 1;
            """,
            other)
        {
            Parameters = { new() { Value = id }, new() { Value = next.Id.ToString() }, new() { Value = JsonSerializer.Serialize(next, Json) } },
        };
        await write.ExecuteNonQueryAsync();
        await using var head = new NpgsqlCommand("update ot.mt_doc_accesshead set data = data || jsonb_build_object('number', $2::bigint, 'hash', $3::text) where id = $1", other)
        {
            Parameters = { new() { Value = id }, new() { Value = next.Number }, new() { Value = next.Hash } },
        };
        await head.ExecuteNonQueryAsync();
        await reading.CommitAsync();
        Assert.That((await check).Broken.Where(broken => broken.Owner == id), Is.Empty);
        Assert.That((await Check()).Broken.Where(broken => broken.Owner == id), Is.Empty);
        Assert.That(await Log(id), Has.Count.EqualTo(Lines + 1));
    }

    [TestCase("reader", "\"nobody\"")]
    [TestCase("purpose", "\"audit\"")]
    [TestCase("kind", "\"note\"")]
    [TestCase("readAt", "\"2026-01-01T00:00:00+00:00\"")]
    [TestCase("textId", "\"00000000-0000-4000-8000-000000000001\"")]
    [TestCase("owner", "\"00000000-0000-4000-8000-000000000001\"")]
    [TestCase("reader", "7")]
    public async Task A_changed_line_is_found(string field, string value)
    {
        var id = await Read();
        await Change("update ot.mt_doc_textaccess set data = jsonb_set(data, array[$2], $3::jsonb) where owner = $1 and data ->> 'number' = '2'", id, field, value);
        await Finds(id, 2);
    }

    [Test]
    public async Task A_changed_line_with_a_hash_that_fits_is_found_at_the_next()
    {
        var id = await Read();
        var line = (await Log(id))[1] with { Reader = "nobody" };
        await Put(line with { Hash = line.Seal() });
        await Finds(id, 3);
    }

    [Test]
    public async Task A_deleted_line_is_found()
    {
        var id = await Read();
        await Change("delete from ot.mt_doc_textaccess where owner = $1 and data ->> 'number' = '2'", id);
        await Finds(id, 2);
    }

    [Test]
    public async Task An_inserted_line_is_found()
    {
        var id = await Read();
        var forged = (await Log(id))[1] with { Id = Guid.NewGuid(), Reader = "nobody" };
        await Insert(forged with { Hash = forged.Seal() });
        await Finds(id, 2);
    }

    [Test]
    public async Task An_inserted_copy_of_a_line_is_found()
    {
        var id = await Read();
        var copy = (await Log(id))[1] with { Id = new Guid("ffffffff-ffff-4fff-bfff-ffffffffffff") };
        await Insert(copy);
        await Finds(id, 2);
    }

    [Test]
    public async Task A_line_added_at_the_end_with_hashes_that_fit_is_found()
    {
        var id = await Read();
        var last = (await Log(id))[^1];
        var forged = last with { Id = Guid.NewGuid(), Number = Lines + 1, Previous = last.Hash, Reader = "nobody" };
        await Insert(forged with { Hash = forged.Seal() });
        await Finds(id, Lines + 1);
    }

    [Test]
    public async Task Lines_in_another_order_are_found()
    {
        var id = await Read();
        await Change("update ot.mt_doc_textaccess set data = jsonb_set(data, '{number}', to_jsonb(5 - (data ->> 'number')::bigint)) where owner = $1 and data ->> 'number' in ('2', '3')", id);
        await Finds(id, 2);
    }

    [Test]
    public async Task Last_lines_that_were_cut_off_are_found()
    {
        var id = await Read();
        await Change("delete from ot.mt_doc_textaccess where owner = $1 and (data ->> 'number')::bigint > 2", id);
        await Finds(id, 3);
    }

    [Test]
    public async Task Last_lines_that_were_cut_off_with_the_head_set_back_are_found_by_the_anchor()
    {
        var id = await Read();
        await Anchor();
        var log = await Log(id);
        await Change("delete from ot.mt_doc_textaccess where owner = $1 and data ->> 'number' = '4'", id);
        await SetHead(id, log[2]);
        await Finds(id, 4);
    }

    [Test]
    public async Task A_log_that_was_rewritten_with_all_its_hashes_is_found_by_the_anchor()
    {
        var id = await Read();
        await Anchor();
        var previous = (await Log(id))[0];
        foreach (var line in (await Log(id)).Skip(1))
        {
            var forged = line with { Reader = "nobody", Previous = previous.Hash };
            previous = forged with { Hash = forged.Seal() };
            await Put(previous);
        }

        await SetHead(id, previous);
        await Finds(id, 4);
    }

    [Test]
    public async Task A_log_that_was_removed_with_its_head_is_found_by_the_anchor()
    {
        var id = await Read();
        await Anchor();
        await Change("delete from ot.mt_doc_textaccess where owner = $1", id);
        await Change("delete from ot.mt_doc_accesshead where id = $1", id);
        await Finds(id, 1);
    }

    [Test]
    public async Task A_log_without_its_head_is_found()
    {
        var id = await Read();
        await Change("delete from ot.mt_doc_accesshead where id = $1", id);
        await Finds(id, 1);
    }

    [Test]
    public async Task Changed_anchors_are_found()
    {
        await using var intake = await ServiceHost<Program>.Start("anchors");
        await using var keyStore = NpgsqlDataSource.Create(intake.Services.GetRequiredService<VaultOptions>().KeyStoreConnectionString);
        await using var store = NpgsqlDataSource.Create(intake.StoreConnectionString);
        var check = new AccessCheck(store, intake.Services.GetRequiredService<KeyStore>());
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var submitted = await partner.Submit(Calls.Sample());
        await intake.Services.GetRequiredService<Vault>().ReadOf((await submitted.Json())["id"]!.GetValue<Guid>(), _ => true, "test", "reader", CancellationToken.None);
        await intake.PassTime(TimeSpan.FromDays(1));
        await intake.Services.GetRequiredService<AccessAnchors>().Anchor(CancellationToken.None);
        await Eventually.Holds(async () => (await check.Run(CancellationToken.None)) is { Anchors: 1, Broken.Count: 0 });
        foreach (var change in new[] { "update access_anchors set number = number + 1", "delete from access_anchors", "delete from access_anchor_days" })
        {
#pragma warning disable CA2100 // The tests' own text.
            await using var command = keyStore.CreateCommand(change);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
            Assert.That((await check.Run(CancellationToken.None)).Broken.Where(broken => broken.Owner == Guid.Empty), change.EndsWith("days", StringComparison.Ordinal) ? Is.Empty : Is.Not.Empty, change);
        }
    }

    private async Task Finds(Guid id, long number)
    {
        var found = await Check();
        Assert.That(found.Broken.Where(broken => broken.Owner == id).Select(broken => broken.Number), Is.EqualTo(new[] { number }), string.Join('\n', found.Broken));
    }

    private Task<AccessFindings> Check() => new AccessCheck(_store, _intake.Services.GetRequiredService<KeyStore>()).Run(CancellationToken.None);

    /// <summary>A consultation whose log has four lines, found in order before anybody touches it.</summary>
    private async Task<Guid> Read()
    {
        var id = await Submit();
        for (var line = 1; line <= Lines; line++)
        {
            await ReadOne(id, $"reader-{line}");
        }

        Assert.That((await Check()).Broken.Where(broken => broken.Owner == id), Is.Empty);
        return id;
    }

    private async Task<Guid> Submit()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task ReadOne(Guid id, string reader) =>
        Assert.That(await _intake.Services.GetRequiredService<Vault>().ReadOf(id, text => text.Kind == "question", "test", reader, CancellationToken.None), Has.Count.EqualTo(1));

    /// <summary>A day passes, and the heads are anchored.</summary>
    private async Task Anchor()
    {
        await _intake.PassTime(TimeSpan.FromDays(++_days));
        await _intake.Services.GetRequiredService<AccessAnchors>().Anchor(CancellationToken.None);
    }

    private async Task<IReadOnlyList<TextAccess>> Log(Guid id)
    {
        await using var select = _store.CreateCommand("select data::text from ot.mt_doc_textaccess where owner = $1 order by (data ->> 'number')::bigint");
        select.Parameters.AddWithValue(id);
        await using var reader = await select.ExecuteReaderAsync();
        var lines = new List<TextAccess>();
        while (await reader.ReadAsync())
        {
            lines.Add(JsonSerializer.Deserialize<TextAccess>(reader.GetString(0), Json)!);
        }

        return lines;
    }

    /// <summary>How many wait for the lines of the access log.</summary>
    private async Task<long> Waiting()
    {
        await using var count = _store.CreateCommand("select count(*) from pg_locks where not granted and relation = 'ot.mt_doc_textaccess'::regclass");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task<TextAccess?> LastLine(NpgsqlConnection connection, Guid id)
    {
        await using var select = new NpgsqlCommand("select data::text from ot.mt_doc_textaccess where owner = $1 order by (data ->> 'number')::bigint desc limit 1", connection) { Parameters = { new() { Value = id } } };
        return JsonSerializer.Deserialize<TextAccess>((string)(await select.ExecuteScalarAsync())!, Json);
    }

    private Task Put(TextAccess line) =>
        Change("update ot.mt_doc_textaccess set data = $2::jsonb where id = $1", line.Id, JsonSerializer.Serialize(line, Json));

    /// <summary>A row like the log's others, with this line in it.</summary>
    private Task Insert(TextAccess line) => Change(
        """
        insert into ot.mt_doc_textaccess
        select (jsonb_populate_record(t, jsonb_build_object('id', $2::text, 'data', $3::jsonb))).* from ot.mt_doc_textaccess t where owner = $1 limit 1
        """,
        line.Owner,
        line.Id.ToString(),
        JsonSerializer.Serialize(line, Json));

    private Task SetHead(Guid id, TextAccess last) =>
        Change("update ot.mt_doc_accesshead set data = data || jsonb_build_object('number', $2::bigint, 'hash', $3::text) where id = $1", id, last.Number, last.Hash);

    private async Task Change(string sql, params object[] parameters)
    {
#pragma warning disable CA2100 // The tests' own text.
        await using var command = _store.CreateCommand(sql);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        Assert.That(await command.ExecuteNonQueryAsync(), Is.GreaterThan(0), "Nothing was changed.");
    }
}

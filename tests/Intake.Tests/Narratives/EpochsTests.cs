using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Http;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Narratives;

/// <summary>Master keys come and go by epochs; with the old one goes what a backup could still have brought back.</summary>
[TestFixture]
internal sealed class EpochsTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private NpgsqlDataSource _keyStore = null!;
    private NpgsqlDataSource _store = null!;

    private DataKeys Keys => _intake.Services.GetRequiredService<DataKeys>();

    private Vault Vault => _intake.Services.GetRequiredService<Vault>();

    private VaultOptions Options => _intake.Services.GetRequiredService<VaultOptions>();

    [SetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("epochs");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _keyStore = NpgsqlDataSource.Create(Options.KeyStoreConnectionString);
        _store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
    }

    [TearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _keyStore.DisposeAsync();
        await _store.DisposeAsync();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R8_what_survives_is_read_under_the_next_epoch_and_an_erasure_holds_for_a_restored_backup_once_the_old_master_key_is_gone()
    {
        var (survivor, erased) = (await Submit(), await Submit());
        var keysBackup = await Dump(_keyStore, "data_keys where owner = $1", erased);
        var textsBackup = await Dump(_store, "ot.mt_doc_vaulttext where owner = $1", erased);
        var viewBackup = await Dump(_store, "ot.mt_doc_requestersview where id = $1", erased);
        Assert.That(textsBackup, Is.Not.Empty);
        await Erase(erased);
        Assert.That(await Words(erased), Is.Empty);

        Assert.That(await Keys.BeginEpoch(default), Is.EqualTo(2));
        Assert.That(await Keys.Rewrap(default), Is.EqualTo(new Rewrapped(1, 0)));
        Assert.That(await Keys.Rewrap(default), Is.EqualTo(new Rewrapped(0, 0)), "Once more there is nothing to do.");
        Assert.That(await Words(survivor), Does.Contain("question"));

        // A backup from before the erasure is put back, keys and texts, while the old master key still exists: it can be read.
        await Restore(_keyStore, "data_keys", keysBackup, erased, "owner");
        await Restore(_store, "ot.mt_doc_vaulttext", textsBackup, erased, "owner");
        await Restore(_store, "ot.mt_doc_requestersview", viewBackup, erased, "id");
        Assert.That(await Words(erased), Does.Contain("question"), "The backup brought nothing back; the rest of the test would prove nothing.");

        Assert.That(await Keys.Retire(1, default), Does.Contain("still wrapped by it"));
        await Delete(erased);
        Assert.That(await Keys.Retire(1, default), Does.Contain("are kept until"), "Backups from before the epoch could not be restored any more.");
        await _intake.PassTime(Options.KeyBackupRetention + TimeSpan.FromMinutes(1));
        Assert.That(await Keys.Retire(2, default), Does.Contain("present one"));
        Assert.That(await Keys.Retire(1, default), Is.Null);

        await Restore(_keyStore, "data_keys", keysBackup, erased, "owner");
        using var channel = _intake.OpenChannel();
        var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(channel);
        var coordinator = await _intake.TokenOf("coordinator-sisa");
        var survived = await Words(survivor);
        Assert.Multiple(async () =>
        {
            Assert.That(await Words(erased), Is.Empty);
            Assert.That(survived, Does.Contain("question"));
            Assert.That(await Keys.Rewrap(default), Is.EqualTo(new Rewrapped(0, 1)), "It is counted as lost.");
            Assert.That(File.ReadAllText(Options.MasterKeyFile), Does.StartWith("2 ").And.Not.Contain("\n1 "));
            Calls.Refused(
                async () => await narratives.ReadAsync(new Protos.Intake.V1.ReadNarrativeRequest { ConsultationId = erased.ToString(), Purpose = "triage" }, coordinator),
                Grpc.Core.StatusCode.FailedPrecondition,
                "intake.narrative-erased");
        });
    }

    [Test]
    public async Task The_completion_of_an_erasure_is_the_next_epoch_and_the_time_that_backups_are_kept()
    {
        var began = (await Keys.Epochs(default)).Single().StartedAt!.Value;
        var within = began.AddDays(3);
        var late = began + Options.EpochLength + TimeSpan.FromDays(1);
        Assert.Multiple(async () =>
        {
            Assert.That(await Keys.ErasureHoldsBy(within, default), Is.EqualTo(began + Options.EpochLength + Options.KeyBackupRetention));
            Assert.That(await Keys.ErasureHoldsBy(late, default), Is.EqualTo(late + Options.EpochLength + Options.KeyBackupRetention), "Nobody knows when an epoch that is overdue begins: no date is promised that has nothing to it.");
        });
    }

    [Test]
    public async Task An_epoch_that_is_overdue_and_a_master_key_that_nothing_needs_are_told_of()
    {
        var upkeep = _intake.Services.GetServices<IHostedService>().OfType<VaultUpkeep>().Single();
        await Submit();
        var began = (await Keys.Epochs(default)).Single().StartedAt!.Value;
        Assert.That((await Keys.Overdue(began + Options.EpochLength - TimeSpan.FromMinutes(1), default)).Since, Is.Null);
        Assert.That(await upkeep.TellOfOverdue(default), Is.Zero);
        await _intake.PassTime(Options.EpochLength + TimeSpan.FromMinutes(1));
        Assert.That((await Keys.Overdue(DateTimeOffset.UtcNow + Options.EpochLength + TimeSpan.FromMinutes(1), default)).Since, Is.EqualTo(began + Options.EpochLength));
        Assert.That(await upkeep.TellOfOverdue(default), Is.EqualTo(1));

        await Keys.BeginEpoch(default);
        await Keys.Rewrap(default);
        Assert.That(await upkeep.TellOfOverdue(default), Is.Zero, "Backups from before it are still kept.");
        await _intake.PassTime(Options.EpochLength + Options.KeyBackupRetention + TimeSpan.FromMinutes(2));
        var found = await Keys.Overdue(DateTimeOffset.UtcNow + Options.EpochLength + Options.KeyBackupRetention + TimeSpan.FromMinutes(2), default);
        Assert.That((found.Since, found.Unretired.Single()), Is.EqualTo(((DateTimeOffset?)null, 1)));
        Assert.That(await upkeep.TellOfOverdue(default), Is.EqualTo(1));
        Assert.That(await Keys.Retire(1, default), Is.Null);
        Assert.That(await upkeep.TellOfOverdue(default), Is.Zero);
    }

    [Test]
    public async Task A_new_data_key_that_cannot_be_stored_holds_up_no_other_one_and_fails_alone()
    {
        var (held, refused, fine, later) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Change(
            $$"""
            create function refuse() returns trigger language plpgsql as $f$ begin raise 'refused'; end $f$;
            create trigger refuse before insert on data_keys for each row when (new.owner = '{{refused}}') execute function refuse()
            """);
        Task<byte[]> waits;
        await using (var holder = await _keyStore.OpenConnectionAsync())
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await Insert(holder, held);
            waits = Keys.GetOrCreate(held, default);
            var together = new[] { Keys.GetOrCreate(refused, default), Keys.GetOrCreate(fine, default) };
            Assert.That(await together[1].WaitAsync(TimeSpan.FromSeconds(20)), Has.Length.EqualTo(32));
            Assert.ThrowsAsync<PostgresException>(() => together[0].WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.That(await Keys.GetOrCreate(later, default).WaitAsync(TimeSpan.FromSeconds(20)), Has.Length.EqualTo(32));
        }

        try
        {
            await waits;
        }
        catch (NpgsqlException)
        {
            // It was held for too long.
        }

        Assert.That(await Keys.GetOrCreate(held, default), Is.EqualTo(await Keys.Find(held, default)));
        Assert.That(await Keys.Find(fine, default), Is.EqualTo(await Keys.GetOrCreate(fine, default)));
        Assert.That(await Keys.Find(refused, default), Is.Null);
    }

    [Test]
    public async Task New_data_keys_are_stored_in_the_order_of_their_owners_and_only_for_those_who_still_wait()
    {
        var (first, small, great) = (Guid.CreateVersion7(), new Guid(new byte[15].Append((byte)1).ToArray()), new Guid(Enumerable.Repeat((byte)255, 16).ToArray()));
        using var gone = new CancellationTokenSource();
        await using var other = await _keyStore.OpenConnectionAsync();
        await using var replica = await other.BeginTransactionAsync();
        var left = Guid.CreateVersion7();
        Task[] all;
        await using (var holder = await _keyStore.OpenConnectionAsync())
        await using (await holder.BeginTransactionAsync())
        {
            await Insert(holder, first);
            all = [Keys.GetOrCreate(first, default)];
            await Eventually.Holds(async () => Assert.That(await Waiting(), Is.EqualTo(1)));
            all = [.. all, Keys.GetOrCreate(great, default), Keys.GetOrCreate(small, default)];
            var cancelled = Keys.GetOrCreate(left, gone.Token);
            await gone.CancelAsync();
            Assert.ThrowsAsync<TaskCanceledException>(() => cancelled);
            await Insert(other, small);
        }

        await all[0];
        await Eventually.Holds(async () => Assert.That(await Waiting(), Is.EqualTo(1)));
        await using (var impatient = new NpgsqlCommand("set local lock_timeout = '100ms'", other, replica))
        {
            await impatient.ExecuteNonQueryAsync();
        }

        Assert.DoesNotThrowAsync(() => Insert(other, great), "Who waits for a lesser owner has not taken a greater one.");
        await replica.CommitAsync();
        Assert.ThrowsAsync<RejectedException>(() => all[1], "The other replica's has no master key here.");
        Assert.ThrowsAsync<RejectedException>(() => all[2]);
        Assert.That(await Keys.Find(left, default), Is.Null);
    }

    [Test]
    public async Task New_data_keys_are_wrapped_by_the_newest_master_key_without_a_restart()
    {
        await Submit();
        await File.AppendAllTextAsync(Options.MasterKeyFile, $"\n7 {Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray())}\n");
        var id = await Submit();
        Assert.That(await Dump(_keyStore, "data_keys where owner = $1 and epoch = 7", id), Has.Count.EqualTo(1));
        Assert.That(await Words(id), Does.Contain("question"));
    }

    [Test]
    public async Task A_damaged_data_key_does_not_hold_up_the_others()
    {
        var ids = new[] { await Submit(), await Submit() };
        await using var damage = _keyStore.CreateCommand("update data_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) where owner = $1");
        damage.Parameters.AddWithValue(ids[0]);
        await damage.ExecuteNonQueryAsync();
        await Keys.BeginEpoch(default);
        Assert.That(await Keys.Rewrap(default), Is.EqualTo(new Rewrapped(1, 1)));
        Assert.That(await Words(ids[1]), Does.Contain("question"));
    }

    [Test]
    public async Task Two_who_begin_an_epoch_at_once_lose_no_master_key()
    {
        var begun = await Task.WhenAll(Keys.BeginEpoch(default), new DataKeys(_intake.Services.GetRequiredService<KeyStore>(), Options, TimeProvider.System).BeginEpoch(default));
        Assert.That(begun.Order(), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(new MasterKeys(Options.MasterKeyFile).Epochs, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Data_keys_that_are_made_at_once_are_each_their_owner_s_only_one()
    {
        var owners = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToArray();
        await Keys.Destroy(owners[0], default);
        var made = await Task.WhenAll(Enumerable.Range(0, 100).Select(async at =>
        {
            try
            {
                return (Owner: owners[at % 20], Key: Convert.ToHexString(await Keys.GetOrCreate(owners[at % 20], default)));
            }
            catch (RejectedException)
            {
                return (Owner: owners[at % 20], Key: "destroyed");
            }
        }));
        Assert.Multiple(async () =>
        {
            Assert.That(made.Where(key => key.Owner == owners[0]).Select(key => key.Key), Is.All.EqualTo("destroyed"));
            foreach (var owner in owners[1..])
            {
                Assert.That(made.Where(key => key.Owner == owner).Select(key => key.Key).Distinct(), Is.EqualTo(new[] { Convert.ToHexString((await Keys.Find(owner, default))!) }));
            }

            Assert.That(made.Select(key => key.Key).Distinct().Count(), Is.EqualTo(20));
        });
    }

    [Test]
    public async Task R8_an_erasure_between_reading_and_wrapping_anew_stays_one()
    {
        var ids = new[] { await Submit(), await Submit(), await Submit() };
        await Keys.BeginEpoch(default);
        await Task.WhenAll(Keys.Rewrap(default), Keys.Destroy(ids[0], default), Keys.Rewrap(default), Keys.Destroy(ids[2], default));
        Assert.Multiple(async () =>
        {
            Assert.That(await Keys.Find(ids[0], default), Is.Null);
            Assert.That(await Keys.Find(ids[1], default), Is.Not.Null);
            Assert.That(await Keys.Find(ids[2], default), Is.Null);
            Assert.ThrowsAsync<RejectedException>(() => Keys.GetOrCreate(ids[0], default));
        });
    }

    [TestCase("1 AAAA")]
    [TestCase("")]
    [TestCase("one two three")]
    [TestCase("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [TestCase("0 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void A_file_of_master_keys_that_is_not_one_is_refused(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            Assert.That(Assert.Throws<Platform.Hosting.MissingSettingException>(() => _ = new MasterKeys(file))!.Message, Does.Contain(file).And.Not.Contain("AAAA"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<Guid> Submit()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        submitted.EnsureSuccessStatusCode();
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task Erase(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        using var erased = await _partner.Write($"/v1/consultations/{id}/erasure", read.Headers.ETag!.Tag);
        erased.EnsureSuccessStatusCode();
    }

    private async Task<IReadOnlyList<string>> Words(Guid id) =>
        [.. (await Vault.ReadOf(id, _ => true, "test", "reader", CancellationToken.None)).Select(text => text.Kind)];

    private async Task Delete(Guid owner)
    {
        await using var delete = _keyStore.CreateCommand("delete from data_keys where owner = $1");
        delete.Parameters.AddWithValue(owner);
        await delete.ExecuteNonQueryAsync();
    }

#pragma warning disable CA2100 // The tests' own text.
    private static async Task<IReadOnlyList<string>> Dump(NpgsqlDataSource database, string from, Guid id)
    {
        await using var select = database.CreateCommand($"select to_jsonb(t)::text from (select * from {from}) t");
        select.Parameters.AddWithValue(id);
        await using var reader = await select.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static async Task Restore(NpgsqlDataSource database, string table, IReadOnlyList<string> rows, Guid id, string column)
    {
        await using var delete = database.CreateCommand($"delete from {table} where {column} = $1");
        delete.Parameters.AddWithValue(id);
        await delete.ExecuteNonQueryAsync();
        foreach (var row in rows)
        {
            await using var insert = database.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"insert into {table} select * from jsonb_populate_record(null::{table}, $1::jsonb)"));
            insert.Parameters.AddWithValue(row);
            await insert.ExecuteNonQueryAsync();
        }
    }
#pragma warning restore CA2100

    /// <summary>A key of another replica, whose transaction is still open.</summary>
    private static async Task Insert(NpgsqlConnection connection, Guid owner)
    {
        // As it would be wrapped: whoever finds it can at least tell that it is not his.
        await using var insert = new NpgsqlCommand("insert into data_keys (owner, epoch, wrapped) values ($1, 0, '')", connection) { Parameters = { new() { Value = owner } } };
        await insert.ExecuteNonQueryAsync();
    }

    private async Task<long> Waiting()
    {
        await using var command = _keyStore.CreateCommand("select count(*) from pg_locks where not granted and locktype = 'transactionid' and pid in (select pid from pg_stat_activity where datname = current_database())");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task Change(string sql)
    {
        await using var command = _keyStore.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

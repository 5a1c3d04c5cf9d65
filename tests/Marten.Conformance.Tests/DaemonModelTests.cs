using FsCheck;
using FsCheck.Fluent;
using JasperFx.Events.Daemon;
using Npgsql;

namespace OtPlatform.StoreConformance;

/// <summary>
/// The daemon under random commits, rollbacks, slow transactions, restarts and kills: what it does in the transaction of its progress
/// is there once for each committed event, in the order of the numbers, and for nothing else.
/// </summary>
public sealed class DaemonModelTests : StoreFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)> _open = [];
    private IProjectionDaemon? _daemon;
    private int _number;

    /// <summary>Writes down what it gets, with a number that the server gives.</summary>
    internal static Recorder Ledger(string schema) => new()
    {
        OnPage = (page, _, operations) =>
        {
            foreach (var @event in page.Events)
                operations.QueueSqlCommand($"insert into {schema}.effects (event_id, seq_id) values (?, ?)", @event.Id, @event.Sequence);
            return Task.CompletedTask;
        },
    };

    private enum Act
    {
        Commit,
        Refused,
        Abort,
        Open,
        CommitOldest,
        RollBackOldest,
        Restart,
    }

    [SetUp]
    public async Task CreateEffects()
    {
        NewStore(options =>
        {
            options.Events.Subscribe(Ledger(Schema), s =>
            {
                s.Name = "Recorded";
                s.Options.BatchSize = 7;
            });
        });
        await NewestStore.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await ExecuteAsync($"create table {Schema}.effects (n bigserial primary key, event_id uuid not null, seq_id bigint not null)");
    }

    [TearDown]
    public async Task StopDaemon()
    {
        while (_open.Count > 0)
            await EndOldestAsync(commit: false);
        await StopAsync();
    }

    [Test]
    public void Each_committed_event_takes_effect_once_and_in_order_whatever_happens_around_it()
    {
        var scripts = Gen.ListOf(Gen.Frequency(
            (5, Gen.Constant(Act.Commit)), (1, Gen.Constant(Act.Refused)), (2, Gen.Constant(Act.Abort)), (3, Gen.Constant(Act.Open)),
            (2, Gen.Constant(Act.CommitOldest)), (2, Gen.Constant(Act.RollBackOldest)), (1, Gen.Constant(Act.Restart))));
        Prop.ForAll(scripts.ToArbitrary(), script => PlayAsync([.. script]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(15).WithEndSize(30));
    }

    [Test]
    public void Each_committed_event_takes_effect_once_and_in_order_though_its_holders_are_killed()
    {
        var rounds = from burst in Gen.Choose(1, 30) from pause in Gen.Choose(0, 80) from frozen in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))) select (burst, pause, frozen);
        Prop.ForAll(Gen.ListOf(rounds, 4).ToArbitrary(), script => KillAsync([.. script]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1));
    }

    private async Task<bool> PlayAsync(IReadOnlyList<Act> script)
    {
        await StartAsync();
        foreach (var act in script)
            await PlayAsync(act);
        while (_open.Count > 0)
            await EndOldestAsync(commit: true);
        await EffectsAreCompleteAsync();
        await StopAsync();
        return true;
    }

    private async Task PlayAsync(Act act)
    {
        switch (act)
        {
            case Act.Commit:
                await CommitAsync(3);
                break;
            case Act.Refused:
                await using (var session = NewestStore.LightweightSession())
                {
                    session.Events.StartStream(Guid.NewGuid(), new NoteAdded(++_number));
                    session.Events.Append(Guid.NewGuid(), 99L, new NoteAdded(++_number));
                    Assert.That(async () => await session.SaveChangesAsync(), Throws.Exception);
                }

                break;
            case Act.Abort:
            case Act.Open:
                var connection = await OpenConnectionAsync();
                var transaction = await connection.BeginTransactionAsync();
                await InsertRawAsync(connection, ++_number);
                _open.Add((connection, transaction));
                if (act == Act.Abort)
                    await EndAsync(_open.Count - 1, commit: false);
                break;
            case Act.CommitOldest or Act.RollBackOldest when _open.Count > 0:
                await EndOldestAsync(act == Act.CommitOldest);
                break;
            case Act.Restart:
                await StopAsync();
                await StartAsync();
                break;
        }
    }

    private async Task<bool> KillAsync(IReadOnlyList<(int Burst, int Pause, bool Frozen)> rounds)
    {
        var holders = new List<HolderProcess>();
        try
        {
            foreach (var (burst, pause, frozen) in rounds)
            {
                var before = await EffectsAsync();
                holders.Add(HolderProcess.StartLedger(ConnectionString, Schema));
                await CommitAsync(1);
                await Eventually.HoldsAsync(async () => await EffectsAsync() > before, "the next process goes on", Patience);
                for (var i = 0; i < burst; i++)
                    await CommitAsync(2);
                await Task.Delay(pause);
                if (frozen)
                    holders[^1].Freeze();
                else
                    holders[^1].Kill();
                await CommitAsync(2);
            }

            holders.Add(HolderProcess.StartLedger(ConnectionString, Schema));
            await EffectsAreCompleteAsync();
        }
        finally
        {
            holders.ForEach(holder => holder.Dispose());
        }

        return true;
    }

    private Task<long> EffectsAsync() => ScalarAsync<long>($"select count(*) from {Schema}.effects");

    private async Task EffectsAreCompleteAsync()
    {
        await Eventually.HoldsAsync(
            async () => await ScalarAsync<long>($"select count(*) from {Schema}.effects") >= await ScalarAsync<long>($"select count(*) from {Schema}.mt_events"),
            "all committed events take effect",
            Patience);
        var difference = await ScalarAsync<long>(
            $"""
            select count(*) from (
              select seq_id, id, row_number() over (order by seq_id) as place from {Schema}.mt_events) e
              full join (select seq_id, event_id, row_number() over (order by n) as place from {Schema}.effects) f
                on f.place = e.place and f.seq_id = e.seq_id and f.event_id = e.id
            where e.seq_id is null or f.seq_id is null
            """);
        Assert.That(difference, Is.Zero, "effects beside events, place by place");
    }

    private async Task CommitAsync(int count)
    {
        await using var session = NewestStore.LightweightSession();
        session.Events.StartStream(Guid.NewGuid(), Enumerable.Range(0, count).Select(_ => (object)new NoteAdded(++_number)).ToArray());
        await session.SaveChangesAsync();
    }

    private Task EndOldestAsync(bool commit) => EndAsync(0, commit);

    private async Task EndAsync(int index, bool commit)
    {
        var (connection, transaction) = _open[index];
        _open.RemoveAt(index);
        if (commit)
            await transaction.CommitAsync();
        else
            await transaction.RollbackAsync();
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task StartAsync()
    {
        _daemon = await NewestStore.BuildProjectionDaemonAsync();
        await _daemon.StartAllAsync();
    }

    private async Task StopAsync()
    {
        if (_daemon is { } daemon)
        {
            await daemon.StopAllAsync();
            daemon.Dispose();
        }

        _daemon = null;
    }
}

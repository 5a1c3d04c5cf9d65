using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OtPlatform.StoreConformance;

/// <summary>How soon another process goes on is our promise, not the package's.</summary>
[Category("StandInOnly")]
public sealed class TakeoverTests : StoreFixture
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);

    [TestCase(true)]
    [TestCase(false)]
    public async Task Within_five_seconds_another_process_goes_on_where_a_frozen_or_killed_one_was(bool frozen)
    {
        var store = NewStore(options => HolderProcess.Configure(options, ConnectionString, Schema));
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await AppendAsync(store);
        using var holder = HolderProcess.Start(ConnectionString, Schema);
        await Eventually.HoldsAsync(async () => await ProcessedAsync() == 1, "the other process begins", TimeSpan.FromSeconds(30));

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMarten(options => HolderProcess.Configure(options, ConnectionString, Schema)).AddAsyncDaemon(DaemonMode.HotCold);
        using var host = builder.Build();
        await host.StartAsync();
        if (frozen)
            holder.Freeze();
        else
            holder.Kill();
        await AppendAsync(store);
        await Eventually.HoldsAsync(async () => await ProcessedAsync() == 2, "this process goes on", Promised);
        Assert.That(
            await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted where (data ->> 'Count')::int = {Environment.ProcessId}"),
            Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public async Task A_host_that_stops_gives_its_lock_back_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMarten(options => HolderProcess.Configure(options, ConnectionString, Schema)).AddAsyncDaemon(DaemonMode.HotCold);
        using var host = builder.Build();
        await host.StartAsync();
        await Eventually.HoldsAsync(
            async () => await ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())") == 1,
            "one lock is held");
        await host.StopAsync();
        Assert.That(
            await ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"),
            Is.Zero);
    }

    private static async Task AppendAsync(DocumentStore store)
    {
        await using var session = store.LightweightSession();
        session.Events.StartStream(new NoteAdded(1));
        await session.SaveChangesAsync();
    }

    private async Task<long> ProcessedAsync() =>
        await ScalarAsync<bool>($"select to_regclass('{Schema}.mt_doc_counted') is not null")
            ? await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted")
            : 0;
}

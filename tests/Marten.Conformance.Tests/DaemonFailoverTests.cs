using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OtPlatform.StoreConformance;

public sealed class DaemonFailoverTests : StoreFixture
{
    private readonly List<IHost> _hosts = [];

    [TearDown]
    public async Task StopHosts()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        _hosts.Clear();
    }

    [Test]
    public async Task Of_two_hosts_one_processes_each_event_once()
    {
        var (first, second) = (await StartHostAsync(), await StartHostAsync());
        for (var i = 0; i < 50; i++)
            await StartedAsync(new NoteAdded(i));
        await Eventually.HoldsAsync(async () => await CommittedAsync() == 50, "all events are processed");

        Assert.That(first.Numbers.Concat(second.Numbers), Is.EqualTo(Enumerable.Range(0, 50)));
    }

    [Test]
    public async Task When_the_holder_stops_the_other_goes_on()
    {
        var first = await StartHostAsync();
        await StartedAsync(new NoteAdded(1));
        await Eventually.HoldsAsync(async () => await CommittedAsync() == 1, "the first host processes");
        Assert.That(first.Numbers, Is.EqualTo(new[] { 1 }));
        var second = await StartHostAsync();
        await _hosts[0].StopAsync();
        await StartedAsync(new NoteAdded(2));
        await Eventually.HoldsAsync(async () => await CommittedAsync() == 2, "the second host takes over");
        Assert.That(second.Numbers, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task When_the_holder_s_connection_dies_processing_goes_on_and_nothing_is_committed_twice()
    {
        var (first, second) = (await StartHostAsync(), await StartHostAsync());
        await StartedAsync(new NoteAdded(0));
        await Eventually.Holds(() => first.Seen.Count + second.Seen.Count == 1, "one host processes");

        for (var round = 1; round <= 3; round++)
        {
            await ExecuteAsync("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");
            await StartedAsync(new NoteAdded(round));
            var expected = round + 1;
            await Eventually.HoldsAsync(async () => await CommittedAsync() == expected, "the event is processed");
        }
    }

    [Test]
    public async Task When_all_connections_die_the_host_finds_back_by_itself()
    {
        var recorder = await StartHostAsync();
        await StartedAsync(new NoteAdded(1));
        await Eventually.Holds(() => recorder.Seen.Count == 1, "the host processes");
        await ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await using (var store = NewStore())
        {
            await using var session = store.LightweightSession();
            session.Events.StartStream(new NoteAdded(2));
            await session.SaveChangesAsync();
        }

        await Eventually.Holds(() => recorder.Numbers.Contains(2), "the host goes on");
    }

    [Test]
    public async Task A_subscription_from_the_container_gets_its_services()
    {
        var heard = new List<int>();
        var host = await StartAsync(services =>
        {
            services.AddSingleton(heard);
            services.AddMarten(options => Configure(options))
                .UseLightweightSessions()
                .ApplyAllDatabaseChangesOnStartup()
                .AddAsyncDaemon(DaemonMode.Solo)
                .AddSubscriptionWithServices<WithServices>(ServiceLifetime.Scoped, options => options.Name = "Served");
        });
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var session = scope.ServiceProvider.GetRequiredService<IDocumentSession>();
            session.Events.StartStream(new NoteAdded(5));
            await session.SaveChangesAsync();
            Assert.That(scope.ServiceProvider.GetRequiredService<IDocumentSession>(), Is.SameAs(session));
        }

        await Eventually.Holds(() => heard.Contains(5), "the service is called");
        Assert.That((await host.Services.GetRequiredService<IDocumentStore>().Advanced.AllProjectionProgress()).Select(p => p.ShardName), Has.Member("Served:All"));
    }

    private Task<long> CommittedAsync() => ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_counted");

    private async Task<Recorder> StartHostAsync()
    {
        var recorder = new Recorder
        {
            OnPage = (page, _, operations) =>
            {
                foreach (var @event in page.Events)
                    operations.Insert(new Counted(@event.Id.ToString(), 1));
                return Task.CompletedTask;
            },
        };
        await StartAsync(services => services
            .AddMarten(options => Configure(options, o =>
            {
                o.Schema.For<Counted>();
                o.Events.Subscribe(recorder, s => s.Name = "Recorded");
            }))
            .ApplyAllDatabaseChangesOnStartup()
            .AddAsyncDaemon(DaemonMode.HotCold));
        return recorder;
    }

    private async Task<IHost> StartAsync(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        configure(builder.Services);
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }
}

public sealed class WithServices(List<int> heard) : Marten.Subscriptions.ISubscription
{
    public Task<IChangeListener> ProcessEventsAsync(
        JasperFx.Events.Projections.EventRange page,
        ISubscriptionController controller,
        IDocumentOperations operations,
        CancellationToken cancellationToken)
    {
        heard.AddRange(page.Events.Select(e => e.Data).OfType<NoteAdded>().Select(n => n.Number));
        return Task.FromResult(NullChangeListener.Instance);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>What the messaging remembers and measures about itself.</summary>
[TestFixture]
internal sealed class HousekeepingTests
{
    private static readonly Guid Id = Guid.CreateVersion7();

    private SampleService _service = null!;
    private string _database = string.Empty;

    [SetUp]
    public async Task Start()
    {
        _database = await Servers.FreshDatabase("housekeeping");
        _service = await SampleService.StartOwner(_database, await Servers.FreshVirtualHost("housekeeping"), new Faults());
    }

    [TearDown]
    public Task Stop() => _service.DisposeAsync().AsTask();

    [Test]
    public async Task The_inbox_forgets_what_no_redrive_can_bring_any_more_and_nothing_else()
    {
        var now = DateTimeOffset.UtcNow;
        await _service.Streams.InOneTransaction(
            new Origin("test"),
            work =>
            {
                for (var day = 1; day <= 200; day++)
                {
                    work.Insert(Entry(day, now.AddDays(-day).AddMinutes(1)));
                }

                return Task.FromResult(true);
            },
            CancellationToken.None);

        var removed = await Of<Housekeeping>().Clean(CancellationToken.None);
        var left = await _service.All<InboxEntry>();
        Assert.Multiple(() =>
        {
            Assert.That(removed, Is.EqualTo(110));
            Assert.That(left, Has.Count.EqualTo(90).And.All.Matches<InboxEntry>(entry => now - entry.DoneAt < Housekeeping.Retention));
        });
    }

    [Test]
    public async Task A_fault_is_forgotten_when_its_queue_has_come_further()
    {
        await _service.Streams.InOneTransaction(
            new Origin("test"),
            work =>
            {
                work.Store(new StreamProgress { Id = "turn", Version = 5 });
                work.Store(new FaultedMessage { Id = "done", Turn = "turn", Version = 5, Reason = "Any", FailedAt = DateTimeOffset.UtcNow });
                work.Store(new FaultedMessage { Id = "not done", Turn = "turn", Version = 6, Reason = "Any", FailedAt = DateTimeOffset.UtcNow });
                return Task.FromResult(true);
            },
            CancellationToken.None);

        await Of<Housekeeping>().Clean(CancellationToken.None);
        Assert.That((await _service.All<FaultedMessage>()).Select(fault => fault.Id), Is.EqualTo(["not done"]));
    }

    [Test]
    public async Task The_backlog_of_a_relay_is_what_it_has_not_passed_yet()
    {
        var gauges = Of<RelayGauges>();
        await _service.Append(Id, new Counted(Id, 1), new Counted(Id, 2), new Counted(Id, 3));
        await Eventually.Holds(async () => Assert.That((await gauges.Measure(CancellationToken.None)).Single(entry => entry.Key.StartsWith("relay", StringComparison.OrdinalIgnoreCase)).Value, Is.Zero));

        await _service.StopHost();
        await _service.Append(Id, new Counted(Id, 4), new Counted(Id, 5));
        Assert.That((await gauges.Measure(CancellationToken.None)).Single(entry => entry.Key.StartsWith("relay", StringComparison.OrdinalIgnoreCase)).Value, Is.EqualTo(2));
    }

    [Test]
    public async Task What_was_rolled_back_last_is_no_backlog()
    {
        await _service.Append(Id, new Counted(Id, 1));
        await using var source = Npgsql.NpgsqlDataSource.Create(_database);
        await using var rolledBack = source.CreateCommand("select nextval('ot.mt_events_sequence') from generate_series(1, 5)");
        await rolledBack.ExecuteNonQueryAsync();

        await Eventually.Holds(async () => Assert.That((await Of<RelayGauges>().Measure(CancellationToken.None)).Values, Is.Not.Empty.And.All.Zero));
    }

    private T Of<T>()
        where T : IHostedService => _service.Services.GetServices<IHostedService>().OfType<T>().Single();

    private static InboxEntry Entry(int number, DateTimeOffset at) =>
        new() { Id = $"reaction:{number}", Message = "AnswerObjected", Source = "intake", StreamId = Id, StreamVersion = number, DoneAt = at };
}

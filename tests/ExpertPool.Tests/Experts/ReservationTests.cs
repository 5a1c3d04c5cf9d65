using JasperFx;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Commands;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using Wire = OtPlatform.Contracts.ExpertPool;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>The commands of TeamAssembly against a real store and a real broker: every one is answered, and no hour is given twice.</summary>
[TestFixture]
internal sealed class ReservationTests
{
    private const int Competitors = 64;

    private ServiceHost<Program> _pool = null!;
    private OtherServices _messages = null!;

    [SetUp]
    public async Task Start()
    {
        _pool = await ServiceHost<Program>.Start("reservations");
        _messages = await OtherServices.Of(_pool, Topology.TeamAssemblyExpert);
    }

    [TearDown]
    public async Task Stop()
    {
        await _messages.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Hours_are_held_confirmed_and_given_back_and_each_step_is_told()
    {
        var expert = await Register(4);
        var asked = Reserve(expert, 2);
        await _messages.Send(asked);
        var held = await _messages.Next(nameof(Wire.CapacityReserved));
        await _messages.Send(new ConfirmCapacity(asked.ReservationId, expert, asked.AssemblyId, 1, Now));
        var kept = await _messages.Next(nameof(Wire.CapacityConfirmed));
        await _messages.Send(new ReleaseCapacity(asked.ReservationId, expert, asked.AssemblyId, null, "disbanded", Now));
        var freed = await _messages.Next(nameof(Wire.CapacityReleased));
        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("round").GetInt32(), Is.EqualTo(1));
            Assert.That(held.GetProperty("weeks").GetArrayLength(), Is.EqualTo(1));
            Assert.That(held.GetProperty("assemblyId").GetGuid(), Is.EqualTo(asked.AssemblyId));
            Assert.That(kept.GetProperty("reservationId").GetGuid(), Is.EqualTo(asked.ReservationId));
            Assert.That(freed.GetProperty("reasonCode").GetString(), Is.EqualTo("disbanded"));
        });
    }

    [Test]
    public async Task Nobody_registered_is_answered_and_stays_out_of_the_directory()
    {
        var asked = Reserve(Guid.CreateVersion7(), 2);
        await _messages.Send(asked);
        var refused = await _messages.Next(nameof(Wire.CapacityRefused));
        Assert.That(refused.GetProperty("reasonCode").GetString(), Is.EqualTo("unknownExpert"));
        using var reader = await _pool.ClientFor("coordinator-sisa");
        Assert.That((int)(await reader.GetAsync($"/v1/experts/{asked.ExpertId}")).StatusCode, Is.EqualTo(404));

        await Register(4, asked.ExpertId);
        Assert.That((int)(await reader.GetAsync($"/v1/experts/{asked.ExpertId}")).StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_release_that_overtakes_its_request_leaves_no_hours_behind()
    {
        var expert = await Register(4);
        var asked = Reserve(expert, 4);
        await _messages.Send(new ReleaseCapacity(asked.ReservationId, expert, asked.AssemblyId, null, "withdrawn", Now));
        await _messages.Next(nameof(Wire.CapacityReleased));
        await _messages.Send(asked);
        var refused = await _messages.Next(nameof(Wire.CapacityRefused));
        Assert.That(refused.GetProperty("reasonCode").GetString(), Is.EqualTo("released"));
        Assert.That(await HeldHours(expert), Is.Zero);
    }

    [Test]
    public async Task R10_the_same_command_many_times_is_answered_once()
    {
        var expert = await Register(4);
        var asked = Reserve(expert, 2);
        var messageId = Guid.CreateVersion7();
        for (var time = 0; time < 3; time++)
        {
            await _messages.Send(asked, messageId);
            await _messages.Send(asked);
        }

        var last = Reserve(expert, 1);
        await _messages.Send(last);
        await _messages.Next(nameof(Wire.CapacityReserved), last.ReservationId);
        Assert.Multiple(async () =>
        {
            Assert.That(await HeldHours(expert), Is.EqualTo(3));
            Assert.That(await Events(expert), Is.EqualTo(new[] { "expert_registered", "capacity_reserved", "capacity_reserved" }));
        });
    }

    [Test]
    public async Task Hours_that_nobody_confirmed_are_free_again_when_their_time_is_up()
    {
        var expert = await Register(4);
        var asked = Reserve(expert, 4);
        var later = Reserve(expert, 4, lapsesAt: Now.AddDays(5), week: 8);
        await _messages.Send(asked);
        await _messages.Send(later);
        await _messages.Next(nameof(Wire.CapacityReserved), later.ReservationId);
        _pool.MoveClock(TimeSpan.FromDays(4));
        await _messages.Next(nameof(Wire.CapacityLapsed), asked.ReservationId);
        Assert.That(await HeldHours(expert), Is.EqualTo(4), "The later one is still held.");

        await _messages.Send(new ConfirmCapacity(asked.ReservationId, expert, asked.AssemblyId, 1, Now));
        var refused = await _messages.Next(nameof(Wire.CapacityRefused));
        Assert.That(refused.GetProperty("reasonCode").GetString(), Is.EqualTo("lapsed"));

        _pool.MoveClock(TimeSpan.FromDays(6));
        await _messages.Next(nameof(Wire.CapacityLapsed), later.ReservationId);
        Assert.That(await HeldHours(expert), Is.Zero);
    }

    [Test]
    public async Task A_lapse_does_not_overtake_a_confirmation()
    {
        var expert = await Register(4);
        var asked = Reserve(expert, 4);
        await _messages.Send(asked);
        await _messages.Next(nameof(Wire.CapacityReserved));
        await _messages.Send(new ConfirmCapacity(asked.ReservationId, expert, asked.AssemblyId, 1, Now));
        await _messages.Next(nameof(Wire.CapacityConfirmed));
        _pool.MoveClock(TimeSpan.FromDays(4));
        await using var store = NpgsqlDataSource.Create(_pool.StoreConnectionString);
        await using var waiting = store.CreateCommand("select count(*) from ot.mt_doc_deadline");
        Assert.That(await waiting.ExecuteScalarAsync(), Is.EqualTo(0L));
        await _messages.Send(Reserve(expert, 1));
        var refused = await _messages.Next(nameof(Wire.CapacityRefused));
        Assert.Multiple(async () =>
        {
            Assert.That(refused.GetProperty("reasonCode").GetString(), Is.EqualTo("hours"));
            Assert.That(await Events(expert), Has.None.EqualTo("capacity_lapsed"));
        });
    }

    [Test]
    public async Task R10_of_many_assemblies_that_ask_for_the_last_hours_exactly_as_many_get_them_as_there_are()
    {
        var expert = await Register(8);
        await Task.WhenAll(Enumerable.Range(0, Competitors).Select(_ => _messages.Send(Reserve(expert, 1.5m))));
        await Eventually.Holds(async () => Assert.That((await Events(expert)).Count, Is.EqualTo(1 + Competitors)), TimeSpan.FromSeconds(60));
        var events = await Events(expert);
        Assert.Multiple(async () =>
        {
            Assert.That(events.Count(type => type == "capacity_reserved"), Is.EqualTo(5));
            Assert.That(events.Count(type => type == "capacity_refused"), Is.EqualTo(Competitors - 5));
            Assert.That(await HeldHours(expert), Is.EqualTo(7.5m));
        });
    }

    [Test]
    public async Task R10_writers_who_meet_in_the_store_itself_do_not_give_an_hour_twice()
    {
        var expert = await Register(8);
        var store = _pool.Services.GetRequiredService<IDocumentStore>();
        // Two seams, as two replicas have them; the queue's single consumer stands in nobody's way here.
        StreamStore[] replicas = [new(store), new(store)];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Competitors).Select(number => Task.Run(() => Ask(replicas[number % 2], Reserve(expert, 1.5m)))));
        Assert.Multiple(async () =>
        {
            Assert.That(outcomes.Count(given => given), Is.EqualTo(5));
            Assert.That(await HeldHours(expert), Is.EqualTo(7.5m));
            Assert.That((await Events(expert)).Count, Is.EqualTo(1 + Competitors));
        });
    }

    private static async Task<bool> Ask(StreamStore streams, ReserveCapacity asked)
    {
        var command = new HoldHoursOnReserveCapacity.Command(
            asked.ExpertId, asked.ReservationId, asked.AssemblyId, asked.Round, [.. asked.Weeks.Select(week => new WeekHours(week.Monday, week.Hours))],
            asked.Until, asked.LapsesAt, DateOnly.FromDateTime(Now.UtcDateTime), Now);
        while (true)
        {
            try
            {
                var outcome = await streams.Decide(Expert.Aggregate, asked.ExpertId, state => HoldHoursOnReserveCapacity.Decide(state, command), new Origin("test"), CancellationToken.None);
                return outcome.State.Reservations[asked.ReservationId].HoldsHours;
            }
            catch (Exception exception) when (exception is EventStreamUnexpectedMaxEventIdException or ConcurrencyException)
            {
                // Somebody was first three times: the broker would deliver again.
            }
        }
    }

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>The Monday of a week from now.</summary>
    private static DateOnly Monday(int week)
    {
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        return today.AddDays((7 * week) - (((int)today.DayOfWeek + 6) % 7));
    }

    private static ReserveCapacity Reserve(Guid expert, decimal hours, DateTimeOffset? lapsesAt = null, int week = 2) => new(
        Guid.CreateVersion7(), expert, Guid.CreateVersion7(), 1, [new Wire.WeekHours(Monday(week), hours)], Monday(week).AddDays(4), lapsesAt ?? Now.AddDays(3), Now);

    private async Task<Guid> Register(decimal weeklyHours, Guid? id = null)
    {
        var expert = id ?? Guid.CreateVersion7();
        var facts = Tests.Experts.Experts.Plain with { WeeklyHours = weeklyHours, Agreement = new Agreement(Monday(-10), null) };
        await _pool.Services.GetRequiredService<StreamStore>().Decide(
            Expert.Aggregate, expert, state => RegisterExpert.Decide(state, new RegisterExpert.Command(expert, facts, Now)), new Origin("test"), CancellationToken.None);
        return expert;
    }

    private async Task<decimal> HeldHours(Guid expert)
    {
        var entry = await _pool.Services.GetRequiredService<StreamStore>().Load<ExpertDirectoryEntry>(expert, CancellationToken.None);
        return entry!.Held.SelectMany(held => held.Weeks).Sum(week => week.Hours);
    }

    private async Task<IReadOnlyList<string>> Events(Guid expert)
    {
        await using var store = NpgsqlDataSource.Create(_pool.StoreConnectionString);
        await using var types = store.CreateCommand("select array_agg(type order by version) from ot.mt_events where stream_id = $1");
        types.Parameters.AddWithValue(expert);
        return (string[])(await types.ExecuteScalarAsync())!;
    }
}

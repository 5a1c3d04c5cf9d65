using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts.Intake;
using OtPlatform.Coordination.Journal;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>The journal against a real store and a real broker.</summary>
[TestFixture]
internal sealed class JournalTests
{
    private RunningJournal _journal = null!;

    [OneTimeSetUp]
    public async Task Start() => _journal = await RunningJournal.Start("coordination_journal");

    [OneTimeTearDown]
    public async Task Stop() => await _journal.DisposeAsync();

    [Test]
    public async Task R10_every_event_is_written_down_once_however_often_it_comes()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7()).All;
        await _journal.Publish(told);
        await _journal.Publish(told);
        await _journal.WrittenDown(told);
        await _journal.Publish(told);
        var after = Happenings.ToAWorkingTeam(Guid.CreateVersion7()).All;
        await _journal.Publish(after);
        await _journal.WrittenDown(after);
        Assert.Multiple(async () =>
        {
            Assert.That(await _journal.Scalar("select count(*) from ot.mt_doc_journalentry where data ->> 'consultationId' = $1", told[0].Stream.ToString()), Is.EqualTo((long)told.Count));
            Assert.That(await _journal.Scalar("select max(position) - count(*) from ot.mt_doc_journalentry where position > 0"), Is.EqualTo(0L));
        });
    }

    [Test]
    public async Task Positions_have_no_gap_and_who_sees_one_has_seen_all_below_it()
    {
        var roads = Enumerable.Range(0, 12).Select(_ => Happenings.ToAWorkingTeam(Guid.CreateVersion7()).All).ToList();
        using var done = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.That(await _journal.Scalar("select coalesce(max(position), 0) - count(*) from ot.mt_doc_journalentry where position > 0"), Is.EqualTo(0L));
            }
        });
        await Task.WhenAll(roads.Select(_journal.Publish));
        await _journal.WrittenDown(roads.SelectMany(road => road));
        await done.CancelAsync();
        await watching;
        Assert.That(await _journal.Scalar("select position from ot.mt_doc_journalentry order by position desc limit 1"), Is.EqualTo(await _journal.Scalar("select (data ->> 'position')::bigint from ot.mt_doc_journalhead")));
    }

    [Test]
    public async Task The_last_to_arrive_may_be_the_first_that_happened()
    {
        var (forward, backward) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var (id, turned) in new[] { (forward, false), (backward, true) })
        {
            var told = Happenings.ToAWorkingTeam(id).All;
            foreach (var step in turned ? told.Reverse() : told)
            {
                await _journal.Publish(step);
                await _journal.WrittenDown([step]);
            }
        }

        var streams = _journal.Host.Services.GetRequiredService<StreamStore>();
        string Of(object? document, Guid id) => System.Text.Json.JsonSerializer.Serialize(document).Replace(id.ToString("n"), "id").Replace(id.ToString(), "id").Replace(id.ToString()[..24], "id").Replace(id.ToString()[^6..], "id");
        Assert.Multiple(async () =>
        {
            Assert.That(Of(await streams.Load<QueueEntry>(backward, default), backward), Is.EqualTo(Of(await streams.Load<QueueEntry>(forward, default), forward)));
            Assert.That(Of(await streams.Load<ConsultationTimeline>(backward, default), backward), Is.EqualTo(Of(await streams.Load<ConsultationTimeline>(forward, default), forward)));
            Assert.That((await streams.Load<QueueEntry>(backward, default))!.Number, Is.Not.Empty);
        });
    }

    [Test]
    public async Task What_arrives_before_its_submission_waits_for_it_and_loses_nothing()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7()).All;
        await _journal.Publish(told.Skip(1));
        await _journal.WrittenDown(told.Skip(1));
        Task<object?> Positions(string condition) => _journal.Scalar($"select count(*) from ot.mt_doc_journalentry where data ->> 'consultationId' = $1 and {condition}", told[0].Stream.ToString());
        Assert.That(await Positions("position > 0"), Is.EqualTo(0L));
        await _journal.Publish(told[0]);
        await _journal.WrittenDown(told);
        Assert.Multiple(async () =>
        {
            Assert.That(await Positions("position > 0"), Is.EqualTo((long)told.Count));
            Assert.That(await Positions("data -> 'after' ->> 'area' = 'sisa'"), Is.EqualTo((long)told.Count));
            Assert.That(await _journal.Scalar("select data -> 'after' ->> 'status' from ot.mt_doc_journalentry where data ->> 'consultationId' = $1 order by position desc limit 1", told[0].Stream.ToString()), Is.EqualTo("TeamWorking"));
        });
    }

    [Test]
    public async Task An_entry_keeps_the_trace_and_the_event_itself()
    {
        var told = new Happenings(Guid.CreateVersion7());
        told.Submitted();
        await _journal.Publish(told.All);
        await _journal.WrittenDown(told.All);
        var entry = (await _journal.Host.Services.GetRequiredService<StreamStore>().Load<JournalEntry>(told.All[0].MessageId, default))!;
        Assert.Multiple(() =>
        {
            Assert.That(entry.Traceparent, Is.EqualTo(RunningJournal.Traceparent));
            Assert.That(ContractEvent.Of(entry), Is.InstanceOf<ConsultationSubmitted>().With.Property(nameof(ConsultationSubmitted.Municipality)).EqualTo("Tampere"));
            Assert.That(entry.Source, Is.EqualTo("intake"));
        });
    }

    [Test]
    public async Task R8_an_erasure_takes_the_matter_the_municipality_the_worker_and_the_screening_out_of_the_journal()
    {
        var id = Guid.CreateVersion7();
        string[] words = [$"Kunta{Guid.NewGuid():n}", $"w-{Guid.NewGuid():n}", $"item-{Guid.NewGuid():n}", $"matter-{Guid.NewGuid():n}", $"w-{Guid.NewGuid():n}"];
        var told = new Happenings(id);
        told.Submitted();
        var submitted = (ConsultationSubmitted)told.All[0].Message with
        {
            Municipality = words[0],
            ResponsibleWorkerRef = words[1],
            Screening = new ScreeningAnswers("demandingness", 1, new Dictionary<string, int> { [words[2]] = 2 }, []),
            MatterKey = words[3],
        };
        var road = new Happenings(id);
        road.Intake(_ => submitted);
        road.Intake(at => new ImmediateDangerReported(id, at, submitted));
        road.Intake(at => new ResponsibleWorkerChanged(id, "own-worker", words[4], at));
        road.Triage(at => Decided(road, at));
        road.Intake(at => new ConsultationWithdrawn(id, at));
        await _journal.Publish(road.All);
        await _journal.WrittenDown(road.All);
        Assert.That((await StoredText.Found(_journal.Host.StoreConnectionString, words)).Distinct().Count(), Is.EqualTo(words.Length), "What is there is not found.");

        var before = road.All.Count;
        road.Intake(at => new ConsultationErased(id, at, at.AddDays(30)));
        await _journal.Publish(road.All.Skip(before));
        await _journal.WrittenDown(road.All);
        Assert.That(await StoredText.Found(_journal.Host.StoreConnectionString, words), Is.Empty);

        // Danger and decisions travel by other queues, and may come after it.
        before = road.All.Count;
        road.Intake(at => new ImmediateDangerReported(id, at, submitted));
        road.Triage(at => Decided(road, at));
        await _journal.Publish(road.All.Skip(before));
        await _journal.WrittenDown(road.All);
        var timeline = (await _journal.Host.Services.GetRequiredService<StreamStore>().Load<ConsultationTimeline>(id, default))!;
        Assert.Multiple(async () =>
        {
            Assert.That(await StoredText.Found(_journal.Host.StoreConnectionString, words), Is.Empty);
            Assert.That(timeline.Steps, Has.Count.EqualTo(road.All.Count), "Its steps stay.");
        });

        OtPlatform.Contracts.Triage.RouteDecided Decided(Happenings of, DateTimeOffset at) => Happenings.Decided(of, at, OtPlatform.Contracts.Route.HybridTeam) with
        {
            Matter = new OtPlatform.Contracts.Triage.MatterFacts(
                OtPlatform.Contracts.ConsultationKind.ClientWork, "pirkanmaa", "fi", OtPlatform.Contracts.Urgency.Soon, Guid.NewGuid(), "family-worker", "own-worker", words[1], "consent", null),
        };
    }

    [Test]
    public async Task A_message_without_its_envelope_is_kept_in_the_error_queue()
    {
        var id = Guid.CreateVersion7();
        var told = new Happenings(id);
        told.Submitted();
        var bus = _journal.Host.Services.GetRequiredService<IBus>();
        await bus.Publish(told.All[0].Message, told.All[0].Message.GetType());
        await Eventually.Holds(async () => Assert.That(await _journal.Waiting("coordination-consultation_error"), Is.EqualTo(1)), TimeSpan.FromSeconds(30));
        Assert.That(await _journal.Scalar("select count(*) from ot.mt_doc_journalentry where data ->> 'consultationId' = $1", id.ToString()), Is.EqualTo(0L));
    }
}

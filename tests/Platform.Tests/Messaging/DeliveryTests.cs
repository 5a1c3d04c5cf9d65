using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>From an event in one service's store to its effect in another's, over a real store and a real broker.</summary>
[TestFixture]
internal sealed class DeliveryTests
{
    private static readonly HashSet<Guid> AllOfThem = [];

    private readonly Guid _id = Guid.CreateVersion7();
    private string _ownerDatabase = null!;
    private string _consumerDatabase = null!;
    private Uri _broker = null!;
    private SampleService _owner = null!;
    private SampleService? _consumer;

    [SetUp]
    public async Task Start()
    {
        _ownerDatabase = await Servers.FreshDatabase("delivery_owner");
        _consumerDatabase = await Servers.FreshDatabase("delivery_consumer");
        _broker = await Servers.FreshVirtualHost("delivery");
        _owner = await SampleService.StartOwner(_ownerDatabase, _broker, new Faults());
        _consumer = null;
    }

    [TearDown]
    public async Task Stop()
    {
        Assert.That(await Skipped(), Is.Zero, "What is passed over or parked is not skipped.");
        if (_consumer is not null)
        {
            await _consumer.DisposeAsync();
        }

        await _owner.DisposeAsync();
    }

    [Test]
    public async Task R10_every_stream_arrives_in_its_order_and_once()
    {
        var consumer = await StartConsumer();
        var counters = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        for (var number = 1; number <= 5; number++)
        {
            await Task.WhenAll(counters.Select(counter => _owner.Append(counter, new Mused(counter), new Counted(counter, number), new Mused(counter))));
        }

        foreach (var counter in counters)
        {
            await Eventually.Holds(async () => (await consumer.Tally(counter)).Count >= 5);
            Assert.That(await consumer.Tally(counter), Is.EqualTo([1, 2, 3, 4, 5]));
        }
    }

    [Test]
    public async Task R10_two_replicas_of_a_consumer_do_each_message_once_and_in_order_also_when_one_goes()
    {
        var consumer = await StartConsumer();
        var other = await SampleService.StartConsumer(_consumerDatabase, _broker, new Faults());
        var counters = Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7()).ToList();
        for (var number = 1; number <= 6; number++)
        {
            await Task.WhenAll(counters.Select(counter => _owner.Append(counter, new Counted(counter, number))));
            if (number == 3)
            {
                await consumer.DisposeAsync();
                _consumer = other;
            }
        }

        foreach (var counter in counters)
        {
            await Eventually.Holds(async () => (await other.Tally(counter)).Count >= 6, TimeSpan.FromSeconds(30));
            Assert.That(await other.Tally(counter), Is.EqualTo([1, 2, 3, 4, 5, 6]));
        }
    }

    [Test]
    public async Task R10_many_streams_that_wait_for_somebody_do_not_hold_up_one_that_need_not_wait()
    {
        await using (var tap = await Tap.On(_broker, Sample.Queue))
        {
            await _owner.Append(_id, new Counted(_id, 1));
            await tap.Next();
        }

        var consumer = await StartConsumer();
        await consumer.Streams.InOneTransaction(
            new Origin("test"),
            work =>
            {
                for (var stream = 0; stream < 700; stream++)
                {
                    work.Store(Waiting(Guid.CreateVersion7()));
                }

                return Task.FromResult(true);
            },
            CancellationToken.None);
        await _owner.Append(_id, new Counted(_id, 2), new Counted(_id, 3), new Counted(_id, 4));

        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 4, TimeSpan.FromSeconds(30));
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4]));
            Assert.That(await consumer.All<ParkedMessage>(), Has.Count.GreaterThanOrEqualTo(700));
        });
    }

    [Test]
    public async Task R10_progress_never_goes_back()
    {
        var consumer = await StartConsumer();
        var turn = new Turn(Sample.Queue, Sample.Owner, "relay", _id, 5, 4);
        await consumer.Streams.InOneTransaction(
            new Origin("test"),
            work =>
            {
                work.Store(new StreamProgress { Id = turn.Key, Version = 10 });
                return Task.FromResult(true);
            },
            CancellationToken.None);
        await using (var session = consumer.Services.GetRequiredService<Marten.IDocumentStore>().LightweightSession())
        {
            turn.Note(session);
            (turn with { StreamId = Guid.Empty }).Note(session);
            await session.SaveChangesAsync();
        }

        Assert.That((await consumer.All<StreamProgress>()).Select(progress => progress.Version), Is.EquivalentTo([10, 5]));
    }

    [Test]
    public async Task R10_a_message_that_comes_again_changes_nothing_and_reaches_no_consumer()
    {
        await using var tap = await Tap.On(_broker, Sample.Queue);
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2));
        var (first, second) = (await tap.Next(), await tap.Next());
        await tap.DisposeAsync();
        var consumer = await StartConsumer();
        await PutBack(first, second, first, first, second);
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 2);
        await _owner.Append(_id, new Counted(_id, 3));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 3);

        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3]));
            Assert.That(consumer.Faults.Calls, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task R10_what_the_broker_has_lost_is_replayed_by_its_owner_and_what_came_before_its_turn_waits()
    {
        await using (var tap = await Tap.On(_broker, Sample.Queue))
        {
            await _owner.Append(_id, new Counted(_id, 1), new Mused(_id), new Counted(_id, 2), new Counted(_id, 3));
            Assert.That(new[] { await tap.Next(), await tap.Next(), await tap.Next() }, Has.Length.EqualTo(3), "Taken from the queue and thrown away.");
        }

        var consumer = await StartConsumer();
        await _owner.Append(_id, new Counted(_id, 4));

        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 4, TimeSpan.FromSeconds(30));
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4]));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 0);
    }

    [Test]
    public async Task R10_one_lost_in_the_middle_holds_back_only_its_own_stream()
    {
        var other = Guid.CreateVersion7();
        await using (var tap = await Tap.On(_broker, Sample.Queue))
        {
            await _owner.Append(_id, new Counted(_id, 1));
            await tap.Next();
        }

        // Without its owner nobody can replay: what waits is seen waiting.
        await _owner.Append(_id, new Counted(_id, 2));
        await _owner.Append(other, new Counted(other, 1));
        await Eventually.Holds(async () => await Standing(Sample.Queue) == 2);
        await _owner.DisposeAsync();
        var consumer = await StartConsumer();
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 1);
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 1);
        Assert.That(await consumer.Tally(_id), Is.Empty);

        _owner = await SampleService.StartOwner(_ownerDatabase, _broker, new Faults());
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 2, TimeSpan.FromSeconds(60));
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2]));
    }

    [Test]
    public async Task R8_what_waits_outside_its_queue_can_be_emptied_and_comes_anew_from_its_owner()
    {
        var consumer = await StartConsumer();
        consumer.Faults.Poison(2);
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2), new Counted(_id, 3), new Counted(_id, 4));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 2, TimeSpan.FromSeconds(30));
        await consumer.Services.GetRequiredService<StreamStore>().InOneTransaction(
            new Origin("test"),
            work =>
            {
                work.EmptyParked(_id);
                return Task.FromResult(true);
            },
            CancellationToken.None);
        Assert.That((await consumer.All<ParkedMessage>()).Select(message => message.Body), Is.EqualTo(new[] { string.Empty, string.Empty }));

        consumer.Faults.Heal();
        await new ErrorQueues(new BrokerOptions { Uri = _broker }).Redrive(Sample.Queue, AllOfThem, CancellationToken.None);
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 4, TimeSpan.FromSeconds(60));
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4]));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 0);
    }

    [Test]
    public async Task R8_what_stands_in_an_error_queue_and_waits_behind_it_is_replaced_when_an_erasure_changes_its_events()
    {
        var consumer = await StartConsumer();
        var other = Guid.CreateVersion7();
        foreach (var poison in new[] { 2, 222, 333, 5 })
        {
            consumer.Faults.Poison(poison);
        }

        await _owner.Append(other, new Counted(other, 5));
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2), new Counted(_id, 3));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 1, TimeSpan.FromSeconds(30));
        await Eventually.Holds(async () => Assert.That(await Failed(), Is.EquivalentTo(new[] { (other, "000005"), (_id, "000002") })));

        await Redact(2, 222);
        // Whoever looks into the queue all the time keeps the owner out of it.
        await Eventually.Holds(async () => Assert.That((await consumer.All<ParkedMessage>()).Single().Body, Is.Empty, "It waits behind what failed."), TimeSpan.FromMinutes(2));
        await Eventually.Holds(async () => Assert.That(await Failed(), Is.EquivalentTo(new[] { (other, "000005"), (_id, "000222") })), TimeSpan.FromSeconds(60));

        await Redact(222, 333);
        await Eventually.Holds(async () => Assert.That(await Failed(), Is.EquivalentTo(new[] { (other, "000005"), (_id, "000333") }), "It is as after the first erasure."), TimeSpan.FromSeconds(60));

        consumer.Faults.Heal();
        await new ErrorQueues(new BrokerOptions { Uri = _broker }).Redrive(Sample.Queue, AllOfThem, CancellationToken.None);
        await Eventually.Holds(async () => Assert.That((await consumer.Tally(_id), await consumer.Tally(other)), Is.EqualTo((new[] { 1, 333, 3 }, new[] { 5 }))), TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task R10_what_fails_goes_to_the_error_queue_and_what_follows_in_its_stream_waits_for_its_redrive()
    {
        var consumer = await StartConsumer();
        consumer.Faults.Poison(2);
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2), new Counted(_id, 3), new Counted(_id, 4));
        var other = Guid.CreateVersion7();
        await _owner.Append(other, new Counted(other, 1));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 2, TimeSpan.FromSeconds(30));
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 1);

        var errors = new ErrorQueues(new BrokerOptions { Uri = _broker });
        var faults = await errors.List(Sample.Queue, 10, CancellationToken.None);
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1]));
            Assert.That(faults, Has.Count.EqualTo(1));
            Assert.That(faults[0], Has.Property(nameof(Fault.StreamId)).EqualTo(_id).And.Property(nameof(Fault.StreamVersion)).EqualTo(2));
            Assert.That(faults[0].Reason, Does.Contain(nameof(InvalidDataException)));
            Assert.That(faults[0].Message, Is.EqualTo("AnswerObjected"));
        });

        consumer.Faults.Heal();
        Assert.That(await errors.Redrive(Sample.Queue, AllOfThem, CancellationToken.None), Is.EqualTo(1));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 4, TimeSpan.FromSeconds(30));
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4]));
            Assert.That(await errors.List(Sample.Queue, 10, CancellationToken.None), Is.Empty);
        });
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 0);
    }

    [Test]
    public async Task R10_a_redrive_of_what_has_been_done_meanwhile_cannot_do_it_again()
    {
        var consumer = await StartConsumer();
        consumer.Faults.Poison(1);
        await _owner.Append(_id, new Counted(_id, 1));
        var errors = new ErrorQueues(new BrokerOptions { Uri = _broker });
        await Eventually.Holds(async () => (await errors.List(Sample.Queue, 10, CancellationToken.None)).Count == 1, TimeSpan.FromSeconds(30));
        consumer.Faults.Heal();

        // The same message by another way, as a redrive that died before it could clear the error queue would have sent it.
        await using (var tap = await Tap.On(_broker, $"{Sample.Queue}_error"))
        {
            var failed = await tap.Next();
            await PutBack(failed);
            await PutBackTo($"{Sample.Queue}_error", failed);
        }

        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 1);
        Assert.That(await errors.Redrive(Sample.Queue, AllOfThem, CancellationToken.None), Is.EqualTo(1));
        await _owner.Append(_id, new Counted(_id, 2));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 2);
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2]));
    }

    [Test]
    public async Task R10_what_comes_before_the_thing_that_it_is_about_waits_outside_the_queue_and_fails_nowhere()
    {
        var consumer = await StartConsumer();
        consumer.Faults.IsTooEarly = true;
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2));
        await Eventually.Holds(async () => (await consumer.All<ParkedMessage>()).Count == 2);

        consumer.Faults.IsTooEarly = false;
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 2, TimeSpan.FromSeconds(30));
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2]));
            Assert.That(await new ErrorQueues(new BrokerOptions { Uri = _broker }).List(Sample.Queue, 1, CancellationToken.None), Is.Empty);
        });
    }

    [Test]
    public async Task R10_an_event_that_cannot_be_mapped_parks_its_stream_and_the_others_go_on()
    {
        var consumer = await StartConsumer();
        var other = Guid.CreateVersion7();
        _owner.Faults.CannotMap = true;
        await _owner.Append(_id, new Counted(_id, 1), new Garbled(_id, 2), new Counted(_id, 3));
        await _owner.Append(other, new Counted(other, 1));
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 1);
        await _owner.Append(_id, new Counted(_id, 4));
        await _owner.Append(other, new Counted(other, 2));
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 2);
        var parked = (await _owner.All<ParkedStream>()).Single();
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1]));
            Assert.That(parked, Has.Property(nameof(ParkedStream.StreamId)).EqualTo(_id).And.Property(nameof(ParkedStream.FromVersion)).EqualTo(2));
            Assert.That(parked.Reason, Is.EqualTo(nameof(FormatException)));
        });

        _owner.Faults.CannotMap = false;
        await TryAtOnce();
        await Eventually.Holds(async () => (await _owner.All<ParkedStream>()).Count == 0, TimeSpan.FromSeconds(30));
        await _owner.Append(_id, new Counted(_id, 5));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 5, TimeSpan.FromSeconds(30));
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4, 5]));
    }

    [TestCase("type = 'nobody_knows', mt_dotnet_type = 'Nobody.Knows, Nowhere'")]
    [TestCase("data = '{\"counterId\": 7, \"number\": [] }'")]
    public async Task R10_an_event_that_cannot_be_read_parks_its_stream_and_the_others_go_on(string damage)
    {
        var consumer = await StartConsumer();
        var (last, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _owner.StopHost();
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2), new Counted(_id, 3));
        await _owner.Append(last, new Counted(last, 1), new Counted(last, 2));
        await _owner.Append(other, new Counted(other, 1));
        await using var store = NpgsqlDataSource.Create(_ownerDatabase);
        await Execute(store, "create table kept (seq_id bigint, type varchar, mt_dotnet_type varchar, data jsonb)", -1);
        await Execute(store, "insert into kept select seq_id, type, mt_dotnet_type, data from ot.mt_events where version = 2", 2);
        await Execute(store, $"update ot.mt_events set {damage} where version = 2", 2);
        await RestartOwner();

        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 1, TimeSpan.FromSeconds(30));
        await Eventually.Holds(async () => (await _owner.All<ParkedStream>()).Count == 2);
        await _owner.Append(other, new Counted(other, 2));
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 2);
        var parked = await _owner.All<ParkedStream>();
        Assert.Multiple(async () =>
        {
            Assert.That(parked.Select(stream => (stream.StreamId, stream.FromVersion)), Is.EquivalentTo([(_id, 2L), (last, 2L)]));
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1]));
            Assert.That(await consumer.Tally(last), Is.EqualTo([1]));
        });

        await Execute(store, "update ot.mt_events e set type = k.type, mt_dotnet_type = k.mt_dotnet_type, data = k.data from kept k where k.seq_id = e.seq_id", 2);
        await TryAtOnce();
        await Eventually.Holds(async () => (await _owner.All<ParkedStream>()).Count == 0, TimeSpan.FromSeconds(30));
        await _owner.Append(_id, new Counted(_id, 4));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 4, TimeSpan.FromSeconds(30));
        Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3, 4]));
        await Eventually.Holds(async () => (await consumer.Tally(last)).Count >= 2, TimeSpan.FromSeconds(30));
        Assert.That(await consumer.Tally(last), Is.EqualTo([1, 2]));
    }

    [Test]
    public async Task R10_what_comes_after_an_event_that_cannot_be_read_is_held_back_also_when_its_page_is_a_later_one()
    {
        var consumer = await StartConsumer();
        var other = Guid.CreateVersion7();
        await _owner.StopHost();
        await _owner.Append(_id, new Counted(_id, 1));
        await using var store = NpgsqlDataSource.Create(_ownerDatabase);
        await Execute(store, "update ot.mt_events set type = 'nobody_knows', mt_dotnet_type = 'Nobody.Knows, Nowhere'", 1);
        await RestartOwner();
        await Eventually.Holds(async () => (await _owner.All<ParkedStream>()).Count == 1, TimeSpan.FromSeconds(30));

        await Execute(
            store,
            $"""
            insert into ot.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select nextval('ot.mt_events_sequence'), gen_random_uuid(), stream_id, 2, jsonb_build_object('counterId', stream_id, 'number', 2), 'counted', now(), tenant_id,
              '{typeof(Counted).FullName}, {typeof(Counted).Assembly.GetName().Name}', false from ot.mt_events where version = 1
            """,
            1);
        await _owner.Append(other, new Counted(other, 1));
        await Eventually.Holds(async () => (await consumer.Tally(other)).Count == 1, TimeSpan.FromSeconds(30));
        Assert.That(await consumer.Tally(_id), Is.Empty);
    }

    [Test]
    public async Task R10_where_two_react_to_a_message_each_does_so_once_also_when_the_other_fails_at_first()
    {
        var consumer = await StartConsumer(typeof(TallyOnObjected), typeof(AlsoTallyOnObjected));
        consumer.Faults.Poison(-2);
        await _owner.Append(_id, new Counted(_id, 1), new Counted(_id, 2), new Counted(_id, 3));
        var errors = new ErrorQueues(new BrokerOptions { Uri = _broker });
        await Eventually.Holds(async () => Assert.That(await errors.List(Sample.Queue, 10, CancellationToken.None), Has.Count.EqualTo(1)), TimeSpan.FromSeconds(30));
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2]));
            Assert.That(await consumer.Tally(AlsoTallyOnObjected.IdOf(_id)), Is.EqualTo([-1]));
        });
        consumer.Faults.Heal();
        await errors.Redrive(Sample.Queue, AllOfThem, CancellationToken.None);

        await Eventually.Holds(async () => (await consumer.Tally(AlsoTallyOnObjected.IdOf(_id))).Count >= 3, TimeSpan.FromSeconds(30));
        await Eventually.Holds(async () => (await consumer.Tally(_id)).Count >= 3);
        Assert.Multiple(async () =>
        {
            Assert.That(await consumer.Tally(_id), Is.EqualTo([1, 2, 3]));
            Assert.That(await consumer.Tally(AlsoTallyOnObjected.IdOf(_id)), Is.EqualTo([-1, -2, -3]));
        });
    }

    private async Task<SampleService> StartConsumer(params Type[] consumers) =>
        _consumer = await SampleService.StartConsumer(_consumerDatabase, _broker, new Faults(), consumers);

    private async Task RestartOwner()
    {
        await _owner.DisposeAsync();
        _owner = await SampleService.StartOwner(_ownerDatabase, _broker, new Faults());
    }

    private static async Task Execute(NpgsqlDataSource store, string sql, int rows)
    {
        await using var command = store.CreateCommand(sql);
        Assert.That(await command.ExecuteNonQueryAsync(), Is.EqualTo(rows));
    }

    /// <summary>Lets the next look at parked streams come at once instead of after its rest.</summary>
    private async Task TryAtOnce()
    {
        await using var session = _owner.Services.GetRequiredService<Marten.IDocumentStore>().LightweightSession();
        foreach (var parked in await _owner.All<ParkedStream>())
        {
            session.Update(parked with { TryAt = DateTimeOffset.UtcNow });
        }

        await session.SaveChangesAsync();
    }

    private static ParkedMessage Waiting(Guid stream) => new()
    {
        Id = $"{Sample.Queue}:{Guid.NewGuid():N}",
        Turn = $"{Sample.Queue}:{Sample.Owner}:relay:{stream}",
        Queue = Sample.Queue,
        Source = Sample.Owner,
        Relay = "relay",
        StreamId = stream,
        Version = 3,
        PreviousVersion = 2,
        Reason = ParkedMessage.Gap,
        Body = string.Empty,
        ContentType = string.Empty,
        ParkedAt = DateTimeOffset.UtcNow.AddDays(-1),
        Attempts = 9,
        NextAt = DateTimeOffset.UtcNow.AddDays(1),
    };

    private Task PutBack(params byte[][] bodies) => PutBackTo(Sample.Queue, bodies);

    private async Task PutBackTo(string queue, params byte[][] bodies)
    {
        await using var connection = await new ConnectionFactory { Uri = _broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var body in bodies)
        {
            await channel.BasicPublishAsync(string.Empty, queue, mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true }, body);
        }
    }

    private async Task<uint> Skipped()
    {
        try
        {
            return await Standing($"{Sample.Queue}_skipped");
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    /// <summary>What stands in the error queue, as it stands there: the stream, and the end of the text's id.</summary>
    private Task Redact(int number, int by) => _owner.Streams.InOneTransaction(
        new Origin("test"),
        async work =>
        {
            await work.Redact<Counted>(_id, counted => counted.Number == number ? counted with { Number = by } : counted, CancellationToken.None);
            return true;
        },
        CancellationToken.None);

    private async Task<IReadOnlyList<(Guid Stream, string Number)>> Failed()
    {
        var left = await Standing($"{Sample.Queue}_error");
        await using var connection = await new ConnectionFactory { Uri = _broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var arrived = System.Threading.Channels.Channel.CreateUnbounded<(Guid, string)>();
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivered) =>
        {
            var envelope = System.Text.Json.JsonDocument.Parse(delivered.Body).RootElement;
            await arrived.Writer.WriteAsync((envelope.GetProperty("headers").GetProperty(Envelope.StreamIdHeader).GetGuid(), envelope.GetProperty("message").GetProperty("reasonTextId").GetString()![^6..]));
        };
        await channel.BasicConsumeAsync($"{Sample.Queue}_error", autoAck: false, consumer);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var found = new List<(Guid, string)>();
        for (; left > 0; left--)
        {
            found.Add(await arrived.Reader.ReadAsync(patience.Token));
        }

        return found;
    }

    private async Task<uint> Standing(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = _broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
    }
}

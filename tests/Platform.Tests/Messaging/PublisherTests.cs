using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>The publishing bus when its connection is still there but nothing comes back over it any more.</summary>
[TestFixture]
internal sealed class PublisherTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task R10_publishing_goes_on_over_a_fresh_bus_when_the_old_one_gets_no_confirmation_any_more()
    {
        var broker = await Servers.FreshVirtualHost("publisher");
        await using var way = new Way(broker.Port);
        await using var publisher = new Publisher(
            new BrokerOptions { Uri = new UriBuilder(broker) { Port = way.Port }.Uri }, NullLoggerFactory.Instance, NullLogger<Publisher>.Instance);
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await new BrokerTopology(new BrokerOptions { Uri = broker }, NullLogger<BrokerTopology>.Instance).Declare(CancellationToken.None);

        await Publish(publisher);
        way.SwallowWhatTheBrokerAnswersOnOldConnections();
        using var limit = new CancellationTokenSource(Patience);
        var refused = 0;
        while (true)
        {
            try
            {
                await Publish(publisher);
                break;
            }
            catch (TimeoutException) when (!limit.IsCancellationRequested)
            {
                refused++;
            }
        }

        Assert.Multiple(async () =>
        {
            Assert.That(refused, Is.EqualTo(1), "The first try has to see that nothing comes back, the next one goes over the fresh bus.");
            Assert.That(await channel.MessageCountAsync(Topology.TeamAssemblyConsultation), Is.EqualTo(3), "What was not confirmed has arrived all the same; the consumers absorb that.");
        });
    }

    [Test]
    public async Task R10_nothing_is_taken_for_published_while_the_broker_is_away_and_it_goes_on_when_it_is_back()
    {
        var broker = await Servers.FreshVirtualHost("publisher");
        await new BrokerTopology(new BrokerOptions { Uri = broker }, NullLogger<BrokerTopology>.Instance).Declare(CancellationToken.None);
        await using var way = new Way(broker.Port);
        await using var publisher = new Publisher(
            new BrokerOptions { Uri = new UriBuilder(broker) { Port = way.Port }.Uri }, NullLoggerFactory.Instance, NullLogger<Publisher>.Instance);
        await Publish(publisher);

        way.Close();
        Assert.ThrowsAsync(Is.InstanceOf<Exception>(), () => Publish(publisher));
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        Assert.That(await channel.MessageCountAsync(Topology.TeamAssemblyConsultation), Is.EqualTo(1));
        way.Open();
        await Eventually.Holds(() => Publish(publisher), Patience);
        Assert.That(await channel.MessageCountAsync(Topology.TeamAssemblyConsultation), Is.GreaterThanOrEqualTo(2));
    }

    private static Task Publish(Publisher publisher) =>
        publisher.Publish(new ConsultationWithdrawn(Guid.CreateVersion7(), DateTimeOffset.UnixEpoch), context => context.MessageId = Guid.CreateVersion7(), CancellationToken.None);

    /// <summary>The way to the broker, which can be blocked.</summary>
    private sealed class Way : IAsyncDisposable
    {
        private readonly int _to;
        private readonly List<Passage> _passages = [];
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _work;
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private volatile bool _isClosed;

        public Way(int to)
        {
            _to = to;
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _work = Task.Run(Accept);
        }

        public int Port { get; }

        public void SwallowWhatTheBrokerAnswersOnOldConnections()
        {
            lock (_passages)
            {
                _passages.ForEach(passage => passage.Swallows = true);
            }
        }

        /// <summary>Cuts every connection and takes none.</summary>
        public void Close()
        {
            _isClosed = true;
            lock (_passages)
            {
                _passages.ForEach(passage => passage.Dispose());
                _passages.Clear();
            }
        }

        public void Open() => _isClosed = false;

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            Close();
            _listener.Stop();
            await _work;
            _listener.Dispose();
            _stopping.Dispose();
        }

        private async Task Accept()
        {
            while (!_stopping.IsCancellationRequested)
            {
                try
                {
                    var caller = await _listener.AcceptTcpClientAsync(_stopping.Token);
                    if (_isClosed)
                    {
                        caller.Dispose();
                        continue;
                    }

                    var broker = new TcpClient();
                    await broker.ConnectAsync(IPAddress.Loopback, _to, _stopping.Token);
                    var passage = new Passage(caller, broker);
                    lock (_passages)
                    {
                        _passages.Add(passage);
                    }

                    passage.Start();
                }
                catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    continue;
                }
            }
        }
    }

    private sealed class Passage(TcpClient caller, TcpClient broker) : IDisposable
    {
        public bool Swallows { get; set; }

        public void Start()
        {
            _ = Copy(caller, broker, () => false);
            _ = Copy(broker, caller, () => Swallows);
        }

        public void Dispose()
        {
            caller.Dispose();
            broker.Dispose();
        }

        private static async Task Copy(TcpClient from, TcpClient to, Func<bool> swallow)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                while (await from.GetStream().ReadAsync(buffer) is var count and > 0)
                {
                    if (!swallow())
                    {
                        await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One side has gone.
            }

            to.Dispose();
        }
    }
}

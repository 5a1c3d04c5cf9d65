using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>What MassTransit asks before each attempt to connect.</summary>
[TestFixture]
internal sealed class BrokerDoorTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);

    [Test]
    public async Task It_opens_when_somebody_listens_and_not_before()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var said = new Said();
        var open = Door(port, said, CancellationToken.None).UntilOpen();
        await said.Something.WaitAsync(Generous);
        Assert.That(open.IsCompleted, Is.False, "It did not wait.");

        using var broker = new TcpListener(IPAddress.Loopback, port);
        broker.Start();
        await open.WaitAsync(Generous);
    }

    [Test]
    public async Task It_lets_go_of_those_whom_nobody_needs_any_more()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        using var closing = new CancellationTokenSource();
        var open = Door(port, NullLogger.Instance, closing.Token).UntilOpen();
        await closing.CancelAsync();
        await open.WaitAsync(Generous);
    }

    private static BrokerDoor Door(int port, ILogger logger, CancellationToken closing) => new(new Uri($"amqp://app:app@127.0.0.1:{port}/"), logger, closing);

    /// <summary>Knows when the door has found nobody there.</summary>
    private sealed class Said : ILogger
    {
        private readonly TaskCompletionSource _something = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Something => _something.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _something.TrySetResult();
    }
}

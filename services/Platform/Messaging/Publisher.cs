using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// Publishes over a bus of its own, apart from the one that consumes. A bus that gets no confirmation any more although the broker
/// confirms on a new connection is thrown away for a fresh one: that happens when a broker dies in the middle of an exchange.
/// </summary>
public sealed partial class Publisher(BrokerOptions broker, ILoggerFactory loggers, ILogger<Publisher> logger) : IAsyncDisposable
{
    // A confirm that went down with the broker never comes; the same message once more is harmless, its id is the same.
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Line? _line;

    /// <summary>To everyone whom the message concerns; returns when the broker has confirmed it.</summary>
    /// <exception cref="TimeoutException">No confirmation came.</exception>
    public Task Publish(object message, Action<SendContext> stamp, CancellationToken cancellation) =>
        Confirmed((bus, limit) => bus.Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => StampMandatory(context, stamp)), limit), cancellation);

    /// <summary>To one queue; returns when the broker has confirmed it.</summary>
    /// <exception cref="TimeoutException">No confirmation came.</exception>
    public Task Send(string queue, object message, Action<SendContext> stamp, CancellationToken cancellation) =>
        Confirmed(
            async (bus, limit) =>
            {
                var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
                await endpoint.Send(message, message.GetType(), Pipe.Execute<SendContext>(context => StampMandatory(context, stamp)), limit);
            },
            cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_line is { } line)
        {
            await Stop(line);
        }

        _gate.Dispose();
    }

    private async Task Confirmed(Func<IBusControl, CancellationToken, Task> send, CancellationToken cancellation)
    {
        var line = _line ?? await Start(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConfirmLimit);
        try
        {
            await send(line.Bus, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is OperationCanceledException or TimeoutException or { InnerException: TimeoutException })
        {
            await Replace(line, cancellation);
            throw new TimeoutException("The broker did not confirm in time.", exception);
        }
    }

    private async Task<Line> Start(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return _line ??= await Fresh(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task Replace(Line broken, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (!ReferenceEquals(_line, broken) || !await ConfirmsToOthers(cancellation))
            {
                return;
            }

            Replacing(logger);
            _line = await Fresh(cancellation);
            _ = Stop(broken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Line> Fresh(CancellationToken cancellation)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        var closing = new CancellationTokenSource();
        var door = new BrokerDoor(broker.Uri, logger, closing.Token);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Uri, host =>
            {
                host.PublisherConfirmation = true;
                host.OnRefreshConnectionFactory = _ => door.UntilOpen();
            });
            rabbit.ConfigureJsonSerializerOptions(MessagingExtensions.ConfigureJson);
            rabbit.AutoStart = false;
        });
        var line = new Line(bus, closing);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConfirmLimit);
        try
        {
            await bus.StartAsync(limit.Token);
            return line;
        }
        catch
        {
            _ = Stop(line);
            throw;
        }
    }

    /// <summary>Whether a new connection gets its confirmation: a broker that blocks its publishers takes connections too.</summary>
    private async Task<bool> ConfirmsToOthers(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ProbeLimit);
        try
        {
            var factory = new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false };
            await using var connection = await factory.CreateConnectionAsync("probe", limit.Token);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), limit.Token);
            var own = await channel.QueueDeclareAsync(cancellationToken: limit.Token);
            await channel.BasicPublishAsync(string.Empty, own.QueueName, mandatory: true, ReadOnlyMemory<byte>.Empty, limit.Token);
            return true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static async Task Stop(Line line)
    {
        try
        {
            await line.Closing.CancelAsync();
            using var limit = new CancellationTokenSource(StopLimit);
            await line.Bus.StopAsync(limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException or RabbitMqConnectionException or RabbitMQ.Client.Exceptions.RabbitMQClientException)
        {
            // It is given up anyway.
        }
    }

    /// <param name="Closing">Cancelled when the bus is given up: nobody waits for the broker on its behalf any more.</param>
    private sealed record Line(IBusControl Bus, CancellationTokenSource Closing);

    private static void StampMandatory(SendContext context, Action<SendContext> stamp)
    {
        stamp(context);
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }

        if (Activity.Current?.Id is { } traceparent)
        {
            context.Headers.Set(Envelope.TraceparentHeader, traceparent);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker confirms to others but not on this bus; publishing goes on over a fresh one")]
    private static partial void Replacing(ILogger logger);
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Platform.Messaging;

/// <summary>A message in an error queue: what it is and why it is there, without its content.</summary>
/// <param name="Queue">The queue whose consumers could not do it.</param>
/// <param name="MessageId">Empty for what is not a message of the platform.</param>
/// <param name="Reason">Type of the exception, never its text.</param>
public sealed record Fault(string Queue, Guid MessageId, string Message, string Source, Guid? StreamId, long? StreamVersion, string Reason, DateTimeOffset? FailedAt)
{
    /// <summary>Which of the source's relays published it; empty when it does not say.</summary>
    public string Relay { get; init; } = string.Empty;

    /// <summary>Of when the erasure is after which its owner has sent it once more; null when it stands as it was sent first.</summary>
    public DateTimeOffset? RenewedFor { get; init; }
}

/// <summary>
/// Reads the broker's error queues and puts their messages back. A message is confirmed in its queue before it leaves the error queue:
/// it may come twice then, which the consumers absorb, but is never lost.
/// </summary>
public sealed class ErrorQueues(BrokerOptions broker)
{
    private const string Suffix = "_error";
    private const string Unreadable = "unreadable";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <summary>What stands in the error queue of <paramref name="queue"/>, oldest first; it stays there.</summary>
    /// <exception cref="RejectedException">Somebody else reads it.</exception>
    public async Task<IReadOnlyList<Fault>> List(string queue, int most, CancellationToken cancellation)
    {
        var faults = new List<Fault>();
        await Read(
            queue,
            most,
            (delivered, _) =>
            {
                faults.Add(FaultOf(queue, delivered));
                return Task.FromResult(false);
            },
            cancellation);
        return faults;
    }

    /// <summary>Puts messages back into <paramref name="queue"/>: those with the given ids, or all where none is given. How many went back.</summary>
    public async Task<int> Redrive(string queue, IReadOnlySet<Guid> only, CancellationToken cancellation)
    {
        var moved = 0;
        await Read(
            queue,
            int.MaxValue,
            async (delivered, channel) =>
            {
                if (only.Count > 0 && !only.Contains(FaultOf(queue, delivered).MessageId))
                {
                    return false;
                }

                var properties = new BasicProperties { ContentType = delivered.BasicProperties.ContentType, MessageId = delivered.BasicProperties.MessageId, Persistent = true };
                await channel.BasicPublishAsync(queue, string.Empty, mandatory: true, properties, delivered.Body, cancellation);
                moved++;
                return true;
            },
            cancellation);
        return moved;
    }

    /// <summary>How many messages stand in the error queues of <paramref name="queues"/>; those that have none are left out.</summary>
    public async Task<IReadOnlyDictionary<string, uint>> Standing(IEnumerable<string> queues, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(queues);
        await using var connection = await Connect(cancellation);
        var standing = new Dictionary<string, uint>();
        foreach (var queue in queues)
        {
            if (await Count(connection, $"{queue}{Suffix}", cancellation) is > 0 and var count)
            {
                standing[queue] = count;
            }
        }

        return standing;
    }

    /// <summary>
    /// Takes those messages out of the error queue of <paramref name="queue"/> for which <paramref name="replaced"/> has sent another one.
    /// Whether it has seen them all.
    /// </summary>
    /// <exception cref="RejectedException">Somebody else reads it.</exception>
    internal Task<bool> Replace(string queue, Func<Fault, Task<bool>> replaced, CancellationToken cancellation) =>
        Read(queue, int.MaxValue, (delivered, _) => replaced(FaultOf(queue, delivered)), cancellation);

    private Task<IConnection> Connect(CancellationToken cancellation) =>
        new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync("error queues", cancellation);

    /// <summary>
    /// Shows each message once to <paramref name="done"/>; what it says no to goes back to its place when the channel closes. Whether it
    /// has shown all that it was to.
    /// </summary>
    private async Task<bool> Read(string queue, int most, Func<BasicDeliverEventArgs, IChannel, Task<bool>> done, CancellationToken cancellation)
    {
        await using var connection = await Connect(cancellation);
        await using var channel = await connection.CreateChannelAsync(Confirming, cancellation);
        var name = $"{queue}{Suffix}";
        var standing = await Count(connection, name, cancellation);
        var left = (int)Math.Min(standing, most);
        if (left == 0)
        {
            return true;
        }

        var arrived = Channel.CreateUnbounded<BasicDeliverEventArgs>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivered) =>
        {
            // The body's memory is the client's own and ends with this call.
            var kept = new BasicDeliverEventArgs(
                delivered.ConsumerTag, delivered.DeliveryTag, delivered.Redelivered, delivered.Exchange, delivered.RoutingKey, delivered.BasicProperties, delivered.Body.ToArray(), delivered.CancellationToken);
            await arrived.Writer.WriteAsync(kept, cancellation);
        };
        await channel.BasicQosAsync(0, (ushort)Math.Min(left, ushort.MaxValue), global: false, cancellation);
        await channel.BasicConsumeAsync(name, autoAck: false, consumer, cancellation);
        for (var seen = 0; seen < left; seen++)
        {
            if (await Next(arrived.Reader, cancellation) is not { } delivered)
            {
                if (seen == 0)
                {
                    // One reader at a time is what such a queue allows.
                    throw new RejectedException(new Rejection("platform.error-queue-busy", "Somebody else reads this error queue just now."));
                }

                return false;
            }

            if (await done(delivered, channel))
            {
                await channel.BasicAckAsync(delivered.DeliveryTag, multiple: false, cancellation);
            }
        }

        return true;
    }

    private static async Task<uint> Count(IConnection connection, string queue, CancellationToken cancellation)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellation)).MessageCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // Nothing has ever failed there.
            return 0;
        }
    }

    private static async Task<BasicDeliverEventArgs?> Next(ChannelReader<BasicDeliverEventArgs> arrived, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Quiet);
        try
        {
            return await arrived.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static Fault FaultOf(string queue, BasicDeliverEventArgs delivered)
    {
        var failure = delivered.BasicProperties.Headers;
        var reason = Text(failure, MassTransit.MessageHeaders.FaultExceptionType) ?? string.Empty;
        DateTimeOffset? failedAt = DateTimeOffset.TryParse(Text(failure, MassTransit.MessageHeaders.FaultTimestamp), CultureInfo.InvariantCulture, out var at) ? at : null;
        try
        {
            using var envelope = JsonDocument.Parse(delivered.Body);
            var json = envelope.RootElement;
            var headers = json.GetProperty("headers");
            string? Header(string name) => headers.TryGetProperty(name, out var value) ? value.ToString() : null;
            return new Fault(
                queue,
                json.GetProperty("messageId").GetGuid(),
                json.GetProperty("messageType")[0].GetString()!.Split(':')[^1],
                Header(Envelope.SourceHeader) ?? string.Empty,
                Guid.TryParse(Header(Envelope.StreamIdHeader), out var stream) ? stream : null,
                long.TryParse(Header(Envelope.StreamVersionHeader), out var version) ? version : null,
                reason,
                failedAt)
            {
                Relay = Header(Envelope.RelayHeader) ?? string.Empty,
                RenewedFor = DateTimeOffset.TryParse(Header(Envelope.RenewedHeader), CultureInfo.InvariantCulture, out var renewedFor) ? renewedFor : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            // What nobody can read ends in an error queue too, and must not hide the rest of it.
            return new Fault(queue, Guid.Empty, Unreadable, string.Empty, null, null, reason, failedAt);
        }
    }

    private static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out var value) ? value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            _ => value?.ToString(),
        }
        : null;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using OtPlatform.Local;
using OtPlatform.Platform.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OtPlatform.Bench;

/// <summary>A message to be published.</summary>
internal sealed record HopMessage(ReadOnlyMemory<byte> Body, BasicProperties Properties);

/// <summary>From the publishing of one message to the arrival of the one that is published because of it, seen from outside.</summary>
internal sealed class Hop : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly IChannel _publishing;
    private readonly IChannel _consuming;
    private readonly string _asks;
    private readonly Func<Guid, HopMessage> _ask;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _answers = new();

    private Hop(IChannel publishing, IChannel consuming, string asks, Func<Guid, HopMessage> ask) => (_publishing, _consuming, _asks, _ask) = (publishing, consuming, asks, ask);

    /// <summary>How long each took, in milliseconds.</summary>
    public List<double> Took { get; } = [];

    /// <param name="asks">Exchange to publish to.</param>
    /// <param name="ask">The message about something of that id.</param>
    /// <param name="answers">Exchange where the answer is published.</param>
    /// <param name="about">Property of the answer with the same id.</param>
    public static async Task<Hop> Open(IConnection connection, string asks, Func<Guid, HopMessage> ask, string answers, string about, CancellationToken cancellation)
    {
        var publishing = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), cancellation);
        var consuming = await connection.CreateChannelAsync(cancellationToken: cancellation);
        var hop = new Hop(publishing, consuming, asks, ask);
        var queue = $"bench-answers-{Guid.NewGuid():n}";
        await consuming.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { [BrokerTopology.QueueTypeArgument] = "quorum" }, cancellationToken: cancellation);
        await consuming.ExchangeDeclareAsync(answers, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await consuming.QueueBindAsync(queue, answers, string.Empty, cancellationToken: cancellation);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var arrived = Stopwatch.GetTimestamp();
            using var answer = JsonDocument.Parse(delivery.Body);
            hop.AnswerTo(answer.RootElement.GetProperty("message").GetProperty(about).GetGuid()).TrySetResult(arrived);
            return Task.CompletedTask;
        };
        await consuming.BasicConsumeAsync(queue, autoAck: true, consumer, cancellation);
        return hop;
    }

    public async ValueTask DisposeAsync()
    {
        await _publishing.DisposeAsync();
        await _consuming.DisposeAsync();
    }

    /// <summary>As many as fast as they can be published; returns how long it was until the last answer.</summary>
    public async Task<TimeSpan> Burst(int count, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await All([.. Enumerable.Range(0, count).Select(_ => One(cancellation))], cancellation);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>So many a second for a while, each at its own time whether the one before is answered or not.</summary>
    /// <returns>How many a second it came to.</returns>
    public async Task<double> Steadily(int perSecond, TimeSpan time, CancellationToken cancellation)
    {
        var (asked, started) = (new List<Task<double>>(), Stopwatch.GetTimestamp());
        for (var due = TimeSpan.Zero; due < time; due += TimeSpan.FromSeconds(1.0 / perSecond))
        {
            if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
            {
                await Task.Delay(early, cancellation);
            }

            asked.Add(One(cancellation));
        }

        var rate = asked.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Took.AddRange(await All(asked, cancellation));
        return rate;
    }

    private static async Task<double[]> All(List<Task<double>> asked, CancellationToken cancellation)
    {
        try
        {
            return await Task.WhenAll(asked).WaitAsync(Limit, cancellation);
        }
        catch (TimeoutException)
        {
            throw new LocalFailureException($"{asked.Count(one => !one.IsCompleted)} of {asked.Count} messages were not answered.");
        }
    }

    private async Task<double> One(CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7();
        var message = _ask(id);
        var started = Stopwatch.GetTimestamp();
        await _publishing.BasicPublishAsync(_asks, string.Empty, mandatory: true, message.Properties, message.Body, cancellation);
        var arrived = await AnswerTo(id).Task;
        _answers.TryRemove(id, out _);
        return Stopwatch.GetElapsedTime(started, arrived).TotalMilliseconds;
    }

    private TaskCompletionSource<long> AnswerTo(Guid id) => _answers.GetOrAdd(id, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
}

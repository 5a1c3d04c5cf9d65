using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// The way of every message from its queue to its consumer. From the outside in: a transient fault holds it back for as long as it
/// lasts; the order of its stream decides whether it is its turn; any other fault is tried again three times and then left to the
/// error queue.
/// </summary>
internal sealed class Delivery : IFilter<ConsumeContext>
{
    private static readonly TimeSpan[] Rests = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)];

    private static readonly ResiliencePipeline Retry = new ResiliencePipelineBuilder { Name = "message" }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is { } exception and not OperationCanceledException and not UnknownStreamException && !PauseWhileUnavailable.IsTransient(exception)),
            MaxRetryAttempts = Rests.Length,
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Rests[arguments.AttemptNumber]),
        })
        .Build();

    private readonly PauseWhileUnavailable _pause;
    private readonly InTurn? _inTurn;

    public Delivery(QueueConsumers queue, bool inOrder, IDocumentStore store, TimeProvider clock, ILoggerFactory loggers)
    {
        _pause = new PauseWhileUnavailable(loggers.CreateLogger<PauseWhileUnavailable>());
        _inTurn = inOrder ? new InTurn(queue, store, clock, loggers.CreateLogger<InTurn>()) : null;
    }

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        async Task Deliver() => await Retry.ExecuteAsync(async _ => await next.Send(context), context.CancellationToken);
        var part = new InTurn.Part();
        return _pause.Run(context, () => _inTurn is null ? Deliver() : _inTurn.Run(context, part, Deliver));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("delivery");
}

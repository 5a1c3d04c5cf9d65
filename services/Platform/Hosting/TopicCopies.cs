using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Hosting;

/// <summary>A service's own copy of what was told of a topic since the product was shipped.</summary>
public sealed record TopicCopy
{
    /// <summary>The topic's code.</summary>
    public required string Id { get; init; }

    /// <summary>Null where only its end was told.</summary>
    public Topic? Topic { get; init; }

    /// <summary>Null while it has none.</summary>
    public DateOnly? LastDay { get; init; }

    /// <summary>Names this state of the copy, so that another replica knows what it has not taken in.</summary>
    public required string State { get; init; }
}

/// <summary>A topic that is defined or retired while the platform runs is so in this service's catalogue too.</summary>
public sealed class KeepTopicOnTopicChanged(Inbox inbox, TopicCopies copies) : IConsumer<TopicDefined>, IConsumer<TopicRetired>
{
    public Task Consume(ConsumeContext<TopicDefined> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Keep(context, context.Message.Topic.Code, (_, state) => new TopicCopy { Id = context.Message.Topic.Code, Topic = context.Message.Topic, State = state });
    }

    public Task Consume(ConsumeContext<TopicRetired> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Keep(context, context.Message.Code, (known, state) => new TopicCopy { Id = context.Message.Code, Topic = known?.Topic, LastDay = context.Message.LastDay, State = state });
    }

    private async Task Keep<TMessage>(ConsumeContext<TMessage> context, string code, Func<TopicCopy?, string, TopicCopy> change)
        where TMessage : class
    {
        await inbox.Once(context, nameof(KeepTopicOnTopicChanged), async work =>
        {
            var copy = change(await work.Load<TopicCopy>(code, context.CancellationToken), $"{context.MessageId:N}");
            work.Store(copy);
            return new Outcome<TopicCopy>(copy, 1, null, true);
        });
        await copies.Learn(context.CancellationToken);
    }
}

/// <summary>Keeps the process's catalogue as its service's copies of the topics are, whichever replica has taken them in.</summary>
public sealed partial class TopicCopies(StreamStore streams, Catalogue catalogue, ILogger<TopicCopies> logger) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, string> _known = [];

    /// <summary>Takes in what is not known yet.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            foreach (var copy in await streams.Query<TopicCopy>("where not (data ->> 'state' = any(?))", cancellation, _known.Values.ToArray() as object))
            {
                catalogue.Learn(copy.Id, copy.Topic, copy.LastDay);
                _known[copy.Id] = copy.State;
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(AskEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Learn(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                NotAsked(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The copies of the topics could not be read; those that are known stay")]
    private static partial void NotAsked(ILogger logger, Exception reason);
}

/// <summary>Registration of the local copies of the topics.</summary>
public static class TopicCopiesExtensions
{
    public static void AddTopicCopies(this IServiceCollection services)
    {
        services.AddSingleton<TopicCopies>();
        services.AddHostedService(provider => provider.GetRequiredService<TopicCopies>());
    }
}

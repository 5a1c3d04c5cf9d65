using OtPlatform.Contracts;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>Keeps this process's book of policies as the store has it: taken up at the start, and asked for what other replicas publish.</summary>
public sealed partial class KeepPolicies(StreamStore streams, PolicyBook book, AreaPolicies policies, Catalogue catalogue, TimeProvider clock, ILogger<KeepPolicies> logger) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> _newest = [];

    /// <summary>Before the service serves: the shipped policies are in the store, and all that was published is known here.</summary>
    /// <exception cref="InvalidOperationException">A policy could leave a case without a recommendation.</exception>
    public async Task Begin(CancellationToken cancellation)
    {
        foreach (var shipped in catalogue.PolicyPages)
        {
            var command = new TakeUpShippedPolicy.Command(shipped, clock.GetUtcNow());
            await streams.Decide(
                PolicyHistory.Aggregate, PolicyHistory.IdOf(shipped.Code), state => TakeUpShippedPolicy.Decide(state, command), new Origin(PolicyPublished.ByPlatform, shipped.Name, null), cancellation);
        }

        await Learn(cancellation);
        policies.Check();
    }

    /// <summary>Takes in what has been published since the last time.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        var news = await streams.Query<PolicyRecord>("where not (data ->> 'newest' = any(?))", cancellation, _newest.ToArray() as object);
        foreach (var record in news)
        {
            foreach (var version in record.Published)
            {
                book.Learn(version.Page);
            }

            _newest.Add(record.Newest);
        }
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
            catch (Exception exception) when (PauseWhileUnavailable.IsTransient(exception))
            {
                NotAsked(logger, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The policies could not be asked for; those that are known stay in force")]
    private static partial void NotAsked(ILogger logger, Exception reason);
}

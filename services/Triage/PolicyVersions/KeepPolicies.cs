using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>Keeps this process's book of policies as the store has it: taken up at the start, and asked for what other replicas publish.</summary>
public sealed partial class KeepPolicies(StreamStore streams, PolicyBook book, PolicyRules rules, AreaPolicies policies, Catalogue catalogue, TimeProvider clock, ILogger<KeepPolicies> logger) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly HashSet<string> _newest = [];

    /// <summary>Before the service serves: the shipped policies are in the store, and all that was published is known here.</summary>
    /// <exception cref="InvalidOperationException">A policy could leave a case without a recommendation.</exception>
    public async Task Begin(CancellationToken cancellation)
    {
        await Learn(cancellation);
        foreach (var shipped in catalogue.PolicyPages)
        {
            var now = clock.GetUtcNow();
            var command = new TakeUpShippedPolicy.Command(shipped, content => rules.Faults(shipped.Code, content, now), now);
            var outcome = await Alone(shipped.Code, state => TakeUpShippedPolicy.Decide(state, command), null, new Origin(PolicyPublished.ByPlatform, shipped.Name, null), cancellation);
            if (outcome.Rejection is { } rejection)
            {
                NotTakenUp(logger, shipped.Name, rejection.Code);
            }
        }

        policies.Check();
    }

    /// <summary>
    /// Decides on the versions of a code with all that was published known here, and while nobody else, in any process, publishes: parts
    /// that each fit to what was there before do not have to fit to each other.
    /// </summary>
    public async Task<Outcome<PolicyHistory>> Alone(string code, Func<PolicyHistory, Decision<PolicyEvent>> decide, long? expected, Origin origin, CancellationToken cancellation)
    {
        var outcome = await streams.InOneTransaction(origin, async work =>
        {
            await work.Lock("policies", cancellation);
            await Learn(cancellation);
            return await work.Decide(PolicyHistory.Aggregate, PolicyHistory.IdOf(code), decide, expected, cancellation);
        }, cancellation);
        await Learn(cancellation);
        return outcome;
    }

    /// <summary>Takes in what has been published since the last time.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            foreach (var record in await streams.Query<PolicyRecord>("where not (data ->> 'newest' = any(?))", cancellation, _newest.ToArray() as object))
            {
                foreach (var version in record.Published)
                {
                    book.Learn(version.Page);
                }

                _newest.Add(record.Newest);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The policies could not be asked for; those that are known stay in force")]
    private static partial void NotAsked(ILogger logger, Exception reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The shipped policy {Name} was not taken up: {Code}")]
    private static partial void NotTakenUp(ILogger logger, string name, string code);
}

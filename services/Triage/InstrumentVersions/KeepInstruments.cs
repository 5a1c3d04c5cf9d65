using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.InstrumentVersions;

/// <summary>Keeps this process's catalogue as the store has the instruments: taken in at the start, and asked for what other replicas publish.</summary>
public sealed partial class KeepInstruments(StreamStore streams, Catalogue catalogue, ILogger<KeepInstruments> logger) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly HashSet<string> _newest = [string.Empty];

    /// <summary>Takes in what has been published since the last time.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            foreach (var record in await streams.Query<InstrumentRecord>("where not (data ->> 'newest' = any(?))", cancellation, _newest.ToArray() as object))
            {
                foreach (var published in record.Published)
                {
                    catalogue.Learn(Instrument.Parse(published.Content));
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The instruments could not be asked for; those that are known stay")]
    private static partial void NotAsked(ILogger logger, Exception reason);
}

/// <summary>The features of the screening instruments as data.</summary>
public static class InstrumentFeatures
{
    /// <param name="folder">The catalogue's.</param>
    public static void AddInstrumentVersions(this IServiceCollection services, Catalogue catalogue, string folder)
    {
        services.AddSingleton(new InstrumentRules(File.ReadAllText(Path.Combine(folder, "schemas", "instruments.schema.json")), catalogue));
        services.AddSingleton<KeepInstruments>();
        services.AddHostedService(provider => provider.GetRequiredService<KeepInstruments>());
    }

    public static void Documents(Marten.MartenRegistry schema) => schema.For<InstrumentRecord>();
}

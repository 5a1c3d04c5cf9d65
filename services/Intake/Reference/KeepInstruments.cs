using System.Text.Json;
using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Reference;

/// <summary>Intake's own copy of a published version of a screening instrument.</summary>
/// <param name="Id">Code and number, for example <c>demandingness.2</c>.</param>
public sealed record InstrumentCopy(string Id, Instrument Instrument);

/// <summary>A version that was published is listed in the catalogue, and answers to it are checked. One that cannot be read is noted and left out.</summary>
public sealed class KeepInstrumentOnInstrumentPublished(Inbox inbox, InstrumentCopies copies) : IConsumer<InstrumentPublished>
{
    public async Task Consume(ConsumeContext<InstrumentPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var message = context.Message;
        await inbox.Once(context, nameof(KeepInstrumentOnInstrumentPublished), work =>
        {
            if (Read(message) is not { } instrument)
            {
                return Task.FromResult(new Outcome<InstrumentCopy?>(null, 0, Inbox.NotReadable, false));
            }

            var copy = new InstrumentCopy($"{message.Code}.{message.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)}", instrument);
            work.Store(copy);
            return Task.FromResult(new Outcome<InstrumentCopy?>(copy, 1, null, true));
        });
        await copies.Learn(context.CancellationToken);
    }

    private static Instrument? Read(InstrumentPublished message)
    {
        try
        {
            return Instrument.Parse(message.Content) is var instrument && (instrument.Code, instrument.Version) == (message.Code, message.Version) ? instrument : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Registration of the local copies of the instruments.</summary>
public static class InstrumentCopiesExtensions
{
    public static void AddInstrumentCopies(this IServiceCollection services)
    {
        services.AddSingleton<InstrumentCopies>();
        services.AddHostedService(provider => provider.GetRequiredService<InstrumentCopies>());
    }
}

/// <summary>Keeps the process's catalogue as the service's copies are, whichever replica has taken them in.</summary>
public sealed partial class InstrumentCopies(StreamStore streams, Catalogue catalogue, ILogger<InstrumentCopies> logger) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly HashSet<string> _known = [];

    /// <summary>Takes in what is not known yet.</summary>
    public async Task Learn(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            foreach (var copy in await streams.Query<InstrumentCopy>("where not (id = any(?))", cancellation, _known.ToArray() as object))
            {
                catalogue.Learn(copy.Instrument);
                _known.Add(copy.Id);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The copies of the instruments could not be read; those that are known stay")]
    private static partial void NotAsked(ILogger logger, Exception reason);
}

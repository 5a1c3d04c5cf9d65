using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Hosting;

/// <summary>A service's own copy of a published page.</summary>
public sealed record PolicyCopy
{
    /// <summary>Name of the page, for example <c>sisa.2</c>.</summary>
    public required string Id { get; init; }

    public required PolicyPage Page { get; init; }
}

/// <summary>Reads all that a service uses of the policy of that name, and throws when it cannot.</summary>
public delegate void ReadPolicy(PolicyBook book, string version);

/// <summary>
/// A published page is taken in when the service can read the policies that come of it. Else that is noted and what was in force stays: a
/// message that can never be dealt with would hold up the version that mends it.
/// </summary>
public sealed class KeepPolicyOnPolicyPublished(Inbox inbox, PolicyCopies copies, PolicyBook book, Catalogue catalogue, ReadPolicy read) : IConsumer<PolicyPublished>
{
    public static readonly Rejection NotReadable = new("platform.policy-not-readable", "The policy asks for what this service cannot do.");

    public async Task Consume(ConsumeContext<PolicyPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await copies.Learn(context.CancellationToken);
        var message = context.Message;
        var page = new PolicyPage(message.Code, message.Version, message.TakesEffectAt, message.Content);
        await inbox.Once(context, nameof(KeepPolicyOnPolicyPublished), work =>
        {
            if (!IsReadable(page))
            {
                return Task.FromResult(new Outcome<PolicyPage>(page, 0, NotReadable, false));
            }

            work.Store(new PolicyCopy { Id = page.Name, Page = page });
            return Task.FromResult(new Outcome<PolicyPage>(page, 1, null, true));
        });
    }

    /// <summary>At its own moment, and at each planned one after it: what another page changes then may not fit to this one.</summary>
    private bool IsReadable(PolicyPage page)
    {
        var coming = book.With(page);
        try
        {
            foreach (var at in coming.Pages.Select(other => other.TakesEffectAt).Where(at => at > page.TakesEffectAt).Append(page.TakesEffectAt))
            {
                foreach (var area in catalogue.Areas)
                {
                    read(coming, coming.VersionAt(area.Code, at));
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or TimeZoneNotFoundException or FormatException or ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>Keeps the process's book of policies as its service's copies are, whichever replica has taken them in.</summary>
public sealed partial class PolicyCopies(StreamStore streams, PolicyBook book, ILogger<PolicyCopies> logger) : BackgroundService
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
            foreach (var copy in await streams.Query<PolicyCopy>("where not (id = any(?))", cancellation, _known.ToArray() as object))
            {
                book.Learn(copy.Page);
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
        do
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
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The copies of the policies could not be read; those that are known stay in force")]
    private static partial void NotAsked(ILogger logger, Exception reason);
}

/// <summary>Registration of the local copies of the policies.</summary>
public static class PolicyCopiesExtensions
{
    public static void AddPolicyCopies(this IServiceCollection services, Catalogue catalogue, ReadPolicy read)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        services.AddSingleton(new PolicyBook(catalogue.PolicyPages));
        services.AddSingleton(read);
        services.AddSingleton<PolicyCopies>();
        services.AddHostedService(provider => provider.GetRequiredService<PolicyCopies>());
    }
}

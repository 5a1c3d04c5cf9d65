using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The reports of the host's health checks as they are published, every half minute unless set otherwise.</summary>
internal sealed class PublishedHealth : IHealthCheckPublisher
{
    private readonly Lock changing = new();
    private readonly HashSet<Channel<HealthReport>> watchers = [];

    public HealthReport? Latest { get; private set; }

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        lock (changing)
        {
            Latest = report;
            foreach (var watcher in watchers)
            {
                watcher.Writer.TryWrite(report);
            }
        }

        return Task.CompletedTask;
    }

    public Channel<HealthReport> Watch()
    {
        // Who reads slowly wants the newest state only.
        var watcher = Channel.CreateBounded<HealthReport>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (changing)
        {
            watchers.Add(watcher);
        }

        return watcher;
    }

    public void Leave(Channel<HealthReport> watcher)
    {
        lock (changing)
        {
            watchers.Remove(watcher);
        }
    }
}

/// <summary><c>grpc.health.v1.Health</c> from the host's health checks: unhealthy is NOT_SERVING, everything else SERVING.</summary>
internal sealed class HealthService(HealthCheckService checks, PublishedHealth published, IOptions<GrpcHealthChecksOptions> options, IOptions<HealthCheckServiceOptions> registered, IHostApplicationLifetime lifetime) : Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var picks = options.Value.Services.Find(request.Service) ?? throw new RpcException(new Status(StatusCode.NotFound, string.Empty));
        return new HealthCheckResponse { Status = await Now(picks, context.CancellationToken) };
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var stopping = options.Value.SuppressCompletionOnShutdown
            ? CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken)
            : CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var watcher = published.Watch();
        try
        {
            var picks = options.Value.Services.Find(request.Service);
            var told = picks is null ? ServingStatus.ServiceUnknown : await Now(picks, stopping.Token);
            await responseStream.WriteAsync(new HealthCheckResponse { Status = told });
            await foreach (var report in watcher.Reader.ReadAllAsync(stopping.Token))
            {
                var status = picks is null ? ServingStatus.ServiceUnknown : Of(report, picks);
                if (status != told)
                {
                    told = status;
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = told });
                }
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing });
        }
        finally
        {
            published.Leave(watcher);
        }
    }

    private async Task<ServingStatus> Now(Func<HealthCheckMapContext, bool> picks, CancellationToken cancellation)
    {
        if (options.Value.UseHealthChecksCache)
        {
            return published.Latest is { } latest ? Of(latest, picks) : ServingStatus.Unknown;
        }

        return Of(await checks.CheckHealthAsync(check => picks(new HealthCheckMapContext(check.Name, check.Tags)), cancellation), _ => true);
    }

    private ServingStatus Of(HealthReport report, Func<HealthCheckMapContext, bool> picks)
    {
        var tags = registered.Value.Registrations.ToLookup(check => check.Name, check => check.Tags);
        return report.Entries.Any(entry => entry.Value.Status == HealthStatus.Unhealthy && picks(new HealthCheckMapContext(entry.Key, tags[entry.Key].SelectMany(tag => tag))))
            ? ServingStatus.NotServing
            : ServingStatus.Serving;
    }
}

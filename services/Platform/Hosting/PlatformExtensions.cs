using System.Diagnostics;
using System.Reflection;
using System.Threading.RateLimiting;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Npgsql;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Security;

namespace OtPlatform.Platform.Hosting;

/// <summary>What every service of the platform has in common.</summary>
public static partial class PlatformExtensions
{
    private const string Ready = "ready";
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RelayMayFailFor = TimeSpan.FromSeconds(10);

    /// <summary>Time, security, problems, limits, health, gRPC and telemetry.</summary>
    public static void AddPlatform(this WebApplicationBuilder builder, ServiceIdentity service, IReadOnlyList<string> scopes)
    {
        var services = builder.Services;
        services.AddSingleton(service);
        services.AddSingleton<TimeProvider>(new PlatformClock(builder.Environment.IsDevelopment() ? builder.Configuration["Clock:OffsetFile"] : null));
        services.AddSecurity(builder.Configuration, builder.Environment.IsDevelopment(), scopes);
        services.AddProblemDetails();
        services.AddSingleton(MessageTexts.Of(typeof(Message).Assembly, Assembly.Load(new AssemblyName(builder.Environment.ApplicationName))));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.ConfigureHttpJsonOptions(json => StrictJson.Configure(json.SerializerOptions));
        services.AddHealthChecks()
            .AddCheck<StoreCheck>("store", tags: [Ready])
            .AddCheck<RelayCheck>("relay", tags: [Ready]);
        services.AddPlatformGrpc(Ready);
        AddLimits(services, builder.Configuration);
        AddTelemetry(services, builder.Configuration, service);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = StrictJson.LargestBody;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
    }

    public static void UsePlatform(this WebApplication app, IReadOnlyList<DevelopmentClient> developmentClients)
    {
        app.Use(NameSpan);
        app.Use((context, next) =>
        {
            // At the start of the answer, because an error clears what was set before. What shows pages sets its own policy.
            context.Response.OnStarting(() =>
            {
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers.TryAdd(HeaderNames.CacheControl, "no-store");
                headers.TryAdd(HeaderNames.ContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'");
                return Task.CompletedTask;
            });
            return next(context);
        });
        app.UseExceptionHandler();
        app.UseStatusCodePages(pages => pages.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.Write(pages.HttpContext, 404, Problems.NotFound, "Nothing is known under this address."),
            StatusCodes.Status405MethodNotAllowed => Problems.Write(pages.HttpContext, 405, Problems.MethodNotAllowed, "This address does not take this method."),
            StatusCodes.Status415UnsupportedMediaType => Problems.Write(pages.HttpContext, 415, Problems.UnsupportedMediaType, "Send application/json."),
            _ => Task.CompletedTask,
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
        app.MapPlatformGrpc();
        app.MapDevelopmentTokens(app.Services.GetRequiredService<AuthOptions>(), developmentClients);
    }

    /// <summary>The start order: wait for the store, migrate, wait for the broker, declare the topology, serve.</summary>
    public static async Task RunPlatform(this WebApplication app, Func<IServiceProvider, CancellationToken, Task>? migrate = null)
    {
        var logger = app.Services.GetRequiredService<ILogger<StoreCheck>>();
        var cancellation = CancellationToken.None;
        await UntilItWorks("store", logger, async () =>
        {
            await using var connection = await app.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellation);
        });
        await app.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        if (migrate is not null)
        {
            await migrate(app.Services, cancellation);
        }

        await UntilItWorks("broker", logger, () => app.Services.GetRequiredService<BrokerTopology>().Declare(cancellation));
        await app.RunAsync();
    }

    // By the route and not by the address, in which there may be ids, and what somebody has typed.
    private static Task NameSpan(HttpContext context, RequestDelegate next)
    {
        if (Activity.Current is { } span && context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            span.DisplayName = $"{context.Request.Method} /{route.Trim('/')}";
        }

        return next(context);
    }

    private static async Task UntilItWorks(string what, ILogger logger, Func<Task> attempt)
    {
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception exception) when (PauseWhileUnavailable.IsTransient(exception) || exception is RabbitMQ.Client.Exceptions.BrokerUnreachableException)
            {
                Waiting(logger, what, exception);
                await Task.Delay(PauseBetweenTries);
            }
        }
    }

    private static void AddLimits(IServiceCollection services, ConfigurationManager configuration)
    {
        var perSecond = configuration.GetValue("Http:RequestsPerSecondAndClient", 500);
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = async (context, _) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = "1";
                await Problems.Write(context.HttpContext, StatusCodes.Status429TooManyRequests, Problems.TooManyRequests, "Too many requests at once from this client.");
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.User.FindFirst("sub")?.Value ?? $"ip:{context.Connection.RemoteIpAddress}",
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = 2 * perSecond,
                    TokensPerPeriod = perSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                }));
        });
    }

    private static void AddTelemetry(IServiceCollection services, ConfigurationManager configuration, ServiceIdentity service)
    {
        if (configuration["Telemetry:OtlpEndpoint"] is not { Length: > 0 } endpoint)
        {
            return;
        }

        var own = $"OtPlatform.{char.ToUpperInvariant(service.Name[0])}{service.Name[1..]}";
        void Export(OtlpExporterOptions exporter, string path)
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/v1/{path}");
        }

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"otplatform-{service.Name}"))
            .WithTracing(tracing => tracing
                .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", Spans.Name, own)
                .AddOtlpExporter(exporter => Export(exporter, "traces")))
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.AspNetCore.Hosting", "Npgsql", "MassTransit", Spans.Name, own)
                .AddOtlpExporter(exporter => Export(exporter, "metrics")));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for the {What}")]
    private static partial void Waiting(ILogger logger, string what, Exception reason);

    internal sealed class StoreCheck(NpgsqlDataSource store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = store.CreateCommand("select 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (PauseWhileUnavailable.IsTransient(exception) || exception is NpgsqlException)
            {
                return HealthCheckResult.Unhealthy("The store does not answer.");
            }
        }
    }

    internal sealed class RelayCheck(RelayHealth relays, TimeProvider clock) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var stuck = relays.Failing.Where(relay => clock.GetUtcNow() - relay.Value.Since > RelayMayFailFor).Select(relay => relay.Key).ToList();
            return Task.FromResult(stuck.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"Standing still: {string.Join(", ", stuck)}"));
        }
    }
}

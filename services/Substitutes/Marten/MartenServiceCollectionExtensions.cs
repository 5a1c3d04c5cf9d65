using Marten.Daemon;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using DaemonMode = JasperFx.Events.Daemon.DaemonMode;

namespace Marten;

/// <summary>Registers the store, its sessions and its daemon.</summary>
public static class MartenServiceCollectionExtensions
{
    public static MartenConfigurationExpression AddMarten(this IServiceCollection services) => services.AddMarten(new StoreOptions());

    public static MartenConfigurationExpression AddMarten(this IServiceCollection services, string connectionString) =>
        services.AddMarten(options => options.Connection(connectionString));

    public static MartenConfigurationExpression AddMarten(this IServiceCollection services, StoreOptions options) => services.AddMarten(_ => options);

    public static MartenConfigurationExpression AddMarten(this IServiceCollection services, Action<StoreOptions> configure) =>
        services.AddMarten(_ =>
        {
            var options = new StoreOptions();
            configure(options);
            return options;
        });

    public static MartenConfigurationExpression AddMarten(this IServiceCollection services, Func<IServiceProvider, StoreOptions> optionSource)
    {
        services.TryAddSingleton(provider =>
        {
            var options = optionSource(provider);
            foreach (var change in provider.GetServices<StoreOptionsChange>())
                change.Apply(provider, options);
            return options;
        });
        services.TryAddSingleton<IDocumentStore>(provider => new DocumentStore(
            provider.GetRequiredService<StoreOptions>(),
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
            provider));
        services.TryAddScoped(provider => provider.GetRequiredService<IDocumentStore>().LightweightSession());
        services.TryAddScoped(provider => provider.GetRequiredService<IDocumentStore>().QuerySession());
        return new MartenConfigurationExpression(services);
    }

    /// <summary>Changes the options after AddMarten, from another place.</summary>
    public static IServiceCollection ConfigureMarten(this IServiceCollection services, Action<StoreOptions> configure) =>
        services.ConfigureMarten((_, options) => configure(options));

    public static IServiceCollection ConfigureMarten(this IServiceCollection services, Action<IServiceProvider, StoreOptions> configure) =>
        services.AddSingleton(new StoreOptionsChange(configure));

    /// <summary>What can be chained to AddMarten.</summary>
    public class MartenConfigurationExpression
    {
        internal MartenConfigurationExpression(IServiceCollection services) => Services = services;

        public IServiceCollection Services { get; }

        public MartenConfigurationExpression ApplyAllDatabaseChangesOnStartup()
        {
            Services.AddSingleton<IHostedService>(provider => new SchemaAtStartup(provider.GetRequiredService<IDocumentStore>()));
            return this;
        }

        public MartenConfigurationExpression AddAsyncDaemon(DaemonMode mode)
        {
            if (mode is DaemonMode.Solo or DaemonMode.HotCold)
                Services.AddSingleton<IHostedService>(provider => new DaemonHost((DocumentStore)provider.GetRequiredService<IDocumentStore>(), mode));
            return this;
        }

        /// <summary>Sessions track no changes; this is what the store does anyway.</summary>
        public MartenConfigurationExpression UseLightweightSessions() => this;

        /// <summary>Takes the pool that the application has registered.</summary>
        public MartenConfigurationExpression UseNpgsqlDataSource(object? serviceKey = default)
        {
            Services.ConfigureMarten((provider, options) => options.Connection(serviceKey is null
                ? provider.GetRequiredService<NpgsqlDataSource>()
                : provider.GetRequiredKeyedService<NpgsqlDataSource>(serviceKey)));
            return this;
        }

        /// <summary>Registers a subscription that gets its dependencies from the container; Transient is treated as Scoped.</summary>
        public MartenConfigurationExpression AddSubscriptionWithServices<T>(
            ServiceLifetime lifetime,
            Action<JasperFx.Events.Subscriptions.ISubscriptionOptions>? configure = default)
            where T : class, ISubscription
        {
            var isScoped = lifetime != ServiceLifetime.Singleton;
            Services.TryAdd(new ServiceDescriptor(typeof(T), typeof(T), isScoped ? ServiceLifetime.Scoped : ServiceLifetime.Singleton));
            Services.ConfigureMarten((provider, options) => options.EventSettings.Subscriptions.Add(SubscriptionSettings.For<T>(provider, isScoped, configure)));
            return this;
        }
    }

    internal sealed class StoreOptionsChange(Action<IServiceProvider, StoreOptions> apply)
    {
        internal void Apply(IServiceProvider provider, StoreOptions options) => apply(provider, options);
    }

    private sealed class SchemaAtStartup(IDocumentStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

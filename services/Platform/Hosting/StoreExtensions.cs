using System.Text.Json;
using System.Text.Json.Serialization;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Weasel.Core;

namespace OtPlatform.Platform.Hosting;

/// <summary>Where the service's own database is.</summary>
public sealed record StoreSettings
{
    public required string ConnectionString { get; init; }
}

/// <summary>What a service keeps: its events, its documents, and what of it is published.</summary>
/// <param name="EventBases">The abstract event records; every event type derives from one of them.</param>
/// <param name="Documents">Further documents with their indexes.</param>
/// <param name="Feed">What those who watch the service get to see, if anything.</param>
/// <param name="Followers">What else is written from the events.</param>
public sealed record StoreDefinition(
    IReadOnlyList<Type> EventBases, Action<MartenRegistry> Documents, IReadOnlyList<RelayDefinition> Relays, FeedDefinition? Feed = null, IReadOnlyList<FollowerDefinition>? Followers = null);

/// <summary>The event store as this platform uses it.</summary>
public static class StoreExtensions
{
    // Each page waits for the broker's confirmations and a commit: larger pages work off a backlog faster.
    private const int RelayPage = 2_000;

    // The same few dozen statements come again and again: planned once per connection, not each time.
    private const int PreparedStatements = 100;

    /// <summary>Schema of every service's own database.</summary>
    public const string Schema = "ot";

    public static IServiceCollection AddStore(this IServiceCollection services, StoreSettings settings, StoreDefinition definition)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        connection.MaxAutoPrepare = connection.MaxAutoPrepare > 0 ? connection.MaxAutoPrepare : PreparedStatements;

        // Whoever sets something on a connection, or holds a lock with it, does so for a transaction or sees to its end: a reset at every use would cost as much as a write.
        connection.NoResetOnClose = true;
        services.AddSingleton(_ => NpgsqlDataSource.Create(connection));
        services.AddSingleton<StreamStore>();
        services.AddSingleton<FeedReader>();
        services.AddHostedService<DeadlineRunner>();
        foreach (var relay in definition.Relays)
        {
            services.AddSingleton(relay);
        }

        services.AddMarten(provider => Options(provider, definition))
            .UseLightweightSessions()
            .AddAsyncDaemon(DaemonMode.HotCold);
        return services;
    }

    /// <summary>Every event type below the given bases.</summary>
    public static IEnumerable<Type> EventTypes(IEnumerable<Type> bases) =>
        bases.SelectMany(root => root.Assembly.GetTypes().Where(type => type.IsSubclassOf(root) && !type.IsAbstract));

    /// <summary>Table of a kind of document.</summary>
    internal static string TableOf<T>() => $"{Schema}.mt_doc_{typeof(T).Name.ToLowerInvariant()}";

    /// <summary>Bodies as the store writes them.</summary>
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() } };

    /// <summary>JSON of events and documents.</summary>
    public static void ConfigureJson(JsonSerializerOptions json) => json.RespectNullableAnnotations = true;

    private static StoreOptions Options(IServiceProvider provider, StoreDefinition definition)
    {
        var options = new StoreOptions { DatabaseSchemaName = Schema, AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate, DisableNpgsqlLogging = true };
        options.Connection(provider.GetRequiredService<NpgsqlDataSource>());
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, ConfigureJson);
        options.Events.StreamIdentity = StreamIdentity.AsGuid;
        options.Events.AppendMode = EventAppendMode.Rich;
        options.Events.UseListenNotifyForEventAppends = true;
        options.Events.TimeProvider = provider.GetRequiredService<TimeProvider>();
        options.Events.MetadataConfig.EnableAll();

        // What cannot be read must not stop the rest: a relay parks its stream, a feed sets it aside.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = true;
        options.Projections.Errors.SkipUnknownEvents = true;
        options.Events.AddEventTypes(EventTypes(definition.EventBases));
        options.Schema.For<Deadline>().Duplicate(deadline => deadline.DueAt);
        options.Schema.For<InboxEntry>().Duplicate(entry => entry.DoneAt);
        options.Schema.For<StreamProgress>();
        options.Schema.For<ParkedMessage>()
            .Duplicate(message => message.Turn)
            .Duplicate(message => message.Version)
            .Duplicate(message => message.PreviousVersion)
            .Duplicate(message => message.Reason)
            .Duplicate(message => message.NextAt);
        options.Schema.For<FaultedMessage>().Index(message => message.Turn);
        options.Schema.For<RedactedStream>();
        options.Schema.For<RelayPosition>();
        options.Schema.For<PolicyCopy>();
        options.Schema.For<ParkedStream>().Duplicate(stream => stream.TryAt);
        definition.Documents(options.Schema);
        if (definition.Feed is { } feed)
        {
            options.Schema.For<FeedEntry>();
            options.Events.Subscribe(new Feed(feed, provider.GetRequiredService<ILogger<Feed>>()), subscription => subscription.Name = feed.Name);
        }

        foreach (var follower in definition.Followers ?? [])
        {
            options.Events.Subscribe(new Follower(follower), subscription => subscription.Name = follower.Name);
        }

        var source = provider.GetRequiredService<ServiceIdentity>().Name;
        var (clock, logger) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Relay>>());
        foreach (var relay in definition.Relays)
        {
            options.Events.Subscribe(
                new Relay(source, relay, provider.GetRequiredService<Publisher>(), provider.GetRequiredService<RelayHealth>(), clock, logger),
                subscription =>
                {
                    subscription.Name = relay.Name;
                    subscription.IncludeArchivedEvents = true;
                    subscription.Options.BatchSize = RelayPage;
                    foreach (var type in relay.Only)
                    {
                        subscription.IncludeType(type);
                    }
                });
        }

        return options;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using JasperFx;
using Marten.Documents;
using Marten.Events;
using Marten.Events.Projections;
using Marten.Schema;
using Npgsql;
using Weasel.Core;

namespace Marten;

/// <summary>Everything that can be set before a store is built.</summary>
public class StoreOptions : IReadOnlyStoreOptions
{
    private readonly DocumentMappings _mappings;
    private readonly EventStoreSettings _events;

    public StoreOptions()
    {
        _mappings = new DocumentMappings(this);
        _events = new EventStoreSettings(this);
        Schema = new MartenRegistry(_mappings);
        Serializer = new JsonDocumentSerializer(new JsonSerializerOptions(), EnumStorage.AsInteger);
    }

    public AutoCreate AutoCreateSchemaObjects { get; set; } = AutoCreate.CreateOrUpdate;

    public bool DisableNpgsqlLogging { get; set; }

    public IEventStoreOptions Events => _events;

    public ProjectionOptions Projections { get; } = new();

    public MartenRegistry Schema { get; }

    public string DatabaseSchemaName { get; set; } = "public";

    IDocumentSchemaResolver IReadOnlyStoreOptions.Schema => new DocumentSchemaResolver(_events, _mappings);

    internal DocumentMappings Mappings => _mappings;

    internal EventStoreSettings EventSettings => _events;

    internal JsonDocumentSerializer Serializer { get; private set; }

    internal string? ConnectionString { get; private set; }

    internal NpgsqlDataSource? DataSource { get; private set; }

    public void Connection(string connectionString) => ConnectionString = connectionString;

    public void Connection(NpgsqlDataSource dataSource) => DataSource = dataSource;

    public void UseSystemTextJsonForSerialization(
        EnumStorage enumStorage = EnumStorage.AsInteger,
        Casing casing = Casing.Default,
        Action<JsonSerializerOptions>? configure = default) =>
        UseSystemTextJsonForSerialization(new JsonSerializerOptions(), enumStorage, casing, configure);

    public void UseSystemTextJsonForSerialization(
        JsonSerializerOptions options,
        EnumStorage enumStorage = EnumStorage.AsInteger,
        Casing casing = Casing.Default,
        Action<JsonSerializerOptions>? configure = default)
    {
        var own = new JsonSerializerOptions(options);
        own.PropertyNamingPolicy = casing switch
        {
            Casing.CamelCase => JsonNamingPolicy.CamelCase,
            Casing.SnakeCase => JsonNamingPolicy.SnakeCaseLower,
            _ => own.PropertyNamingPolicy,
        };
        if (enumStorage == EnumStorage.AsString)
            own.Converters.Add(new JsonStringEnumConverter());
        configure?.Invoke(own);
        Serializer = new JsonDocumentSerializer(own, enumStorage);
    }
}

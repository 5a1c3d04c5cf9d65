using Marten.Documents;
using Marten.Events;

namespace Marten.Schema;

internal sealed class DocumentSchemaResolver(EventStoreSettings events, DocumentMappings mappings) : IDocumentSchemaResolver
{
    public string DatabaseSchemaName => mappings.Schema;

    public string EventsSchemaName => events.DatabaseSchemaName;

    public string For<TDocument>(bool qualified = true) => For(typeof(TDocument), qualified);

    public string For(Type documentType, bool qualified = true)
    {
        var mapping = mappings.For(documentType);
        return qualified ? mapping.QualifiedTableName : mapping.TableName;
    }

    public string ForEvents(bool qualified = true) => Event("mt_events", qualified);

    public string ForStreams(bool qualified = true) => Event("mt_streams", qualified);

    public string ForEventProgression(bool qualified = true) => Event("mt_event_progression", qualified);

    private string Event(string table, bool qualified) => qualified ? $"{EventsSchemaName}.{table}" : table;
}

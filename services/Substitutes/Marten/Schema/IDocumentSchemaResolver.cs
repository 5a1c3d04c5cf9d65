namespace Marten.Schema;

/// <summary>Names of tables, for raw SQL.</summary>
public interface IDocumentSchemaResolver
{
    string DatabaseSchemaName { get; }

    string EventsSchemaName { get; }

    string For<TDocument>(bool qualified = true);

    string For(Type documentType, bool qualified = true);

    string ForEvents(bool qualified = true);

    string ForStreams(bool qualified = true);

    string ForEventProgression(bool qualified = true);
}

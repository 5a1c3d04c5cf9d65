using Marten.Schema;

namespace Marten;

/// <summary>The store's settings, after it has been built.</summary>
public interface IReadOnlyStoreOptions
{
    string DatabaseSchemaName { get; }

    IDocumentSchemaResolver Schema { get; }
}

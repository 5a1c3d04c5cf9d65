using System.Collections.Concurrent;

namespace Marten.Documents;

/// <summary>The mappings of all document types that were configured or used.</summary>
internal sealed class DocumentMappings(StoreOptions options)
{
    private readonly ConcurrentDictionary<Type, DocumentMapping> _mappings = new();

    internal IEnumerable<DocumentMapping> Configured => _mappings.Values.Where(m => m.IsConfigured).OrderBy(m => m.Alias, StringComparer.Ordinal);

    internal string Schema => options.DatabaseSchemaName;

    internal IEnumerable<DocumentMapping> All => _mappings.Values;

    internal bool IsConfigured(Type type) => _mappings.TryGetValue(type, out var mapping) && mapping.IsConfigured;

    internal DocumentMapping For(Type type, bool configured = false)
    {
        var mapping = _mappings.GetOrAdd(type, t => new DocumentMapping(t, options));
        if (configured)
            mapping.IsConfigured = true;
        return mapping;
    }
}

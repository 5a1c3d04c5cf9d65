using JasperFx;
using Marten.Schema;

namespace Marten;

internal sealed class MartenStorage(StoreOptions options, SchemaMigrator migrator) : IMartenStorage
{
    public Task ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate? @override = default)
    {
        // Asking for the changes outranks a setting that only keeps them from happening by themselves.
        var allowed = @override ?? options.AutoCreateSchemaObjects;
        return migrator.ApplyAllAsync(allowed == AutoCreate.None ? AutoCreate.CreateOrUpdate : allowed, CancellationToken.None);
    }
}

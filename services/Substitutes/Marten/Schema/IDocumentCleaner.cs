namespace Marten.Schema;

/// <summary>Empties or removes tables; for tests.</summary>
public interface IDocumentCleaner
{
    Task DeleteAllDocumentsAsync(CancellationToken ct = default);

    Task DeleteDocumentsByTypeAsync(Type documentType, CancellationToken ct = default);

    Task CompletelyRemoveAsync(Type documentType, CancellationToken ct = default);

    Task CompletelyRemoveAllAsync(CancellationToken ct = default);

    Task DeleteAllEventDataAsync(CancellationToken ct = default);

    Task DeleteSingleEventStreamAsync(Guid streamId, string? tenantId = default, CancellationToken ct = default);

    Task DeleteSingleEventStreamAsync(string streamId, string? tenantId = default, CancellationToken ct = default);
}

namespace Marten;

/// <summary>A unit of work.</summary>
public interface IDocumentSession : IDocumentOperations
{
    IList<IDocumentSessionListener> Listeners { get; }

    /// <summary>Who does this; stored with events as user_name.</summary>
    string? LastModifiedBy { get; set; }

    /// <summary>From here until SaveChangesAsync everything the session reads or writes is one database transaction.</summary>
    ValueTask BeginTransactionAsync(CancellationToken token);

    /// <summary>Writes all that is queued, in one transaction.</summary>
    Task SaveChangesAsync(CancellationToken token = default);

    void SetHeader(string key, object value);

    object? GetHeader(string key);
}

namespace JasperFx;

/// <summary>Somebody else changed the document or the stream first.</summary>
public class ConcurrencyException : Exception
{
    public ConcurrencyException(Type docType, object? id)
        : this($"Optimistic concurrency check failed for {docType.FullName} #{id}", docType, id)
    {
    }

    public ConcurrencyException(string message, Type? docType, object? id)
        : base(message)
    {
        DocType = docType?.FullName;
        Id = id;
    }

    public ConcurrencyException(string message)
        : base(message)
    {
    }

    public ConcurrencyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public string? DocType { get; set; }

    public object? Id { get; set; }
}

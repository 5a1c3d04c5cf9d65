namespace Marten.Exceptions;

/// <summary>Update found no document with this id.</summary>
public class NonExistentDocumentException : MartenException
{
    internal NonExistentDocumentException(Type docType, object id)
        : base($"Nonexistent document {docType.FullName}: {id}")
    {
        DocType = docType;
        Id = id;
    }

    public Type DocType { get; }

    public object Id { get; }
}

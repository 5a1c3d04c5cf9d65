namespace Marten.Exceptions;

/// <summary>Insert met a document with the same id.</summary>
public class DocumentAlreadyExistsException : MartenException
{
    internal DocumentAlreadyExistsException(Exception? inner, Type docType, object id)
        : base($"Document already exists {docType.FullName}: {id}", inner)
    {
        DocType = docType;
        Id = id;
    }

    public Type DocType { get; }

    public object Id { get; }
}

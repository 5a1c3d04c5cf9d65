namespace Marten.Exceptions;

/// <summary>An append that needs an existing stream found none.</summary>
public class NonExistentStreamException : MartenException
{
    internal NonExistentStreamException(object id)
        : base($"Attempt to append to a nonexistent event stream '{id}'") =>
        Id = id;

    public object Id { get; }
}

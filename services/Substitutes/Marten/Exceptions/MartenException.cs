namespace Marten.Exceptions;

/// <summary>Something that the store refuses, or that the database refused.</summary>
public class MartenException : Exception
{
    public MartenException(string? message)
        : base(message)
    {
    }

    public MartenException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

namespace Marten.Exceptions;

/// <summary>Something that the store refuses, or that the database refused.</summary>
public class MartenException : Exception
{
    internal MartenException(string? message)
        : base(message)
    {
    }

    internal MartenException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

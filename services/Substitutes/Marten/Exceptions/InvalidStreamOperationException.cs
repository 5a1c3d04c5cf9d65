namespace Marten.Exceptions;

/// <summary>The stream is archived: nothing can be appended to it.</summary>
public class InvalidStreamOperationException : MartenException
{
    internal InvalidStreamOperationException(string message)
        : base(message)
    {
    }
}

namespace OtPlatform.Local;

/// <summary>A failure that whoever runs the command can act on: shown as its message alone, without a stack trace.</summary>
public sealed class LocalFailureException : Exception
{
    public LocalFailureException()
    {
    }

    public LocalFailureException(string message)
        : base(message)
    {
    }

    public LocalFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

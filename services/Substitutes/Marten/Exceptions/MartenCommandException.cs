using Npgsql;

namespace Marten.Exceptions;

/// <summary>A database command failed; the inner exception says why.</summary>
public class MartenCommandException : MartenException
{
    public MartenCommandException(NpgsqlCommand? command, Exception? innerException)
        : this(command, innerException, "Marten Command Failure:")
    {
    }

    public MartenCommandException(NpgsqlCommand? command, Exception? innerException, string prefix)
        : base($"{prefix}{Environment.NewLine}{command?.CommandText}{Environment.NewLine}{innerException?.Message}", innerException) =>
        Command = command;

    public NpgsqlCommand? Command { get; }
}

using System.Diagnostics.CodeAnalysis;

namespace WireMock.Logging;

/// <summary>A request and whether a stub answered it.</summary>
public interface ILogEntry
{
    [SuppressMessage("Naming", "CA1720", Justification = "The package's own name.")]
    Guid Guid { get; }

    /// <summary>Null when nothing matched.</summary>
    Guid? MappingGuid { get; }

    IRequestMessage? RequestMessage { get; }
}

internal sealed record LogEntry(Guid Guid, Guid? MappingGuid, IRequestMessage? RequestMessage) : ILogEntry;

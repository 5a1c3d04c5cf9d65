using OtPlatform.Contracts.ExpertPool;

namespace OtPlatform.Contracts.Commands;

/// <summary>From TeamAssembly to ExpertPool: hold these hours of an expert. Answered by <see cref="CapacityReserved"/> or <see cref="CapacityRefused"/>.</summary>
/// <param name="ReservationId">Derived from assembly, expert and round; the same reservation asked for again changes nothing.</param>
/// <param name="Until">Last day of the work; an agreement has to hold as long.</param>
/// <param name="LapsesAt">When the hours are free again unless they are confirmed before.</param>
public sealed record ReserveCapacity(
    Guid ReservationId, Guid ExpertId, Guid AssemblyId, int Round, IReadOnlyList<WeekHours> Weeks, DateOnly Until, DateTimeOffset LapsesAt, DateTimeOffset RequestedAt);

/// <summary>From TeamAssembly to ExpertPool: the expert has accepted, the held hours are to stay. Answered by <see cref="CapacityConfirmed"/>, or <see cref="CapacityRefused"/> when they have lapsed.</summary>
public sealed record ConfirmCapacity(Guid ReservationId, Guid ExpertId, Guid AssemblyId, int Round, DateTimeOffset RequestedAt);

/// <summary>From TeamAssembly to ExpertPool: the hours are not needed, or not any more. Answered by <see cref="CapacityReleased"/>.</summary>
/// <param name="FromWeek">Monday of the first week that is not needed; null for all of them.</param>
/// <param name="ReasonCode"><c>declined</c>, <c>expired</c>, <c>recomposed</c>, <c>withdrawn</c>, <c>disbanded</c>, <c>answered</c>, <c>consentEnded</c>.</param>
public sealed record ReleaseCapacity(Guid ReservationId, Guid ExpertId, Guid AssemblyId, DateOnly? FromWeek, string ReasonCode, DateTimeOffset RequestedAt);

/// <summary>From any consumer to the service that owns a stream: send this queue the messages of the stream again that are missing there, with their own ids.</summary>
/// <param name="Source">The owner; the others pass it over.</param>
/// <param name="Relay">The owner's relay that published them.</param>
/// <param name="Queue">The queue in which they are missing.</param>
/// <param name="FromVersion">First version of the stream that may be missing.</param>
/// <param name="ToVersion">The version that waits for them; it is sent again too.</param>
public sealed record Replay(string Source, string Relay, string Queue, Guid StreamId, long FromVersion, long ToVersion);

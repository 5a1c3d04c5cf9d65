using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Nobody confirmed in time: the hours are free again.</summary>
public static class LapseCapacity
{
    public sealed record Command(DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state.Reservations.Values
        .Where(reservation => reservation.Status is ReservationStatus.Reserved && reservation.LapsesAt <= command.Now)
        .OrderBy(reservation => reservation.LapsesAt).ThenBy(reservation => reservation.Id)
        .Select(ExpertEvent (reservation) => new CapacityLapsed(state.Id, reservation.Id, reservation.AssemblyId, command.Now))
        .ToList();

    public static DeadlineHandler Handler() => new(Expert.Aggregate.Name, async (work, deadline, now, cancellation) =>
        (await work.Decide(Expert.Aggregate, deadline.StreamId, state => Decide(state, new Command(now)), null, cancellation)).Changed);
}

using MassTransit;
using OtPlatform.Contracts.Commands;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The hours are not needed, or not any more. A release that comes before its request is kept, so that the request gets nothing when it comes.</summary>
public sealed class FreeHoursOnReleaseCapacity(Inbox inbox, TimeProvider clock) : IConsumer<ReleaseCapacity>
{
    /// <param name="FromWeek">Monday of the first week that is not needed; null for all of them.</param>
    public sealed record Command(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateOnly? FromWeek, string ReasonCode, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state.Reservations.GetValueOrDefault(command.ReservationId) switch
    {
        null => Released(command, null),
        { HoldsHours: true } held when held.Weeks.Any(week => command.FromWeek is null || week.Monday >= command.FromWeek) => Released(command, command.FromWeek),
        _ => Decision<ExpertEvent>.Nothing,
    };

    public Task Consume(ConsumeContext<ReleaseCapacity> context)
    {
        var asked = context.Message;
        var command = new Command(asked.ExpertId, asked.ReservationId, asked.AssemblyId, asked.FromWeek, asked.ReasonCode, clock.GetUtcNow());
        return inbox.Once(context, nameof(FreeHoursOnReleaseCapacity), work =>
            work.Decide(Expert.Aggregate, asked.ExpertId, state => Decide(state, command), null, context.CancellationToken));
    }

    private static CapacityReleased Released(Command command, DateOnly? fromWeek) =>
        new(command.ExpertId, command.ReservationId, command.AssemblyId, fromWeek, command.ReasonCode, command.Now);
}

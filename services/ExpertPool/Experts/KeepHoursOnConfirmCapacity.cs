using MassTransit;
using OtPlatform.Contracts.Commands;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>
/// The expert has accepted: the held hours stay with the assembly. Hours that are still held when the confirmation is taken are
/// given, also past their time; hours that have lapsed are not.
/// </summary>
public sealed class KeepHoursOnConfirmCapacity(Inbox inbox, TimeProvider clock) : IConsumer<ConfirmCapacity>
{
    public sealed record Command(Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state.Reservations.GetValueOrDefault(command.ReservationId) switch
    {
        null => Refused(command, RefusalReasons.UnknownReservation),
        { WasConfirmed: true } or { Status: ReservationStatus.Refused } => Decision<ExpertEvent>.Nothing,
        { Status: ReservationStatus.Lapsed } => Refused(command, RefusalReasons.Lapsed),
        { Status: ReservationStatus.Released or ReservationStatus.Cancelled } => Refused(command, RefusalReasons.Released),
        // Who counts the held hours hears that they are free; who waits hears why not.
        _ when state.Suspended => new ExpertEvent[]
        {
            new CapacityReleased(command.ExpertId, command.ReservationId, command.AssemblyId, null, RefusalReasons.Suspended, command.Now),
            Refused(command, RefusalReasons.Suspended),
        },
        _ => new CapacityConfirmed(command.ExpertId, command.ReservationId, command.AssemblyId, command.Now),
    };

    public Task Consume(ConsumeContext<ConfirmCapacity> context)
    {
        var asked = context.Message;
        var command = new Command(asked.ExpertId, asked.ReservationId, asked.AssemblyId, asked.Round, clock.GetUtcNow());
        return inbox.Once(context, nameof(KeepHoursOnConfirmCapacity), work =>
            work.Decide(Expert.Aggregate, asked.ExpertId, state => Decide(state, command), null, context.CancellationToken));
    }

    private static CapacityRefused Refused(Command command, string reason) =>
        new(command.ExpertId, command.ReservationId, command.AssemblyId, command.Round, reason, command.Now);
}

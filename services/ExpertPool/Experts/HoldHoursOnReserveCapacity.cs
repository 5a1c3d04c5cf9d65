using MassTransit;
using OtPlatform.Contracts.Commands;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>
/// An assembly asks for an expert's hours: they are held until they are confirmed or lapse, or the assembly hears why not. Every
/// request is answered, also one for an expert whom nobody has registered.
/// </summary>
public sealed class HoldHoursOnReserveCapacity(Inbox inbox, TimeProvider clock) : IConsumer<ReserveCapacity>
{
    /// <param name="Until">Last day of the work.</param>
    /// <param name="RequestedOn">The work begins on this day at the earliest.</param>
    public sealed record Command(
        Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, IReadOnlyList<WeekHours> Weeks, DateOnly Until, DateTimeOffset LapsesAt, DateOnly RequestedOn, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state.Reservations.GetValueOrDefault(command.ReservationId) switch
    {
        null when ReservationGuards.WhyNot(state, command) is { } reason => Refused(command, reason),
        null => new CapacityReserved(command.ExpertId, command.ReservationId, command.AssemblyId, command.Round, command.Weeks, command.LapsesAt, command.Now),
        { Status: ReservationStatus.Cancelled } => Refused(command, RefusalReasons.Released),
        _ => Decision<ExpertEvent>.Nothing,
    };

    public Task Consume(ConsumeContext<ReserveCapacity> context)
    {
        var asked = context.Message;
        var command = new Command(
            asked.ExpertId,
            asked.ReservationId,
            asked.AssemblyId,
            asked.Round,
            [.. asked.Weeks.Select(week => new WeekHours(week.Monday, week.Hours))],
            asked.Until,
            asked.LapsesAt,
            DateOnly.FromDateTime(asked.RequestedAt.UtcDateTime),
            clock.GetUtcNow());
        return inbox.Once(context, nameof(HoldHoursOnReserveCapacity), work =>
            work.Decide(Expert.Aggregate, asked.ExpertId, state => Decide(state, command), null, context.CancellationToken));
    }

    private static CapacityRefused Refused(Command command, string reason) =>
        new(command.ExpertId, command.ReservationId, command.AssemblyId, command.Round, reason, command.Now);
}

/// <summary>What has to hold before hours are given; each rule names its refusal.</summary>
public static class ReservationGuards
{
    public static readonly IReadOnlyList<(string Reason, Func<Expert, HoldHoursOnReserveCapacity.Command, bool> Holds)> All =
    [
        (RefusalReasons.Weeks, WeeksAreWhole),
        (RefusalReasons.UnknownExpert, (state, _) => state.Facts is not null),
        (RefusalReasons.Suspended, (state, _) => !state.Suspended),
        (RefusalReasons.Agreement, AgreementCoversTheWork),
        (RefusalReasons.Hours, HoursAreFree),
    ];

    /// <summary>The reason of the first rule that does not hold, or null.</summary>
    public static string? WhyNot(Expert state, HoldHoursOnReserveCapacity.Command command) =>
        All.Where(guard => !guard.Holds(state, command)).Select(guard => guard.Reason).FirstOrDefault();

    private static bool WeeksAreWhole(Expert state, HoldHoursOnReserveCapacity.Command command) =>
        command.Weeks.Count > 0
        && command.Weeks.All(week => week.Monday.DayOfWeek is DayOfWeek.Monday && week.Hours > 0)
        && command.Weeks.DistinctBy(week => week.Monday).Count() == command.Weeks.Count;

    private static bool AgreementCoversTheWork(Expert state, HoldHoursOnReserveCapacity.Command command)
    {
        var (firstWeek, lastWeek) = (command.Weeks.Min(week => week.Monday), command.Weeks.Max(week => week.Monday));
        var begins = firstWeek > command.RequestedOn ? firstWeek : command.RequestedOn;
        var ends = lastWeek > command.Until ? lastWeek : command.Until;
        return state.Facts!.Agreement is { } agreement && agreement.From <= begins && (agreement.Until is not { } until || until >= ends);
    }

    private static bool HoursAreFree(Expert state, HoldHoursOnReserveCapacity.Command command) =>
        command.Weeks.All(week => state.HeldIn(week.Monday) + week.Hours <= state.Facts!.WeeklyHours);
}

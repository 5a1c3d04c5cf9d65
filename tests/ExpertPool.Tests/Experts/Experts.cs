using OtPlatform.ExpertPool.Experts;
using OtPlatform.Testing;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>A plain expert, and what is asked of one.</summary>
internal static class Experts
{
    public static readonly Guid ExpertId = Guid.Parse("019ab000-0000-7000-8000-0000000000e1");
    public static readonly Guid ReservationId = Guid.Parse("019ab000-0000-7000-8000-0000000000a1");
    public static readonly Guid OtherReservationId = Guid.Parse("019ab000-0000-7000-8000-0000000000a2");
    public static readonly Guid AssemblyId = Guid.Parse("019ab000-0000-7000-8000-000000000001");

    /// <summary>A Friday.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset LapsesAt = Now.AddDays(3);

    /// <summary>The Mondays of the weeks that are asked for.</summary>
    public static readonly DateOnly First = new(2026, 11, 23);
    public static readonly DateOnly Second = First.AddDays(7);
    public static readonly DateOnly Third = First.AddDays(14);
    public static readonly DateOnly Until = Third.AddDays(4);

    public static readonly DeciderSpec<Expert, ExpertEvent> Case = new(Expert.Aggregate);

    /// <summary>Four hours a week, agreed on without an end.</summary>
    public static readonly ExpertFacts Plain = new(
        "health", "child-psychiatrist", "hospital-north", "partTime", "lappi", "pohjoinen", null, ["trauma.severe"], ["fi", "se"], ["virtual"], 4, new Agreement(new DateOnly(2026, 1, 1), null), true);

    public static readonly ExpertRegistered Registered = new(ExpertId, Plain, Now.AddDays(-30));

    /// <summary>Two hours in each of three weeks.</summary>
    public static readonly HoldHoursOnReserveCapacity.Command Asked = new(
        ExpertId, ReservationId, AssemblyId, 1, [new(First, 2), new(Second, 2), new(Third, 2)], Until, LapsesAt, DateOnly.FromDateTime(Now.UtcDateTime), Now);

    public static readonly CapacityReserved Reserved = new(ExpertId, ReservationId, AssemblyId, 1, Asked.Weeks, LapsesAt, Now);

    /// <summary>Hours that another assembly holds.</summary>
    public static readonly CapacityReserved ReservedByAnother = new(ExpertId, OtherReservationId, Guid.Parse("019ab000-0000-7000-8000-000000000002"), 1, [new(Second, 2)], LapsesAt.AddDays(1), Now.AddHours(-1));

    public static readonly CapacityConfirmed Confirmed = new(ExpertId, ReservationId, AssemblyId, Now);
    public static readonly CapacityReleased Released = new(ExpertId, ReservationId, AssemblyId, null, "recomposed", Now);
    public static readonly CapacityLapsed Lapsed = new(ExpertId, ReservationId, AssemblyId, LapsesAt);
    public static readonly ExpertSuspended Suspended = new(ExpertId, "own-wish", Now.AddDays(-1));

    public static CapacityRefused Refused(string reason) => new(ExpertId, ReservationId, AssemblyId, 1, reason, Now);
}

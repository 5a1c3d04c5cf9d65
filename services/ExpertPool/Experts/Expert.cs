using System.Collections.Immutable;
using System.Diagnostics;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Where a reservation of an expert's hours stands.</summary>
public enum ReservationStatus
{
    Reserved,
    Confirmed,
    Refused,
    Released,
    Lapsed,

    /// <summary>Released before it was asked for: the request that comes late gets nothing.</summary>
    Cancelled,
}

/// <summary>Hours in one calendar week.</summary>
/// <param name="Monday">First day of the week (ISO 8601).</param>
public sealed record WeekHours(DateOnly Monday, decimal Hours);

/// <summary>How long the expert's organisation has agreed to give working time.</summary>
/// <param name="Until">Last day; null when it is open-ended.</param>
public sealed record Agreement(DateOnly From, DateOnly? Until);

/// <summary>What is known of an expert. Lists are sorted and without repeats; the name is never here.</summary>
/// <param name="Area">Collaboration area of the county; null, like the county, for an external expert.</param>
/// <param name="UnitId">Keyed hash of the unit; null when unknown.</param>
public sealed record ExpertFacts(
    string Sector,
    string Profession,
    string Organisation,
    string Engagement,
    string? County,
    string? Area,
    Guid? UnitId,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Languages,
    IReadOnlyList<string> Channels,
    decimal WeeklyHours,
    Agreement? Agreement,
    bool EmployerConsents)
{
    public bool SameAs(ExpertFacts other) =>
        this == other with { Topics = Topics, Languages = Languages, Channels = Channels }
        && Topics.SequenceEqual(other.Topics) && Languages.SequenceEqual(other.Languages) && Channels.SequenceEqual(other.Channels);
}

/// <summary>Hours asked for by an assembly, and what became of them.</summary>
/// <param name="Weeks">The hours held now; empty when none are.</param>
/// <param name="WasConfirmed">Stays true when the hours are released later.</param>
public sealed record Reservation(Guid Id, Guid AssemblyId, ReservationStatus Status, IReadOnlyList<WeekHours> Weeks, DateTimeOffset? LapsesAt, bool WasConfirmed)
{
    public bool HoldsHours => Status is ReservationStatus.Reserved or ReservationStatus.Confirmed;

    public decimal HoursIn(DateOnly monday) => HoldsHours ? Weeks.Where(week => week.Monday == monday).Sum(week => week.Hours) : 0;
}

public abstract record ExpertEvent;

public sealed record ExpertRegistered(Guid ExpertId, ExpertFacts Facts, DateTimeOffset RegisteredAt) : ExpertEvent;

public sealed record AvailabilitySet(Guid ExpertId, decimal WeeklyHours, IReadOnlyList<string> Languages, IReadOnlyList<string> Channels, DateTimeOffset SetAt) : ExpertEvent;

public sealed record AgreementRecorded(Guid ExpertId, Agreement Agreement, DateTimeOffset RecordedAt) : ExpertEvent;

public sealed record EmployerConsentRecorded(Guid ExpertId, bool Consents, DateTimeOffset RecordedAt) : ExpertEvent;

public sealed record ExpertSuspended(Guid ExpertId, string ReasonCode, DateTimeOffset SuspendedAt) : ExpertEvent;

public sealed record CapacityReserved(
    Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, IReadOnlyList<WeekHours> Weeks, DateTimeOffset LapsesAt, DateTimeOffset ReservedAt) : ExpertEvent;

/// <param name="ReasonCode">One of <see cref="RefusalReasons"/>.</param>
public sealed record CapacityRefused(Guid ExpertId, Guid ReservationId, Guid AssemblyId, int Round, string ReasonCode, DateTimeOffset RefusedAt) : ExpertEvent;

public sealed record CapacityConfirmed(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateTimeOffset ConfirmedAt) : ExpertEvent;

/// <param name="FromWeek">Monday of the first week that is free again; null when all of them are.</param>
public sealed record CapacityReleased(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateOnly? FromWeek, string ReasonCode, DateTimeOffset ReleasedAt) : ExpertEvent;

public sealed record CapacityLapsed(Guid ExpertId, Guid ReservationId, Guid AssemblyId, DateTimeOffset LapsedAt) : ExpertEvent;

/// <summary>Why hours were not given.</summary>
public static class RefusalReasons
{
    public const string Hours = "hours";
    public const string Suspended = "suspended";
    public const string Agreement = "agreement";
    public const string UnknownExpert = "unknownExpert";

    /// <summary>The weeks asked for are none, or not whole calendar weeks with hours.</summary>
    public const string Weeks = "weeks";

    /// <summary>The hours were given back before.</summary>
    public const string Released = "released";

    /// <summary>Nobody confirmed in time.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>A confirmation of hours that nobody has asked for.</summary>
    public const string UnknownReservation = "unknownReservation";
}

/// <summary>Somebody who can be asked, and the only truth of their hours in each calendar week (asiantuntija).</summary>
/// <param name="Facts">Null until the expert is registered; what is asked for before is refused in the same stream.</param>
/// <param name="Reservations">Every reservation that was ever answered, so that none is answered twice.</param>
public sealed record Expert(Guid Id, ExpertFacts? Facts, bool Suspended, ImmutableDictionary<Guid, Reservation> Reservations)
{
    public static readonly Expert Initial = new(Guid.Empty, null, false, ImmutableDictionary<Guid, Reservation>.Empty);

    public static readonly Aggregate<Expert, ExpertEvent> Aggregate = new("expert", Initial, Evolve)
    {
        Deadlines = state => state.NextLapse is { } due ? [new WantedDeadline("capacity-lapse", due)] : [],
        View = (happened, version) => ExpertDirectoryEntry.Fold(happened, version) is { } entry ? ViewDocument.Of(entry) : null,
    };

    public static readonly Rejection NotRegistered = new("expert-pool.expert-unknown", "There is no such expert.", RejectionKind.NotFound);

    /// <summary>Hours of the week that are given away, confirmed or not.</summary>
    public decimal HeldIn(DateOnly monday) => Reservations.Values.Sum(reservation => reservation.HoursIn(monday));

    // One deadline of a kind at a time: the earliest that is open.
    private DateTimeOffset? NextLapse => Reservations.Values.Where(reservation => reservation.Status is ReservationStatus.Reserved).Min(reservation => reservation.LapsesAt);

    public static Expert Evolve(Expert state, ExpertEvent happened) => happened switch
    {
        ExpertRegistered e => state with { Id = e.ExpertId, Facts = e.Facts, Suspended = false },
        AvailabilitySet e => state with { Facts = state.Facts! with { WeeklyHours = e.WeeklyHours, Languages = e.Languages, Channels = e.Channels } },
        AgreementRecorded e => state with { Facts = state.Facts! with { Agreement = e.Agreement } },
        EmployerConsentRecorded e => state with { Facts = state.Facts! with { EmployerConsents = e.Consents } },
        ExpertSuspended => state with { Suspended = true },
        CapacityReserved e => state.With(new Reservation(e.ReservationId, e.AssemblyId, ReservationStatus.Reserved, e.Weeks, e.LapsesAt, false)),
        CapacityRefused e => state.With(Ended(state, e.ReservationId, e.AssemblyId, ReservationStatus.Refused)),
        CapacityConfirmed e => state.With(state.Reservations[e.ReservationId] with { Status = ReservationStatus.Confirmed, LapsesAt = null, WasConfirmed = true }),
        CapacityReleased e => state.With(AfterRelease(state, e)),
        CapacityLapsed e => state.With(Ended(state, e.ReservationId, e.AssemblyId, ReservationStatus.Lapsed)),
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };

    private Expert With(Reservation reservation) => this with { Reservations = Reservations.SetItem(reservation.Id, reservation) };

    private static Reservation Ended(Expert state, Guid id, Guid assembly, ReservationStatus status) =>
        (state.Reservations.GetValueOrDefault(id) ?? new Reservation(id, assembly, status, [], null, false)) with { Status = status, Weeks = [], LapsesAt = null };

    private static Reservation AfterRelease(Expert state, CapacityReleased released)
    {
        var left = state.Reservations.GetValueOrDefault(released.ReservationId);
        IReadOnlyList<WeekHours> weeks = released.FromWeek is { } from ? [.. (left?.Weeks ?? []).Where(week => week.Monday < from)] : [];
        return left is null ? Ended(state, released.ReservationId, released.AssemblyId, ReservationStatus.Cancelled)
            : weeks.Count == 0 ? Ended(state, released.ReservationId, released.AssemblyId, ReservationStatus.Released)
            : left with { Weeks = weeks };
    }
}

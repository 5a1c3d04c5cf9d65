using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The pool as the messages of experts.proto, and back.</summary>
internal static class ExpertMessages
{
    public static Wire.Expert Of(ExpertDirectoryEntry entry, DateOnly today)
    {
        var facts = entry.Facts;
        return new Wire.Expert
        {
            ExpertId = entry.Id.ToString(),
            Sector = facts.Sector,
            Profession = facts.Profession,
            Organisation = facts.Organisation,
            Engagement = facts.Engagement,
            County = facts.County ?? string.Empty,
            Area = facts.Area ?? string.Empty,
            Topics = { facts.Topics },
            Languages = { facts.Languages },
            Channels = { facts.Channels },
            WeeklyHours = (double)facts.WeeklyHours,
            AgreementFrom = Date(facts.Agreement?.From),
            AgreementUntil = Date(facts.Agreement?.Until),
            EmployerConsents = facts.EmployerConsents,
            Suspended = entry.Suspended,
            Reservations = { entry.HeldFrom(today).Select(Of) },
            Version = entry.Version,
        };
    }

    public static Wire.Found Of(FoundExpert found, DateOnly today) => new()
    {
        Expert = Of(found.Expert, today),
        Reasons = { found.Reasons.Select(reason => new Wire.Reason { Rule = reason.Rule, Holds = reason.Holds, Found = reason.Found }) },
    };

    /// <summary>What a request says; an empty word is one that is missing.</summary>
    public static ExpertBody Body(Wire.RegisterExpertRequest request) => new()
    {
        ExpertId = Given(request.ExpertId),
        Sector = Given(request.Sector),
        Profession = Given(request.Profession),
        Organisation = Given(request.Organisation),
        Engagement = Given(request.Engagement),
        County = Given(request.County),
        Unit = Given(request.Unit),
        Topics = request.Topics,
        Languages = request.Languages,
        Channels = request.Channels,
        WeeklyHours = Hours(request.WeeklyHours),
        AgreementFrom = Given(request.AgreementFrom),
        AgreementUntil = Given(request.AgreementUntil),
        EmployerConsents = request.EmployerConsents,
    };

    /// <summary>Hours as they were meant; what is no number of hours becomes one that no rule takes.</summary>
    public static decimal Hours(double hours) => Math.Abs(hours) < 1_000_000 ? (decimal)hours : -1;

    /// <exception cref="InvalidInputException">It is missing or no id.</exception>
    public static Guid Id(string id) => Guid.TryParse(id, out var known) ? known : throw new InvalidInputException("$.expertId", "A UUID.");

    private static Wire.Reservation Of(HeldReservation held) => new()
    {
        ReservationId = held.ReservationId.ToString(),
        AssemblyId = held.AssemblyId.ToString(),
        Confirmed = held.Confirmed,
        Weeks = { held.Weeks.Select(week => new Wire.WeekHours { Monday = Date(week.Monday), Hours = (double)week.Hours }) },
        LapsesAt = held.LapsesAt?.ToTimestamp(),
    };

    private static string? Given(string value) => value.Length == 0 ? null : value;

    private static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? string.Empty;
}

using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Journal;
using OtPlatform.Platform.Http;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>A consultation's road as the four services tell it, each in the order of its own stream.</summary>
internal sealed class Happenings(Guid consultation, string area = "sisa")
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private static readonly TeamMember Worker = new(null, "responsibleWorker", "social", null, null, null, [], new DateOnly(2026, 11, 23), new DateOnly(2027, 2, 12));

    private readonly List<Told> _told = [];
    private int _minutes;

    public static Guid Expert(int number) => Guid.Parse($"019ab000-0000-7000-8000-0000000e00{number:d2}");

    public Guid Consultation { get; } = consultation;

    public IReadOnlyList<Told> All => _told;

    /// <summary>Submitted, weighed, routed to a team; one expert declines, another accepts; the team works.</summary>
    public static Happenings ToAWorkingTeam(Guid consultation, string area = "sisa")
    {
        var told = new Happenings(consultation, area);
        told.Submitted();
        told.Intake(at => new ConsultationStatusChanged(consultation, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddDays(2), at));
        told.Triage(at => new CaseOpened(consultation, consultation, area, false, "default.1", at, at.AddDays(2)));
        told.Triage(at => new CaseAssessed(consultation, consultation, Route.HybridTeam, [Ground.Complexity], "complexity", false, "default.1", at));
        told.Triage(at => Decided(told, at, Route.HybridTeam));
        told.Intake(at => new ConsultationStatusChanged(consultation, ConsultationStatus.TeamBeingAssembled, Accountable.Coordinator, at.AddDays(5), at));
        told.Team(at => new AssemblyStarted(consultation, consultation, area, Route.HybridTeam, at, at.AddDays(5)));
        told.Team(at => new TeamProposed(consultation, consultation, area, 1, [new ProposedMember(Expert(1), told.InvitationOf(1), ["topic:substance.child-or-youth"], 2)], [], at, at.AddDays(5)));
        told.Pool(1, at => new CapacityReserved(Expert(1), told.InvitationOf(1), consultation, 1, [new WeekHours(new DateOnly(2026, 11, 23), 2)], at.AddDays(3), at));
        told.Team(at => Invited(told, 1, at));
        told.Team(at => new InvitationDeclined(told.InvitationOf(1), consultation, consultation, area, Expert(1), "noTime", at));
        told.Team(at => Invited(told, 2, at));
        told.Team(at => new InvitationAccepted(told.InvitationOf(2), consultation, consultation, area, Expert(2), at));
        told.Team(at => new TeamActivated(
            consultation, consultation, area,
            [Worker, new TeamMember(Expert(2), "expert", "health", "hospital-1", "psychologist", "virtual", ["topic:substance.child-or-youth"], new DateOnly(2026, 11, 23), new DateOnly(2027, 2, 12))],
            true, at, at.AddDays(80)));
        told.Intake(at => new ConsultationStatusChanged(consultation, ConsultationStatus.TeamWorking, Accountable.ResponsibleWorker, at.AddDays(80), at));
        return told;
    }

    public void Submitted(bool danger = false, Urgency urgency = Urgency.Routine) => Intake(at => new ConsultationSubmitted(
        Consultation, $"OT-{Consultation.ToString()[^6..]}", at, ConsultationKind.ClientWork, area, "pirkanmaa", "Tampere", "fi", "13-15", ["substance.child-or-youth"], ["unclear"], ["school"], [],
        "social", "family-worker", Guid.Parse("019ab000-0000-7000-8000-00000000aaaa"), "own-worker", "w-1", 1, urgency, danger, false, false, ["virtual"], "consent", null, null, null,
        new Dictionary<string, Guid>(), at.AddDays(1)));

    public void Intake(Func<DateTimeOffset, object> message) => Tell("intake", Consultation, message);

    public void Triage(Func<DateTimeOffset, object> message) => Tell("triage", Consultation, message);

    public void Team(Func<DateTimeOffset, object> message) => Tell("team-assembly", Consultation, message);

    public void Pool(int expert, Func<DateTimeOffset, object> message) => Tell("expert-pool", Expert(expert), message);

    public Guid InvitationOf(int expert) => Guid.Parse($"{Consultation.ToString()[..24]}0000000a00{expert:d2}");

    public static RouteDecided Decided(Happenings told, DateTimeOffset at, Route route) =>
        new(told.Consultation, told.Consultation, told.Area, route, [Ground.Complexity], [], false, false, [], "default.1", "coordinator-sisa", null, at, at.AddDays(5));

    public static ExpertInvited Invited(Happenings told, int expert, DateTimeOffset at) =>
        new(told.InvitationOf(expert), told.Consultation, told.Consultation, told.Area, Expert(expert), "expert", ["topic:substance.child-or-youth"], 2, new DateOnly(2026, 11, 23), new DateOnly(2027, 2, 12), "virtual", at, at.AddDays(2));

    private string Area => area;

    private void Tell(string source, Guid stream, Func<DateTimeOffset, object> message)
    {
        var version = _told.Count(earlier => earlier.Source == source && earlier.Stream == stream) + 1;
        _told.Add(new Told(source, stream, version, message(Start.AddMinutes(_minutes++))));
    }

    internal sealed record Told(string Source, Guid Stream, long Version, object Message)
    {
        public Guid MessageId { get; } = Guid.CreateVersion7();

        public JournalEntry Entry(string? source = null) => new()
        {
            Id = MessageId,
            Position = 1,
            Source = source ?? Source,
            StreamId = Stream,
            StreamVersion = Version,
            ConsultationId = ContractEvent.About(Message).ConsultationId,
            What = Message.GetType().Name,
            Event = JsonSerializer.SerializeToElement(Message, Message.GetType(), StrictJson.Options),
            At = ContractEvent.About(Message).At,
        };
    }
}

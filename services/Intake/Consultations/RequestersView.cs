using System.Diagnostics;

namespace OtPlatform.Intake.Consultations;

/// <summary>One step in the requester's timeline: codes, put into words when it is read.</summary>
/// <param name="Text">Key of the text (texts.json, timeline).</param>
/// <param name="By">Who did it, as an accountable kind or <c>triage</c>.</param>
public sealed record TimelineStep(DateTimeOffset At, string Text, string By, ConsultationStatus Status);

/// <summary>What the requester sees of a consultation; written in the transaction of its events.</summary>
public sealed record RequestersView
{
    public required Guid Id { get; init; }

    public required string Number { get; init; }

    public required string Organisation { get; init; }

    public required string Area { get; init; }

    public required string County { get; init; }

    public required string Language { get; init; }

    public required ConsultationStatus Status { get; init; }

    public Route? Route { get; init; }

    public Accountable? Responsible { get; init; }

    public DateTimeOffset? DueBy { get; init; }

    public required EmergencyNotice EmergencyNotice { get; init; }

    public required IReadOnlyList<string> AllowedActions { get; init; }

    public required IReadOnlyList<TimelineStep> Timeline { get; init; }

    public required long Version { get; init; }

    /// <summary>The view of a whole stream.</summary>
    public static RequestersView Fold(IReadOnlyList<ConsultationEvent> happened, long version)
    {
        var submitted = happened.OfType<ConsultationSubmitted>().First();
        var state = Consultation.Initial;
        var timeline = new List<TimelineStep>();
        foreach (var step in happened)
        {
            state = Consultation.Evolve(state, step);
            timeline.Add(StepOf(step, state.Status));
        }

        return new RequestersView
        {
            Id = submitted.ConsultationId,
            Number = submitted.Number,
            Organisation = submitted.Organisation,
            Area = submitted.Area,
            County = submitted.County,
            Language = submitted.Language,
            Status = state.Status,
            Route = state.Route,
            Responsible = state.Responsible,
            DueBy = state.Next?.DueBy,
            EmergencyNotice = submitted.EmergencyNotice,
            AllowedActions = state.AllowedActions,
            Timeline = timeline,
            Version = version,
        };
    }

    private static TimelineStep StepOf(ConsultationEvent happened, ConsultationStatus status) => happened switch
    {
        ConsultationSubmitted e => new(e.SubmittedAt, "received", "requester", status),
        ImmediateDangerReported e => new(e.ReportedAt, "dangerReported", "requester", status),
        TriageTookOver e => new(e.TookOverAt, e.Held ? "held" : "inTriage", "triage", status),
        TriageResumed e => new(e.ResumedAt, e.Held ? "held" : "inTriage", "triage", status),
        InformationAsked e => new(e.AskedAt, $"informationAsked.{e.Asked[0]}", "triage", status),
        InformationAdded e => new(e.AddedAt, "informationGiven", "requester", status),
        RouteFollowed e => new(e.DecidedAt, $"routed.{Code(e.Route)}", e.ByPolicy ? "policy" : "coordinator", status),
        NextStepOverdue e => new(e.FoundAt, "overdue", "platform", status),
        ConsultationWithdrawn e => new(e.WithdrawnAt, "withdrawn", "requester", status),
        _ => throw new UnreachableException($"No timeline step for {happened.GetType().Name}"),
    };

    private static string Code(Route route) => char.ToLowerInvariant(route.ToString()[0]) + route.ToString()[1..];
}

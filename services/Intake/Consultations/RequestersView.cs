using System.Diagnostics;
using OtPlatform.Contracts;

namespace OtPlatform.Intake.Consultations;

/// <summary>One step in the requester's timeline: codes, put into words when it is read.</summary>
/// <param name="Text">Key of the text (texts.json, timeline).</param>
/// <param name="By">Who did it, as an accountable kind or <c>triage</c>.</param>
/// <param name="KnowledgeHolder">Whom the step points to; null for every other.</param>
public sealed record TimelineStep(DateTimeOffset At, string Text, string By, ConsultationStatus Status, Guid? KnowledgeHolder = null);

/// <summary>Who works on the matter, as the requester sees it.</summary>
public sealed record ShownTeam(IReadOnlyList<Member> Members, bool NetworkCoordinator);

/// <summary>An answer without its words.</summary>
public sealed record ShownAnswer(Guid TextId, IReadOnlyList<string> Knowledge, string By);

/// <summary>A message without its words.</summary>
/// <param name="Id">Also the id of its words in the vault.</param>
/// <param name="AnswerBy">When the oldest message that waits for an answer has to have one; null for every other.</param>
public sealed record ShownMessage(Guid Id, DateTimeOffset At, string From, string To, DateTimeOffset? AnswerBy = null);

/// <summary>The words were erased.</summary>
/// <param name="At">When it was asked for.</param>
/// <param name="CompleteBy">When no backup can bring them back any more.</param>
public sealed record ShownErasure(DateTimeOffset At, DateTimeOffset CompleteBy);

/// <summary>What the requester sees of a consultation; written in the transaction of its events.</summary>
public sealed record RequestersView
{
    public required Guid Id { get; init; }

    public required string Number { get; init; }

    public required string Organisation { get; init; }

    public required string Area { get; init; }

    /// <summary>The matter that the request is about, as Intake calls it; null when it names none.</summary>
    public string? MatterKey { get; init; }

    public required string County { get; init; }

    public required string Language { get; init; }

    public required ConsultationStatus Status { get; init; }

    public Route? Route { get; init; }

    public Accountable? Responsible { get; init; }

    public DateTimeOffset? DueBy { get; init; }

    public string? ResponsibleWorkerRole { get; init; }

    /// <summary>The partner's own reference of the worker.</summary>
    public string? ResponsibleWorkerRef { get; init; }

    /// <summary>The request whose case carries the matter, or else the newest one whose matter its own case carries; null when it is linked to none.</summary>
    public Guid? LinkedTo { get; init; }

    /// <summary>Another request's case carries the matter.</summary>
    public bool Follows { get; init; }

    /// <summary>Code of the unit that the matter is referred to; null while it is not.</summary>
    public string? Receiver { get; init; }

    /// <summary>How many receivers have sent the matter back, and how many areas have taken it or not when they were asked (C-35).</summary>
    public int Transfers { get; init; }

    /// <summary>Organisation of the key person by way of whom the request goes; null when it goes by none.</summary>
    public string? KeyPerson { get; init; }

    public ShownTeam? Team { get; init; }

    public ShownAnswer? Answer { get; init; }

    /// <summary>Whom the requester is pointed to; stays when they have reached it.</summary>
    public Guid? KnowledgeHolder { get; init; }

    /// <summary>The requester has reached the holder of knowledge: that is what they were answered.</summary>
    public bool IsAnsweredByHolder => KnowledgeHolder is not null && Status is not ConsultationStatus.PointedToKnowledgeHolder;

    /// <summary>Null while the words are there.</summary>
    public ShownErasure? Erased { get; init; }

    /// <summary>Experts who may read the case's words; not shown to the requester.</summary>
    public IReadOnlyList<ExpertAccess> Access { get; init; } = [];

    /// <summary>Since when nobody but the requesting side reads the words that were there before; null while others may.</summary>
    public DateTimeOffset? ClosedToOthersAt { get; init; }

    /// <summary>In the order in which they were sent.</summary>
    public IReadOnlyList<ShownMessage> Messages { get; init; } = [];

    public required EmergencyNotice EmergencyNotice { get; init; }

    public required IReadOnlyList<string> AllowedActions { get; init; }

    public required IReadOnlyList<TimelineStep> Timeline { get; init; }

    public required long Version { get; init; }

    /// <summary>Whether those who are not of the requesting side may read the text; what was said to them after the consent's end was meant for them.</summary>
    public bool IsOpenToOthers(Guid textId) => ClosedToOthersAt is not { } closed || Messages.Any(message => message.Id == textId && message.At > closed);

    /// <summary>The view of a whole stream.</summary>
    public static RequestersView Fold(IReadOnlyList<ConsultationEvent> happened, long version)
    {
        var submitted = happened.OfType<ConsultationSubmitted>().First();
        var worker = happened.OfType<ResponsibleWorkerChanged>().LastOrDefault();
        var state = Consultation.Initial;
        var erased = happened.OfType<ConsultationErased>().FirstOrDefault();
        var timeline = new List<(TimelineStep Step, DateTimeOffset? Decision)>();
        foreach (var step in happened)
        {
            var before = state;
            state = Consultation.Evolve(state, step);
            if (StepOf(step, state.Status!.Value) is { } found)
            {
                var shown = IsOfTheSame(step, before) ? found with { Text = $"{found.Text}.again" } : found;

                // What is learned late was said before what came of it, and stands before that in the timeline too.
                var place = step is RouteLearned or ReturnLearned ? timeline.FindIndex(earlier => earlier.Decision >= shown.At) : -1;
                timeline.Insert(place < 0 ? timeline.Count : place, (shown, DecisionOf(step)));
            }
        }

        return new RequestersView
        {
            Id = submitted.ConsultationId,
            Number = submitted.Number,
            Organisation = submitted.Organisation,
            Area = happened.OfType<TransferFollowed>().LastOrDefault(step => step.Step is TransferStep.Accepted)?.ToArea ?? submitted.Area,
            MatterKey = erased is null ? submitted.MatterKey : null,
            County = submitted.County,
            Language = submitted.Language,
            Status = state.Status!.Value,
            Route = state.Route,
            Responsible = state.Responsible,
            DueBy = state.Next?.DueBy,
            ResponsibleWorkerRole = worker?.Role ?? submitted.ResponsibleWorkerRole,
            ResponsibleWorkerRef = erased is null ? worker?.Ref ?? submitted.ResponsibleWorkerRef : null,
            LinkedTo = erased is not null ? null : state.Lead ?? (state.Followers.Count > 0 ? state.Followers[^1] : null),
            Follows = state.Lead is not null,
            Receiver = state.Status is ConsultationStatus.ReferralProposed or ConsultationStatus.ReferralAccepted ? happened.Select(ReceiverOf).OfType<string>().LastOrDefault() : null,
            Transfers = happened.Count(step => step is ReferralReturned or ReturnLearned) + happened.OfType<TransferFollowed>().Select(step => step.Transfers).Append(0).Max(),
            KeyPerson = happened.OfType<KeyPersonAsked>().LastOrDefault()?.Organisation,
            Team = erased is null ? WithWorker(TeamOf(happened, state), worker) : null,
            Answer = erased is null && OwnWords(happened).LastOrDefault(step => step is ConsultationAnswered or TeamEnded) is ConsultationAnswered answered
                ? new ShownAnswer(answered.AnswerTextId, answered.Knowledge, answered.By)
                : null,
            KnowledgeHolder = erased is null && state is { Route: Contracts.Route.KnowledgeHolder, Status: ConsultationStatus.PointedToKnowledgeHolder or ConsultationStatus.Answered or ConsultationStatus.Closed } ? state.KnowledgeHolder : null,
            Erased = erased is null ? null : new ShownErasure(erased.ErasedAt, erased.CompleteBy),
            Access = state.Access,
            ClosedToOthersAt = state.IsClosedToOthers ? happened.OfType<ConsentEnded>().Last().EndedAt : null,
            Messages = erased is not null ? [] : [.. happened.OfType<MessageSent>().Select(message => message.TextId == state.Unanswered?.TextId
                ? new ShownMessage(message.TextId, message.SentAt, message.From, state.Unanswered.To, state.Unanswered.AnswerBy)
                : new ShownMessage(message.TextId, message.SentAt, message.From, message.To))],
            EmergencyNotice = NoticeOf(happened),
            AllowedActions = state.AllowedActions,
            Timeline = [.. timeline.Select(shown => erased is null ? shown.Step : shown.Step with { KnowledgeHolder = null })],
            Version = version,
        };
    }

    /// <summary>Nobody comes after whoever had it.</summary>
    private static bool IsOfTheSame(ConsultationEvent step, Consultation before) => step switch
    {
        NextStepOverdue e => e.NowAccountable == before.Responsible,
        MessageOverdue e => e.To == before.Unanswered?.To,
        _ => false,
    };

    /// <summary>Without the answers to another matter, to which it had been linked by mistake.</summary>
    private static List<ConsultationEvent> OwnWords(IReadOnlyList<ConsultationEvent> happened)
    {
        var own = new List<ConsultationEvent>();
        foreach (var step in happened)
        {
            if (step is RequestUnlinked { TakenBack: true })
            {
                var others = UnlinkOnCaseUnlinked.OthersAnswers(own);
                own.RemoveAll(earlier => earlier is ConsultationAnswered answered && others.Contains(answered));
            }

            own.Add(step);
        }

        return own;
    }

    private static EmergencyNotice NoticeOf(IReadOnlyList<ConsultationEvent> happened)
    {
        var notices = happened.Select(step => step switch
        {
            ConsultationSubmitted e => e.EmergencyNotice,
            SafetyReported e => e.EmergencyNotice,
            _ => EmergencyNotice.None,
        }).Where(notice => notice is not EmergencyNotice.None).ToList();
        return notices.Contains(EmergencyNotice.ImmediateDanger) ? EmergencyNotice.ImmediateDanger : notices.LastOrDefault();
    }

    private static string? ReceiverOf(ConsultationEvent happened) => happened switch
    {
        ReferralProposed e => e.Receiver,
        ReferralAccepted e => e.Receiver,
        _ => null,
    };

    /// <summary>Shown while it works and with what it led to; an objection takes it away.</summary>
    private static ShownTeam? TeamOf(IReadOnlyList<ConsultationEvent> happened, Consultation state) =>
        state.Status is not (ConsultationStatus.ConsultationArranged or ConsultationStatus.TeamWorking or ConsultationStatus.Answered or ConsultationStatus.Closed)
            ? null
            : happened.LastOrDefault(step => step is TeamStarted or ConsultationArranged or TriageAwaited) switch
            {
                TeamStarted e => new ShownTeam(e.Members, e.NetworkCoordinator),
                ConsultationArranged e => new ShownTeam([e.Expert], false),
                _ => null,
            };

    /// <summary>The own worker of a working team is whoever it is now (R4).</summary>
    private static ShownTeam? WithWorker(ShownTeam? team, ResponsibleWorkerChanged? worker) => worker is null || team is null
        ? team
        : team with { Members = [.. team.Members.Select(member => member is { ExpertId: null, Role: "responsibleWorker" } ? member with { Profession = worker.Role } : member)] };

    /// <summary>The decision to which a word of the assembly belongs; null for any other event.</summary>
    internal static DateTimeOffset? DecisionOf(ConsultationEvent happened) => happened switch
    {
        ConsultationArranged e => e.RouteDecidedAt,
        TeamStarted e => e.RouteDecidedAt,
        ServiceGapFound e => e.RouteDecidedAt,
        HandedToCoordinator e => e.RouteDecidedAt,
        ConsultationAnswered e => e.RouteDecidedAt,
        TeamEnded e => e.RouteDecidedAt,
        _ => null,
    };

    private static TimelineStep Decided(Route route, bool byPolicy, DateTimeOffset at, Guid? knowledgeHolder) =>
        new(at, $"routed.{Code(route)}", byPolicy ? "policy" : "coordinator", Standing.OfRoute(route), knowledgeHolder);

    /// <summary>Whether the event is a step of the requester's timeline.</summary>
    public static bool IsShown(ConsultationEvent happened) => StepOf(happened, ConsultationStatus.Received) is not null;

    /// <summary>Null for what is not the requester's to follow.</summary>
    internal static TimelineStep? StepOf(ConsultationEvent happened, ConsultationStatus status) => happened switch
    {
        ConsultationSubmitted e => new(e.SubmittedAt, "received", "requester", status),
        ResponsibleWorkerChanged e => new(e.ChangedAt, "workerChanged", "requester", status),
        ConsultationCorrected e => new(e.CorrectedAt, "corrected", "requester", status),
        ContactConfirmed e => new(e.ConfirmedAt, "contactConfirmed", "requester", status),
        MessageSent { To: MessageSent.Requester } e => new(e.SentAt, "messageReceived", e.From, status),
        MessageOverdue e => new(e.FoundAt, "messageOverdue", "platform", status),
        StepResumed e => new(e.Since, "seenTo", "coordinator", status),
        SafetyReported { ImmediateDanger: false } e => new(e.ReportedAt, "safetyReported", "requester", status),
        ImmediateDangerReported e => new(e.ReportedAt, "dangerReported", "requester", status),
        KeyPersonAsked { First: true } e => new(e.AskedAt, "withKeyPerson", "platform", status),
        PassedOn e => new(e.PassedOnAt, "passedOn", "keyPerson", status),
        TriageTookOver e => new(e.TookOverAt, e.Held ? "held" : "inTriage", "triage", status),
        TriageResumed e => new(e.ResumedAt, e.Held ? "held" : "inTriage", "triage", status),
        ClaimFollowed { Responsible: Accountable.Coordinator } e => new(e.Since, "claimed", "coordinator", status),
        ClaimFollowed { Responsible: Accountable.AreaCoordinators } e => new(e.Since, "released", "coordinator", status),
        InformationAsked e => new(e.AskedAt, string.Join(Texts.And, e.Asked.Select(code => $"informationAsked.{code}")), "triage", status),
        InformationAdded e => new(e.AddedAt, "informationGiven", "requester", status),
        RouteFollowed e => Decided(e.Route, e.ByPolicy, e.DecidedAt, e.KnowledgeHolder),
        RouteLearned e => Decided(e.Route, e.ByPolicy, e.DecidedAt, e.KnowledgeHolder),
        ConsultationArranged e => new(e.ArrangedAt, "consultationArranged", "expert", status),
        TeamStarted e => new(e.StartedAt, "teamWorking", "team", status),
        ServiceGapFound e => new(e.FoundAt, "serviceGapFound", "platform", status),
        HandedToCoordinator e => new(e.HandedAt, "handedToCoordinator", "platform", status),
        ConsultationAnswered e => new(e.AnsweredAt, e.By == "expert" ? "answered.expert" : "answered.coordinator", e.By, status),
        TeamEnded e => new(e.EndedAt, "teamEnded", "team", status),
        ReferralProposed e => new(e.ProposedAt, "referralProposed", "coordinator", status),
        ReferralAccepted e => new(e.AcceptedAt, "referralAccepted", "receiver", status),
        ReferralReturned e => new(e.ReturnedAt, "referralReturned", "receiver", status),
        ReturnLearned e => new(e.ReturnedAt, "referralReturned", "receiver", ConsultationStatus.InTriage),
        TransferFollowed { Step: TransferStep.AwaitsTeam } e => new(e.At, "transferAwaitsTeam", "coordinator", status),
        TransferFollowed { Step: TransferStep.Proposed } e => new(e.At, "transferProposed", "coordinator", status),
        TransferFollowed { Step: TransferStep.Accepted } e => new(e.At, "transferAccepted", "coordinator", status),
        TransferFollowed e => new(e.At, "transferReturned", "coordinator", status),
        TriageAwaited { ForObjection: true } e => new(e.Since, "answerObjected", "requester", status),
        ConsultationReopened e => new(e.ReopenedAt, "reopened", "requester", status),
        ConsentRecorded e => new(e.RecordedAt, "consentRecorded", "requester", status),
        ConsentEnded e => new(e.EndedAt, $"consent.{e.ReasonCode}{(!e.WorkEnds ? ".nothingOpen" : status is ConsultationStatus.InTriage ? ".inDanger" : string.Empty)}", e.ReasonCode == ConsentEnded.Withdrawn ? "requester" : "platform", status),
        RequestLinked e => new(e.LinkedAt, "linked", "triage", status),
        RequestUnlinked e => new(e.UnlinkedAt, e.Next is null ? "unlinked.over" : "unlinked", "triage", status),
        ConsultationClosed e => new(e.ClosedAt, $"closed.{e.ReasonCode}", e.ReasonCode == ConfirmAnswer.Reason ? "requester" : "platform", status),
        NextStepOverdue e => new(e.FoundAt, "overdue", "platform", status),
        ConsultationWithdrawn e => new(e.WithdrawnAt, "withdrawn", "requester", status),
        ConsultationErased e => new(e.ErasedAt, "erased", "requester", status),
        ClaimFollowed or KeyPersonAsked or ExpertAdmitted or ExpertAccessEnded or AnswerObjected or TriageAwaited or LegalBasisAwaited or SafetyReported or StepHastened or MessageSent or FeedbackGiven => null,
        _ => throw new UnreachableException($"No timeline step for {happened.GetType().Name}"),
    };

    private static string Code(Route route) => char.ToLowerInvariant(route.ToString()[0]) + route.ToString()[1..];
}

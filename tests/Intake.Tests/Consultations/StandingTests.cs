using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Testing;
using static OtPlatform.Intake.Tests.Consultations.Requests;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What the requester sees and what the others are told is the same.</summary>
[TestFixture]
internal sealed class StandingTests
{
    private static IEnumerable<Type> EventTypes => EventRoundTrip.EventTypes(typeof(ConsultationEvent));

    private static readonly ConsultationEvent[][] Journeys =
    [
        [Submitted, TookOver, Asked, Added, Resumed, Routed, Admitted, Handed, Started, Requests.Ended, Objected, Awaited, Resumed with { ResumedAt = Now.AddHours(1) }],
        Upto(Arranged, Answered, Closed),
        Upto(Proposed, Returned, Proposed, Accepted, new NextStepOverdue(Id, Accountable.AreaCoordinators, Now, Step(40)), Withdrawn),
        Upto(Gap, new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now, Step(40)), new ConsultationClosed(Id, "objectionTimeOver", Now)),
        [Submitted, Started, new RouteLearned(Id, Route.HybridTeam, false, Routed.DecidedAt)],
        Upto(Admitted, Withdrawn, Erased),
        Upto(Answered, Closed, Erased),
        [Submitted, Withdrawn, Awaited with { ForObjection = false }, new ConsultationReopened(Id, Id, Now)],
        Upto(Started, new LegalBasisAwaited(Id, Now, Step(16)), Ended(ConsentEnded.Withdrawn, true), Awaited with { ForObjection = false }, new ConsentRecorded(Id, LastDay, null, Now)),
        [Submitted with { LegalBasisType = "statutory" }, TookOver],
        [Submitted, new KeyPersonAsked(Id, "key-org", true, Now, Step(3)), TookOver with { WithKeyPerson = true }, new PassedOn(Id, Now, Step(4)), Routed],
        Upto(Started, Hastened, Reported with { ImmediateDanger = true }, new StepResumed(Id, Accountable.ResponsibleWorker, Now, Step(7))),
        [Submitted, TookOver, Routed with { Route = Route.KnowledgeHolder }, new ContactConfirmed(Id, Now, ObjectUntil(9)), new FeedbackGiven(Id, 4, null, Now), Closed],
    ];

    private static SafetyReported Reported => new(Id, false, true, null, EmergencyNotice.None, new Dictionary<string, Guid>(), Now);

    private static StepHastened Hastened => new(Id, Accountable.AreaCoordinators, true, Now, Step(1));

    private static ConsentEnded Ended(string reason, bool workEnds) => new(Id, reason, workEnds, null, Now);

    [TestCaseSource(nameof(Journeys))]
    public void R2_the_others_are_told_of_every_change_of_status_accountable_party_and_date(params ConsultationEvent[] journey)
    {
        ArgumentNullException.ThrowIfNull(journey);
        (ConsultationStatus? Status, Accountable? Responsible, DateTimeOffset? DueBy) told = default;
        for (var steps = 1; steps <= journey.Length; steps++)
        {
            told = Published.Map(journey[steps - 1]) switch
            {
                Wire.ConsultationSubmitted e => (ConsultationStatus.Received, Accountable.AreaCoordinators, e.DueBy),
                Wire.InformationAdded e => (ConsultationStatus.InTriage, Accountable.AreaCoordinators, e.DueBy),
                Wire.ConsultationWithdrawn => (ConsultationStatus.Withdrawn, null, null),
                Wire.ConsultationClosed => (ConsultationStatus.Closed, null, null),
                Wire.ConsultationStatusChanged e => (e.Status ?? told.Status, e.Responsible, e.DueBy),
                _ => told,
            };
            var view = RequestersView.Fold(journey[..steps], steps);
            Assert.That(told, Is.EqualTo(((ConsultationStatus?)view.Status, view.Responsible, view.DueBy)), journey[steps - 1].GetType().Name);
        }
    }

    [Test]
    public void An_objection_is_told_with_the_id_of_its_reason() =>
        Assert.That(Published.Map(Objected), Is.EqualTo(new Wire.AnswerObjected(Id, Objected.ReasonTextId, Objected.ObjectedAt)));

    [TestCaseSource(nameof(EventTypes))]
    public void Every_step_of_the_timeline_has_its_words_in_three_languages(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        ConsultationEvent[][] variants =
        [
            [Asked], [Routed], [Answered], [Answered with { By = "coordinator" }], [Closed], [Closed with { ReasonCode = "objectionTimeOver" }],
            [TookOver], [Resumed], [Added], [Admitted], [Arranged], [Started], [Gap], [Handed], [Requests.Ended], [Proposed], [Accepted], [Returned], [Objected], [Awaited], [Withdrawn], [Withdrawn, Erased],
            [new ExpertAccessEnded(Id, ExpertId, InvitationId, Now)], [new RouteLearned(Id, Route.HybridTeam, false, Now)], [new ReturnLearned(Id, "hospital-unit", "noCapacity", Now)], [new NextStepOverdue(Id, Accountable.Requester, Now, Step(1))],
            [new ImmediateDangerReported(Id, Submitted, Now)], [],
            [Withdrawn, Awaited with { ForObjection = false }, new ConsultationReopened(Id, Id, Now)], [Started, new LegalBasisAwaited(Id, Now, Step(16)), Ended(ConsentEnded.Withdrawn, true)],
            [Ended(ConsentEnded.Expired, true)], [Answered, Ended(ConsentEnded.Withdrawn, false)], [Answered, Ended(ConsentEnded.Expired, false)], [Started, new ConsentRecorded(Id, LastDay, null, Now)],
            [new KeyPersonAsked(Id, "key-org", true, Now, Step(3))], [new KeyPersonAsked(Id, "key-org", false, Now, Step(3))], [new KeyPersonAsked(Id, "key-org", true, Now, Step(3)), new PassedOn(Id, Now, Step(4))],
            [Reported], [Reported with { ImmediateDanger = true }], [Hastened], [Hastened, new StepResumed(Id, Accountable.AreaCoordinators, Now, Step(1))], [new MessageSent(Id, Id, "requester", "team", Now)], [new MessageSent(Id, Id, "coordinator", "requester", Now)], [new MessageOverdue(Id, Id, "coordinatingTeam", Now, Now.AddDays(2))],
            [new ResponsibleWorkerChanged(Id, "own-worker", "w-2", null, Now)], [new ConsultationCorrected(Id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), Now)],
            [new RequestLinked(Id, ExpertId, Carries: false, Now)], [new RequestUnlinked(Id, ExpertId, Now, null)], [new RequestUnlinked(Id, ExpertId, Now, Step(3))],
            [TookOver, new ClaimFollowed(Id, true, Accountable.Coordinator, Now, Step(1)), new ClaimFollowed(Id, false, Accountable.AreaCoordinators, Now, Step(1))], [Asked, new ClaimFollowed(Id, true, null, Now, null)],
            [TookOver, .. Enum.GetValues<TransferStep>().Select(step => new TransferFollowed(Id, step, "lansi", 0, Now, Step(1)))], [Withdrawn, new TransferFollowed(Id, TransferStep.Accepted, "lansi", 1, Now, null)],
            [Answered, new FeedbackGiven(Id, 4, null, Now)], [Routed with { Route = Route.KnowledgeHolder }, new ContactConfirmed(Id, Now, ObjectUntil(9))],
        ];
        var streams = variants.Select(variant => (ConsultationEvent[])[Submitted, .. variant]).Where(stream => stream.Any(happened => happened.GetType() == type)).ToList();
        Assert.That(streams, Is.Not.Empty, $"No example of {type.Name}.");
        foreach (var step in streams.SelectMany(stream => RequestersView.Fold(stream, stream.Length).Timeline))
        {
            Assert.That(Repository.Catalogue.Texts.Timeline.Keys, Does.Contain(step.Text));
        }
    }

    [Test]
    public void Each_worker_role_has_its_words() =>
        Assert.That(Repository.Catalogue.Codes.WorkerRoles.Select(role => $"responsibleWorker.{role}"), Is.SubsetOf(Repository.Catalogue.Texts.Parties.Keys));

    [Test]
    public void A_route_that_is_learned_late_stands_before_what_came_of_it_in_the_timeline()
    {
        var view = RequestersView.Fold([Submitted, Started, new RouteLearned(Id, Route.HybridTeam, true, Routed.DecidedAt)], 3);
        Assert.That(view.Timeline.Select(step => (step.Text, step.Status)), Is.EqualTo(new[]
        {
            ("received", ConsultationStatus.Received), ("routed.hybridTeam", ConsultationStatus.TeamBeingAssembled), ("teamWorking", ConsultationStatus.TeamWorking),
        }));
    }

    [Test]
    public void A_view_that_was_stored_before_teams_and_answers_is_still_read()
    {
        var stored = JsonSerializer.SerializeToNode(RequestersView.Fold([Submitted], 1))!.AsObject();
        foreach (var later in new[] { "Team", "Answer", "Access", "Transfers", "Receiver", "ResponsibleWorkerRole", "ResponsibleWorkerRef" })
        {
            Assert.That(stored.Remove(later), Is.True, later);
        }

        Assert.That(stored.Deserialize<RequestersView>()!.Access, Is.Empty);
    }

    [TestCase("withdrawal")]
    public void R1_every_open_request_can_be_withdrawn(string action)
    {
        foreach (var journey in Journeys)
        {
            for (var steps = 1; steps <= journey.Length; steps++)
            {
                var state = Consultation.Aggregate.Fold(journey[..steps]);
                Assert.That(state.AllowedActions.Contains(action), Is.EqualTo(state.IsOpen), state.Status.ToString());
            }
        }
    }

    [Test]
    public void What_is_said_to_be_allowed_is_what_is_not_refused()
    {
        foreach (var state in Journeys.SelectMany(journey => Enumerable.Range(1, journey.Length).Select(steps => Consultation.Aggregate.Fold(journey[..steps]))))
        {
            var accepted = new Dictionary<string, bool>
            {
                ["information"] = AddInformation.Decide(state, new(Added with { AddedAt = Now.AddYears(1) }, 1)).Events.Count > 0,
                ["confirmation"] = ConfirmAnswer.Decide(state, new(Id, Now.AddYears(1), Step(1))).Events.Count > 0,
                ["objection"] = ObjectToAnswer.Decide(state, new(Objected, Awaited.Next)).Events.Count > 0,
                ["withdrawal"] = WithdrawConsultation.Decide(state, new(Id, Now)).Events.Count > 0,
                ["reopening"] = ReopenConsultation.Decide(state, new(new ConsultationReopened(Id, Id, Now.AddYears(1)), Step(1))).Events.Count > 0,
                ["messages"] = SendMessage.Decide(state, new(Id, Guid.Empty, "requester", null, Now.AddYears(1))).Events.Count > 0,
                ["safety"] = ReportSafety.Decide(state, new(Reported with { ReportedAt = Now.AddYears(1) }, Step(1))).Events.Count > 0,
                ["responsible-worker"] = ChangeResponsibleWorker.Decide(state, new(new ResponsibleWorkerChanged(Id, "own-worker", "w-2", null, Now.AddYears(1)))).Events.Count > 0,
                ["correction"] = CorrectConsultation.Decide(state, new(new ConsultationCorrected(Id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), Now.AddYears(1)))).Events.Count > 0,
                ["feedback"] = GiveFeedback.Decide(state, new(new FeedbackGiven(Id, 4, null, Now.AddYears(1)))).Events.Count > 0,
                ["consent"] = RecordConsent.Decide(state, new(new ConsentRecorded(Id, null, null, Now.AddYears(1)), Step(1))).Events.Count > 0,
                ["consent/withdrawal"] = EndConsent.Decide(state, new(Id, ConsentEnded.Withdrawn, null, Now, Step(1), Step(1))).Events.Count > 0,
                ["erasure"] = EraseConsultation.Decide(state, new(Id, Now, Now.AddDays(37))).Events.Count > 0,
            };
            Assert.That(state.AllowedActions, Is.EqualTo(accepted.Where(action => action.Value).Select(action => action.Key)), state.Status.ToString());
        }
    }
}

using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What the assembly of a team or an expert means for the requester.</summary>
[TestFixture]
internal sealed class AssemblyStepsTests
{
    private static readonly AdmitExpertOnExpertInvited.Command Invite = new(Id, ExpertId, InvitationId, LastDay, Admitted.AdmittedAt);
    private static readonly EndAccess.Command Decline = new(Id, InvitationId, Now.AddMinutes(7));
    private static readonly EndAccess.Command Cancel = new(Id, null, Now.AddMinutes(7));

    [Test]
    public void An_invited_expert_may_read_and_the_status_stays()
    {
        Request.Given(Upto()).When(AdmitExpertOnExpertInvited.Decide, Invite).Then(Admitted);
        var state = Fold(Admitted);
        Assert.That((state.Status, state.Access.Single().ExpertId), Is.EqualTo(((ConsultationStatus?)ConsultationStatus.TeamBeingAssembled, ExpertId)));
    }

    [Test]
    public void An_expert_is_admitted_once() => Request.Given(Upto(Admitted)).When(AdmitExpertOnExpertInvited.Decide, Invite).ThenNothing();

    [Test]
    public void R8_nobody_is_admitted_to_what_was_withdrawn()
    {
        Request.Given(Upto(Withdrawn)).When(AdmitExpertOnExpertInvited.Decide, Invite).ThenRejected(Consultation.AlreadyWithdrawn);
        Request.Given().When(AdmitExpertOnExpertInvited.Decide, Invite).ThenRejected(Consultation.NotSubmitted);
    }

    [Test]
    public void R8_access_ends_with_a_no()
    {
        Request.Given(Upto(Admitted)).When(EndAccess.Decide, Decline).Then(new ExpertAccessEnded(Id, ExpertId, InvitationId, Now.AddMinutes(7)));
        Assert.That(Fold(Admitted, new ExpertAccessEnded(Id, ExpertId, InvitationId, Now)).Access, Is.Empty);
    }

    [Test]
    public void Who_assesses_the_matter_reads_on_when_nobody_is_sought_any_more_and_until_the_release()
    {
        var assessor = new ExpertAdmitted(Id, OtherExpertId, Guid.Parse("00000000-0000-0000-0000-0000000000a9"), LastDay, Now, Assesses: true);
        Request.Given(Upto(Admitted, assessor)).When(EndAccess.Decide, Cancel).Then(new ExpertAccessEnded(Id, ExpertId, InvitationId, Cancel.Now));
        Assert.That(Fold(Admitted, assessor, Gap).Access.Single().ExpertId, Is.EqualTo(OtherExpertId));
        Request.Given(Upto(Admitted, assessor)).When(EndAccess.Decide, Cancel with { InvitationId = assessor.InvitationId }).Then(new ExpertAccessEnded(Id, OtherExpertId, assessor.InvitationId, Cancel.Now));
        Assert.That(Fold(Admitted, assessor, Arranged).Access.Single().ExpertId, Is.EqualTo(ExpertId));
    }

    [Test]
    public void The_no_of_another_invitation_ends_nothing() => Request.Given(Upto(Admitted)).When(EndAccess.Decide, Decline with { InvitationId = Guid.Empty }).ThenNothing();

    [Test]
    public void R8_all_access_ends_when_nobody_is_sought_any_more()
    {
        var second = Admitted with { ExpertId = OtherExpertId, InvitationId = Guid.Parse("00000000-0000-0000-0000-0000000000a2") };
        Request.Given(Upto(Admitted, second)).When(EndAccess.Decide, Cancel).ThenEvents(typeof(ExpertAccessEnded), typeof(ExpertAccessEnded));
    }

    [Test]
    public void R8_access_ends_with_answer_team_gap_close_and_withdrawal()
    {
        ConsultationEvent[] ends = [Answered, Ended, Gap, Closed, Withdrawn];
        Assert.That(ends.Select(end => Fold(Admitted, Started, end).Access.Count), Has.All.Zero);
    }

    [Test]
    public void Of_those_invited_only_members_keep_their_access()
    {
        var other = Admitted with { ExpertId = OtherExpertId, InvitationId = Guid.Empty };
        Assert.That(Fold(Admitted, other, Started).Access, Is.EqualTo(new[] { new ExpertAccess(ExpertId, null, LastDay) }));
        Assert.That(Fold(Admitted, other, Arranged).Access, Is.EqualTo(new[] { new ExpertAccess(ExpertId, null, LastDay) }));
    }

    [Test]
    public void An_arranged_consultation_is_the_experts()
    {
        Request.Given(Upto()).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged)).Then(Arranged);
        ShouldBe(Fold(Arranged), ConsultationStatus.ConsultationArranged, Accountable.Expert);
    }

    [Test]
    public void R4_a_working_team_is_the_responsible_workers()
    {
        Request.Given(Upto()).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).Then(Started);
        ShouldBe(Fold(Started), ConsultationStatus.TeamWorking, Accountable.ResponsibleWorker);
    }

    [Test]
    public void R1_a_gap_stays_open_with_the_coordinating_team()
    {
        Request.Given(Upto()).When(ShowGapOnServiceGapFound.Decide, new ShowGapOnServiceGapFound.Command(Gap)).Then(Gap);
        ShouldBe(Fold(Gap), ConsultationStatus.GapBeingSolved, Accountable.CoordinatingTeam);
    }

    [Test]
    public void R1_a_gap_can_still_become_a_team() =>
        Request.Given(Upto(Gap)).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).Then(Started);

    [Test]
    public void A_coordinator_who_composes_by_hand_gets_a_new_date_and_the_status_stays()
    {
        var past = Upto(new NextStepOverdue(Id, Accountable.CoordinatingTeam, Now.AddMinutes(6), Step(20)));
        Request.Given(past).When(ShowCoordinatorOnAssemblyHandedToCoordinator.Decide, new ShowCoordinatorOnAssemblyHandedToCoordinator.Command(Handed)).Then(Handed);
        ShouldBe(Consultation.Aggregate.Fold([.. past, Handed]), ConsultationStatus.TeamBeingAssembled, Accountable.Coordinator);
    }

    [Test]
    public void An_answer_waits_for_the_requester()
    {
        Request.Given(Upto(Arranged)).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered)).Then(Answered);
        ShouldBe(Fold(Arranged, Answered), ConsultationStatus.Answered, Accountable.Requester);
    }

    [Test]
    public void The_end_of_a_team_waits_for_the_requester()
    {
        Request.Given(Upto(Started)).When(ShowResultOnTeamDisbanded.Decide, new ShowResultOnTeamDisbanded.Command(Ended)).Then(Ended);
        ShouldBe(Fold(Started, Ended), ConsultationStatus.Answered, Accountable.Requester);
    }

    [Test]
    public void A_team_that_never_worked_ends_without_a_word_to_the_requester() =>
        Request.Given(Upto()).When(ShowResultOnTeamDisbanded.Decide, new ShowResultOnTeamDisbanded.Command(Ended)).ThenNothing();

    [Test]
    public void Each_step_is_shown_once()
    {
        Request.Given(Upto(Arranged)).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged)).ThenNothing();
        Request.Given(Upto(Started)).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).ThenNothing();
        Request.Given(Upto(Gap)).When(ShowGapOnServiceGapFound.Decide, new ShowGapOnServiceGapFound.Command(Gap)).ThenNothing();
        Request.Given(Upto(Handed)).When(ShowCoordinatorOnAssemblyHandedToCoordinator.Decide, new ShowCoordinatorOnAssemblyHandedToCoordinator.Command(Handed)).ThenNothing();
        Request.Given(Upto(Answered)).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered with { Next = ObjectUntil(50) })).ThenNothing();
        Request.Given(Upto(Started, Ended)).When(ShowResultOnTeamDisbanded.Decide, new ShowResultOnTeamDisbanded.Command(Ended)).ThenNothing();
    }

    [Test]
    public void What_belongs_to_an_earlier_decision_moves_nothing()
    {
        var later = Upto(Routed with { Route = Route.SpecialLevel, DecidedAt = Now.AddHours(1) });
        Request.Given(later).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged)).ThenNothing();
        Request.Given(later).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).ThenNothing();
        Request.Given(later).When(ShowGapOnServiceGapFound.Decide, new ShowGapOnServiceGapFound.Command(Gap)).ThenNothing();
        Request.Given(later).When(ShowCoordinatorOnAssemblyHandedToCoordinator.Decide, new ShowCoordinatorOnAssemblyHandedToCoordinator.Command(Handed)).ThenNothing();
        Request.Given(later).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered)).ThenNothing();
        Request.Given([.. Upto(Started), later[^1]]).When(ShowResultOnTeamDisbanded.Decide, new ShowResultOnTeamDisbanded.Command(Ended)).ThenNothing();
    }

    [Test]
    public void R1_after_an_objection_nothing_of_the_old_answer_counts() =>
        Request.Given(Upto(Answered, Objected, Awaited)).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered)).ThenNothing();

    [Test]
    public void Nothing_comes_of_what_is_withdrawn_or_unknown()
    {
        foreach (var (past, rule) in new[] { (Upto(Withdrawn), Consultation.AlreadyWithdrawn), (Upto(Answered, Closed), Consultation.AlreadyClosed), ([], Consultation.NotSubmitted) })
        {
            var given = Request.Given(past);
            given.When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged)).ThenRejected(rule);
            given.When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).ThenRejected(rule);
            given.When(ShowGapOnServiceGapFound.Decide, new ShowGapOnServiceGapFound.Command(Gap)).ThenRejected(rule);
            given.When(ShowCoordinatorOnAssemblyHandedToCoordinator.Decide, new ShowCoordinatorOnAssemblyHandedToCoordinator.Command(Handed)).ThenRejected(rule);
            given.When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered)).ThenRejected(rule);
            given.When(ShowResultOnTeamDisbanded.Decide, new ShowResultOnTeamDisbanded.Command(Ended)).ThenRejected(rule);
            given.When(EndAccess.Decide, Decline).ThenRejected(rule);
        }
    }

    private static Consultation Fold(params ConsultationEvent[] more) => Consultation.Aggregate.Fold(Upto(more));

    private static void ShouldBe(Consultation state, ConsultationStatus status, Accountable accountable) =>
        Assert.That((state.Status, state.Responsible), Is.EqualTo(((ConsultationStatus?)status, (Accountable?)accountable)));
}

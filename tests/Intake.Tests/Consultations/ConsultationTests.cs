using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Testing;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

[TestFixture]
internal sealed class ConsultationTests
{
    private static readonly TakeOverOnCaseOpened.Command TakeOver = new(Id, false, TookOver.TookOverAt, TookOver.Next);
    private static readonly AskRequesterOnInformationRequested.Command Ask = new(Id, Asked.Asked, Asked.AskedAt, Asked.Next);
    private static readonly ResumeOnCaseReassessed.Command Resume = new(Id, false, Resumed.ResumedAt, Resumed.Next);
    private static readonly FollowRouteOnRouteDecided.Command Follow = new(Id, Route.HybridTeam, false, Routed.DecidedAt, Routed.Next);
    private static readonly WithdrawConsultation.Command Withdraw = new(Id, Withdrawn.WithdrawnAt);
    private static readonly AddInformation.Command Add = new(Added, 1);

    [Test]
    public void A_submission_is_received() =>
        Request.Given().When(SubmitConsultation.Decide, new SubmitConsultation.Command(Submitted)).Then(Submitted);

    [Test]
    public void Immediate_danger_is_reported_beside_the_submission()
    {
        var danger = Submitted with { ImmediateDanger = true };
        Request.Given().When(SubmitConsultation.Decide, new SubmitConsultation.Command(danger)).Then(danger, new ImmediateDangerReported(Id, danger, Now));
    }

    [Test]
    public void The_same_submission_again_changes_nothing() =>
        Request.Given(Submitted).When(SubmitConsultation.Decide, new SubmitConsultation.Command(Submitted)).ThenNothing();

    [Test]
    public void Triage_takes_over() => Request.Given(Submitted).When(TakeOverOnCaseOpened.Decide, TakeOver).Then(TookOver);

    [Test]
    public void Triage_takes_over_once() => Request.Given(Submitted, TookOver, Asked).When(TakeOverOnCaseOpened.Decide, TakeOver).ThenNothing();

    [Test]
    public void Triage_takes_over_nothing_unknown() => Request.Given().When(TakeOverOnCaseOpened.Decide, TakeOver).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void Triage_takes_over_nothing_withdrawn() => Request.Given(Submitted, Withdrawn).When(TakeOverOnCaseOpened.Decide, TakeOver).ThenRejected(Consultation.AlreadyWithdrawn);

    [Test]
    public void The_requester_is_asked() => Request.Given(Submitted, TookOver).When(AskRequesterOnInformationRequested.Decide, Ask).Then(Asked);

    [Test]
    public void The_requester_is_told_all_that_is_asked()
    {
        var view = RequestersView.Fold([Submitted, TookOver, Asked with { Asked = ["situation", "topics"] }], 3);
        var texts = Repository.Catalogue.Texts;
        Assert.That(texts.Step(view.Timeline[^1].Text, "sv"), Is.EqualTo($"{texts.Timeline["informationAsked.situation"].Sv} {texts.Timeline["informationAsked.topics"].Sv}"));
    }

    [Test]
    public void The_requester_is_asked_once() => Request.Given(Submitted, TookOver, Asked).When(AskRequesterOnInformationRequested.Decide, Ask).ThenNothing();

    [Test]
    public void Nobody_is_asked_about_the_unknown() => Request.Given().When(AskRequesterOnInformationRequested.Decide, Ask).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void Nobody_is_asked_after_a_withdrawal() => Request.Given(Submitted, Withdrawn).When(AskRequesterOnInformationRequested.Decide, Ask).ThenRejected(Consultation.AlreadyWithdrawn);

    [Test]
    public void Information_adds_to_what_was_tried() => Request.Given(Submitted, TookOver, Asked).When(AddInformation.Decide, Add).Then(Added);

    [Test]
    public void Information_may_come_unasked() => Request.Given(Submitted).When(AddInformation.Decide, Add).Then(Added);

    [Test]
    public void Information_comes_too_late_after_the_route() => Request.Given(Submitted, TookOver, Routed).When(AddInformation.Decide, Add).ThenRejected(Consultation.AlreadyRouted);

    [Test]
    public void Information_on_the_withdrawn_is_refused() => Request.Given(Submitted, Withdrawn).When(AddInformation.Decide, Add).ThenRejected(Consultation.AlreadyWithdrawn);

    [Test]
    public void Information_on_the_unknown_is_refused() => Request.Given().When(AddInformation.Decide, Add).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void With_new_facts_triage_goes_on() => Request.Given(Submitted, TookOver, Asked, Added).When(ResumeOnCaseReassessed.Decide, Resume).Then(Resumed);

    [Test]
    public void Triage_goes_on_once() => Request.Given(Submitted, TookOver, Asked, Added, Resumed).When(ResumeOnCaseReassessed.Decide, Resume).ThenNothing();

    [Test]
    public void Triage_does_not_go_on_with_the_unknown() => Request.Given().When(ResumeOnCaseReassessed.Decide, Resume).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void Triage_does_not_go_on_with_the_withdrawn() => Request.Given(Submitted, Withdrawn).When(ResumeOnCaseReassessed.Decide, Resume).ThenRejected(Consultation.AlreadyWithdrawn);

    [Test]
    public void The_route_is_followed() => Request.Given(Submitted, TookOver).When(FollowRouteOnRouteDecided.Decide, Follow).Then(Routed);

    [Test]
    public void The_route_is_followed_once() => Request.Given(Submitted, TookOver, Routed).When(FollowRouteOnRouteDecided.Decide, Follow).ThenNothing();

    [Test]
    public void No_route_for_the_unknown() => Request.Given().When(FollowRouteOnRouteDecided.Decide, Follow).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void A_withdrawal_wins_over_a_route() => Request.Given(Submitted, TookOver, Withdrawn).When(FollowRouteOnRouteDecided.Decide, Follow).ThenRejected(Consultation.AlreadyWithdrawn);

    [Test]
    public void The_requester_withdraws() => Request.Given(Submitted, TookOver).When(WithdrawConsultation.Decide, Withdraw).Then(Withdrawn);

    [Test]
    public void The_requester_withdraws_once() => Request.Given(Submitted, Withdrawn).When(WithdrawConsultation.Decide, Withdraw).ThenNothing();

    [Test]
    public void Nothing_unknown_is_withdrawn() => Request.Given().When(WithdrawConsultation.Decide, Withdraw).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void The_same_route_decided_anew_is_followed_anew()
    {
        var anew = Routed with { DecidedAt = Routed.DecidedAt.AddHours(1), Next = Step(20) };
        Request.Given(Upto()).When(FollowRouteOnRouteDecided.Decide, Follow with { DecidedAt = anew.DecidedAt, Next = anew.Next }).Then(anew);
    }

    [Test]
    public void Nothing_moves_what_is_closed()
    {
        var closed = Request.Given(Upto(Answered, Closed));
        closed.When(FollowRouteOnRouteDecided.Decide, Follow with { DecidedAt = Now.AddHours(2) }).ThenRejected(Consultation.AlreadyClosed);
        closed.When(ResumeOnCaseReassessed.Decide, Resume).ThenRejected(Consultation.AlreadyClosed);
        closed.When(AskRequesterOnInformationRequested.Decide, Ask).ThenRejected(Consultation.AlreadyClosed);
        closed.When(TakeOverOnCaseOpened.Decide, TakeOver).ThenRejected(Consultation.AlreadyClosed);
        closed.When(AddInformation.Decide, Add).ThenRejected(Consultation.AlreadyClosed);
        closed.When(WithdrawConsultation.Decide, Withdraw).ThenRejected(Consultation.AlreadyClosed);
    }

    [Test]
    public void What_the_assembly_has_acted_on_is_not_asked_about_or_opened_late()
    {
        var overtaken = Request.Given(Submitted, Started);
        overtaken.When(TakeOverOnCaseOpened.Decide, TakeOver).ThenNothing();
        overtaken.When(AskRequesterOnInformationRequested.Decide, Ask).ThenNothing();
        overtaken.When(ResumeOnCaseReassessed.Decide, Resume).ThenNothing();
    }

    [TestCase(Route.BasicSupportGuidance, ConsultationStatus.InTriage, Accountable.Coordinator)]
    [TestCase(Route.ExpertConsultation, ConsultationStatus.InTriage, Accountable.Coordinator)]
    [TestCase(Route.HybridTeam, ConsultationStatus.TeamBeingAssembled, Accountable.Coordinator)]
    [TestCase(Route.StandingTeam, ConsultationStatus.TeamBeingAssembled, Accountable.Coordinator)]
    [TestCase(Route.SpecialLevel, ConsultationStatus.ReferralProposed, Accountable.Coordinator)]
    [TestCase(Route.KnowledgeHolder, ConsultationStatus.PointedToKnowledgeHolder, Accountable.Coordinator)]
    [TestCase(Route.ServiceGap, ConsultationStatus.GapBeingSolved, Accountable.CoordinatingTeam)]
    public void R1_every_route_leaves_the_request_open_with_somebody(Route route, ConsultationStatus status, Accountable accountable)
    {
        var state = Consultation.Aggregate.Fold([Submitted, TookOver, Routed with { Route = route }]);
        Assert.That((state.Status, state.Responsible, state.IsOpen), Is.EqualTo((status, (Accountable?)accountable, true)));
    }
}

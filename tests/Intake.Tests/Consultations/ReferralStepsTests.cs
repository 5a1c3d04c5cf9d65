using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>A referral as the requester follows it.</summary>
[TestFixture]
internal sealed class ReferralStepsTests
{
    private static readonly FollowReferralOnReferralProposed.Command Propose = new(Proposed);
    private static readonly FollowReferralOnReferralAccepted.Command Accept = new(Accepted);
    private static readonly FollowReferralOnReferralReturned.Command Return = new(Returned);
    private static readonly ConsultationEvent[] ToSpecialLevel = [Submitted, TookOver, Routed with { Route = Route.SpecialLevel }];

    [Test]
    public void R3_until_a_receiver_accepts_a_coordinator_stays_accountable()
    {
        Request.Given(ToSpecialLevel).When(FollowReferralOnReferralProposed.Decide, Propose).Then(Proposed);
        ShouldBe([.. ToSpecialLevel, Proposed], ConsultationStatus.ReferralProposed, Accountable.Coordinator);
    }

    [Test]
    public void R3_a_receiver_who_accepts_is_accountable()
    {
        Request.Given([.. ToSpecialLevel, Proposed]).When(FollowReferralOnReferralAccepted.Decide, Accept).Then(Accepted);
        ShouldBe([.. ToSpecialLevel, Proposed, Accepted], ConsultationStatus.ReferralAccepted, Accountable.Receiver);
    }

    [Test]
    public void R1_what_a_receiver_returns_is_in_triage_again_without_a_route()
    {
        Request.Given([.. ToSpecialLevel, Proposed]).When(FollowReferralOnReferralReturned.Decide, Return).Then(Returned);
        ShouldBe([.. ToSpecialLevel, Proposed, Returned], ConsultationStatus.InTriage, Accountable.AreaCoordinators);
        Assert.That(Consultation.Aggregate.Fold([.. ToSpecialLevel, Proposed, Returned]).Route, Is.Null);
    }

    [Test]
    public void Each_step_is_followed_once()
    {
        Request.Given([.. ToSpecialLevel, Proposed]).When(FollowReferralOnReferralProposed.Decide, Propose).ThenNothing();
        Request.Given([.. ToSpecialLevel, Proposed, Accepted]).When(FollowReferralOnReferralAccepted.Decide, Accept).ThenNothing();
        Request.Given([.. ToSpecialLevel, Proposed, Returned]).When(FollowReferralOnReferralReturned.Decide, Return).ThenNothing();
    }

    [Test]
    public void A_referral_that_a_later_team_has_overtaken_moves_nothing()
    {
        var working = Request.Given([.. ToSpecialLevel, Started with { RouteDecidedAt = Now.AddHours(1) }]);
        working.When(FollowReferralOnReferralProposed.Decide, Propose).ThenNothing();
        working.When(FollowReferralOnReferralAccepted.Decide, Accept).ThenNothing();
        working.When(FollowReferralOnReferralReturned.Decide, Return).Then(new ReturnLearned(Id, Returned.Receiver, Returned.ReasonCode, Returned.ReturnedAt));
    }

    [Test]
    public void Nothing_comes_of_what_is_withdrawn_or_unknown()
    {
        foreach (var (past, rule) in new[] { (Upto(Withdrawn), Consultation.AlreadyWithdrawn), ([], Consultation.NotSubmitted) })
        {
            Request.Given(past).When(FollowReferralOnReferralProposed.Decide, Propose).ThenRejected(rule);
            Request.Given(past).When(FollowReferralOnReferralAccepted.Decide, Accept).ThenRejected(rule);
            Request.Given(past).When(FollowReferralOnReferralReturned.Decide, Return).ThenRejected(rule);
        }
    }

    [Test]
    public void Each_return_counts_as_a_transfer() =>
        Assert.That(RequestersView.Fold([.. ToSpecialLevel, Proposed, Returned, Routed with { DecidedAt = Now.AddHours(1) }, Proposed, Returned], 8).Transfers, Is.EqualTo(2));

    private static void ShouldBe(ConsultationEvent[] past, ConsultationStatus status, Accountable accountable)
    {
        var state = Consultation.Aggregate.Fold(past);
        Assert.That((state.Status, state.Responsible), Is.EqualTo(((ConsultationStatus?)status, (Accountable?)accountable)));
    }
}

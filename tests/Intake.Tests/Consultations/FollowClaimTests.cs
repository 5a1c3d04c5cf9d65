using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>Within triage the coordinator who has claimed the matter is accountable, else all the area's (PRODUCT's table).</summary>
[TestFixture]
internal sealed class FollowClaimTests
{
    private static readonly DateTimeOffset Later = TookOver.TookOverAt.AddMinutes(1);
    private static readonly FollowClaim.Command Claim = new(Id, true, Later);
    private static readonly FollowClaim.Command Release = new(Id, false, Later.AddMinutes(1));
    private static readonly ClaimFollowed Claimed = new(Id, true, Accountable.Coordinator, Claim.At, TookOver.Next);
    private static readonly ClaimFollowed Released = new(Id, false, Accountable.AreaCoordinators, Release.At, TookOver.Next);

    [Test]
    public void Whoever_claims_the_matter_is_accountable_and_the_date_stays()
    {
        Request.Given(Submitted, TookOver).When(FollowClaim.Decide, Claim).Then(Claimed);
        var state = Fold(Submitted, TookOver, Claimed);
        Assert.That((state.Status, state.Responsible, state.Next), Is.EqualTo((ConsultationStatus.InTriage, Accountable.Coordinator, TookOver.Next)));
    }

    [Test]
    public void Given_back_it_is_all_the_areas_coordinators_again() => Request.Given(Submitted, TookOver, Claimed).When(FollowClaim.Decide, Release).Then(Released);

    [Test]
    public void The_same_word_again_changes_nothing()
    {
        Request.Given(Submitted, TookOver, Claimed).When(FollowClaim.Decide, Claim).ThenNothing();
        Request.Given(Submitted, TookOver).When(FollowClaim.Decide, Release).ThenNothing();
        Request.Given(Submitted, TookOver, Claimed, Released).When(FollowClaim.Decide, Release).ThenNothing();
    }

    [Test]
    public void Who_is_asked_stays_accountable_and_with_the_answer_it_is_the_coordinators_who_has_it()
    {
        var noted = new ClaimFollowed(Id, true, null, Claim.At, null);
        Request.Given(Submitted, TookOver, Asked).When(FollowClaim.Decide, Claim).Then(noted);
        Assert.That(Fold(Submitted, TookOver, Asked, noted).Responsible, Is.EqualTo(Accountable.Requester));
        Request.Given(Submitted, TookOver, Asked, noted).When(AddInformation.Decide, new AddInformation.Command(Added, 1))
            .Then(Added, new ClaimFollowed(Id, true, Accountable.Coordinator, Added.AddedAt, Added.Next));
    }

    [Test]
    public void Weighed_again_it_stays_the_coordinators_who_has_it()
    {
        var again = new ResumeOnCaseReassessed.Command(Id, false, Resumed.ResumedAt, Resumed.Next);
        Request.Given(Submitted, TookOver, Claimed).When(ResumeOnCaseReassessed.Decide, again).Then(Resumed, new ClaimFollowed(Id, true, Accountable.Coordinator, Resumed.ResumedAt, Resumed.Next));
        Request.Given(Submitted, TookOver, Claimed, Released).When(ResumeOnCaseReassessed.Decide, again).Then(Resumed);
    }

    [Test]
    public void A_decision_ends_it_so_that_what_is_weighed_anew_later_is_everybodys()
    {
        var state = Fold(Submitted, TookOver, Claimed, Routed);
        Assert.That((state.Claimed, state.Responsible), Is.EqualTo((false, (Accountable?)Accountable.Coordinator)));
        Request.Given(Submitted, TookOver, Claimed, Routed).When(FollowClaim.Decide, Release).ThenNothing();
    }

    [Test]
    public void R11_a_danger_that_nobody_has_seen_to_stays_everybodys()
    {
        var past = Fold(Submitted, TookOver, Routed);
        var alarmed = new StepHastened(Id, Accountable.AreaCoordinators, InDanger: true, Later, past.Next!);
        Request.Given(Submitted, TookOver, Routed, alarmed).When(FollowClaim.Decide, Claim).Then(new ClaimFollowed(Id, true, null, Claim.At, null));
    }

    [Test]
    public void R2_an_overdue_case_that_is_claimed_has_its_new_date()
    {
        var overdue = new NextStepOverdue(Id, Accountable.CoordinatingTeam, Later, Resumed.Next);
        Request.Given(Submitted, TookOver, overdue).When(FollowClaim.Decide, Claim).Then(Claimed with { Next = Resumed.Next });
        Request.Given(Submitted, TookOver, Claimed, overdue).When(FollowClaim.Decide, Release).Then(new ClaimFollowed(Id, false, null, Release.At, null));
    }

    [Test]
    public void Where_the_route_says_who_is_accountable_a_claim_and_its_end_change_nobody()
    {
        var noted = new ClaimFollowed(Id, true, null, Claim.At, null);
        Request.Given(Submitted, TookOver, Routed).When(FollowClaim.Decide, Claim).Then(noted);
        Request.Given(Submitted, TookOver, Routed, noted).When(FollowClaim.Decide, Release).Then(new ClaimFollowed(Id, false, null, Release.At, null));
    }

    [Test]
    public void A_route_that_is_kept_ends_the_claim_also_where_nothing_else_comes_of_it()
    {
        var noted = new ClaimFollowed(Id, true, null, Claim.At, null);
        var kept = new ResumeOnRouteKept.Command(Id, Release.At, Routed.Next);
        Request.Given(Submitted, TookOver, Routed, noted).When(ResumeOnRouteKept.Decide, kept).Then(new ClaimFollowed(Id, false, null, Release.At, null));
        Request.Given(Submitted, TookOver, Routed).When(ResumeOnRouteKept.Decide, kept).ThenNothing();
        Assert.That(Fold(Submitted, TookOver, Claimed, new RouteLearned(Id, Contracts.Route.HybridTeam, false, Later)).Claimed, Is.False);
    }

    [Test]
    public void Given_back_while_a_danger_is_looked_at_it_is_everybodys_afterwards()
    {
        var alarmed = new StepHastened(Id, Accountable.AreaCoordinators, InDanger: true, Later, Resumed.Next);
        var state = Fold(Submitted, TookOver, Claimed, alarmed);
        Assert.That(state.Interrupted!.Responsible, Is.EqualTo(Accountable.Coordinator));
        Assert.That(Consultation.Evolve(state, FollowClaim.Decide(state, Release).Events.Single()).Interrupted!.Responsible, Is.EqualTo(Accountable.AreaCoordinators));
    }

    [Test]
    public void What_is_over_cannot_be_claimed() => Request.Given(Submitted, Withdrawn).When(FollowClaim.Decide, Claim).ThenRejected(Consultation.AlreadyWithdrawn);

    private static Consultation Fold(params ConsultationEvent[] past) => Consultation.Aggregate.Fold(past);
}

using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>A transfer to another area as the requester follows it: who is accountable is true in every state (R3, C-35).</summary>
[TestFixture]
internal sealed class TransferStepsTests
{
    private static readonly TransferFollowed Offered = new(Id, TransferStep.Proposed, "lansi", 0, Now.AddMinutes(6), Step(12));
    private static readonly TransferFollowed ForTheTeam = Offered with { Step = TransferStep.AwaitsTeam };
    private static readonly TransferFollowed Taken = new(Id, TransferStep.Accepted, "lansi", 1, Now.AddMinutes(7), Step(13));
    private static readonly TransferFollowed Kept = new(Id, TransferStep.Returned, "lansi", 1, Now.AddMinutes(7), Step(14));

    private static IEnumerable<TestCaseData> WhatHasGoneOn =>
    [
        new TestCaseData((object)Upto()).SetArgDisplayNames("decided"),
        new TestCaseData((object)Upto(Withdrawn)).SetArgDisplayNames("withdrawn"),
        new TestCaseData((object)Upto(Answered, Closed)).SetArgDisplayNames("closed"),
        new TestCaseData((object)new ConsultationEvent[] { Submitted, TookOver, Asked with { AskedAt = Now.AddHours(1) } }).SetArgDisplayNames("asked back"),
        new TestCaseData((object)Upto(Started with { RouteDecidedAt = Now.AddHours(1) })).SetArgDisplayNames("overtaken"),
    ];

    [Test]
    public void R3_until_the_other_area_accepts_the_sending_one_is_accountable_by_a_date()
    {
        Given().When(FollowTransfer.Decide, new FollowTransfer.Command(Offered)).Then(Offered);
        ShouldBe(Accountable.AreaCoordinators, Offered.Next!, "sisa", 0, Offered);
    }

    [Test]
    public void G9_14_while_the_coordinating_team_has_to_decide_it_is_accountable()
    {
        Given().When(FollowTransfer.Decide, new FollowTransfer.Command(ForTheTeam)).Then(ForTheTeam);
        ShouldBe(Accountable.CoordinatingTeam, ForTheTeam.Next!, "sisa", 0, ForTheTeam);
        Given(ForTheTeam).When(FollowTransfer.Decide, new FollowTransfer.Command(Offered with { At = Now.AddMinutes(7) })).Then(Offered with { At = Now.AddMinutes(7) });
        ShouldBe(Accountable.AreaCoordinators, Kept.Next!, "sisa", 0, ForTheTeam, Kept with { Transfers = 0 });
    }

    [Test]
    public void R3_with_the_acceptance_the_other_area_has_the_request_and_it_is_counted()
    {
        Given(Offered).When(FollowTransfer.Decide, new FollowTransfer.Command(Taken)).Then(Taken);
        ShouldBe(Accountable.AreaCoordinators, Taken.Next!, "lansi", 1, Offered, Taken);
        ShouldBe(Accountable.AreaCoordinators, Taken.Next!, "ita", 2, Offered, Taken, Offered with { ToArea = "ita" }, Taken with { ToArea = "ita", Transfers = 2 });
    }

    [Test]
    public void What_is_returned_stays_with_a_new_date_and_is_counted()
    {
        Given(Offered).When(FollowTransfer.Decide, new FollowTransfer.Command(Kept)).Then(Kept);
        ShouldBe(Accountable.AreaCoordinators, Kept.Next!, "sisa", 1, Offered, Kept);
    }

    [TestCaseSource(nameof(WhatHasGoneOn))]
    public void Where_the_case_is_counts_also_when_the_request_has_gone_on_and_nothing_else_changes(ConsultationEvent[] past)
    {
        ArgumentNullException.ThrowIfNull(past);
        var (learned, returned) = (Taken with { Next = null }, Kept with { Next = null });
        Request.Given(past).When(FollowTransfer.Decide, new FollowTransfer.Command(Offered)).ThenNothing();
        Request.Given(past).When(FollowTransfer.Decide, new FollowTransfer.Command(Taken)).Then(learned);
        Request.Given(past).When(FollowTransfer.Decide, new FollowTransfer.Command(Kept)).Then(returned);
        var before = Consultation.Aggregate.Fold(past);
        Assert.That(Consultation.Evolve(before, learned) with { Transfer = null }, Is.EqualTo(before));
        Assert.That(RequestersView.Fold([.. past, learned], 9).Area, Is.EqualTo("lansi"));
    }

    [Test]
    public void A_danger_that_nobody_has_seen_to_stays_with_the_coordinators_of_whichever_area_has_it()
    {
        var danger = new SafetyReported(Id, true, true, Urgency.Urgent, EmergencyNotice.ImmediateDanger, new Dictionary<string, Guid>(), Now.AddMinutes(6));
        var hastened = ReportSafety.Decide(Fold(Submitted, TookOver), new(danger, Step(1))).Events;
        var taken = FollowTransfer.Decide(Fold([Submitted, TookOver, .. hastened]), new(Taken)).Events;
        var state = Fold([Submitted, TookOver, .. hastened, .. taken]);
        Assert.That((state.AlarmedAt, state.Responsible, state.Next), Is.EqualTo(((DateTimeOffset?)danger.ReportedAt, (Accountable?)Accountable.AreaCoordinators, Fold([Submitted, TookOver, .. hastened]).Next)));
    }

    [Test]
    public void Each_step_is_followed_once_and_nothing_comes_of_what_is_unknown_or_erased()
    {
        Given(Offered).When(FollowTransfer.Decide, new FollowTransfer.Command(Offered)).ThenNothing();
        Given(Offered, Taken).When(FollowTransfer.Decide, new FollowTransfer.Command(Taken)).ThenNothing();
        Request.Given().When(FollowTransfer.Decide, new FollowTransfer.Command(Taken)).ThenRejected(Consultation.NotSubmitted);
        Request.Given(Upto(Withdrawn, Erased)).When(FollowTransfer.Decide, new FollowTransfer.Command(Taken)).ThenRejected(Consultation.AlreadyErased);
    }

    [Test]
    public void Who_had_claimed_it_has_it_no_more()
    {
        var claimed = new ClaimFollowed(Id, true, Accountable.Coordinator, Now.AddMinutes(2), TookOver.Next);
        Assert.That(Fold(Submitted, TookOver, claimed, Offered).Claimed, Is.False);
        Assert.That(Fold(Submitted, TookOver, claimed, Offered).Responsible, Is.EqualTo(Accountable.AreaCoordinators));
    }

    private static Testing.DeciderSpec<Consultation, ConsultationEvent>.PastEvents Given(params ConsultationEvent[] then) => Request.Given([Submitted, TookOver, .. then]);

    private static Consultation Fold(params ConsultationEvent[] past) => Consultation.Aggregate.Fold(past);

    private static void ShouldBe(Accountable accountable, NextStep next, string area, int transfers, params ConsultationEvent[] then)
    {
        var state = Fold([Submitted, TookOver, .. then]);
        var view = RequestersView.Fold([Submitted, TookOver, .. then], 9);
        Assert.That((state.Status, state.Responsible, state.Next), Is.EqualTo(((ConsultationStatus?)ConsultationStatus.InTriage, (Accountable?)accountable, (NextStep?)next)));
        Assert.That((view.Area, view.Transfers, view.DueBy), Is.EqualTo((area, transfers, (DateTimeOffset?)next.DueBy)));
    }
}

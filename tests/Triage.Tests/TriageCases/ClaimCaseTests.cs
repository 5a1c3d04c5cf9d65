using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class ClaimCaseTests
{
    private const string First = "coordinator-sisa";
    private const string Second = "coordinator-sisa-2";

    private static readonly CaseClaimed Claimed = new(CaseId, "sisa", First, null, null, Now.AddHours(1), Policy.ClaimDue(Urgency.Routine, Now.AddHours(1)));
    private static readonly ClaimCase.Command Claim = new(First, false, null, Policy, Claimed.ClaimedAt);
    private static readonly ReleaseCase.Command Release = new(First, Now.AddHours(2));
    private static readonly DecideRoute.Command Decision = new(Route.HybridTeam, null, false, Policy, Second, Now.AddHours(2));
    private static readonly Rejection Held = ClaimCase.AlreadyClaimed with { Name = First };

    private static readonly CaseRequest InDanger = Complex with { ImmediateDanger = true, DangerReportedAt = Now };
    private static readonly SafetyRaised Alarm = new(CaseId, true, false, null, Now.AddMinutes(1), Now.AddHours(1));
    private static readonly RouteNotStaffed Unstaffed = new(CaseId, "serviceGap", Now.AddMinutes(3), Now.AddDays(1));

    private static TriageEvent[] Waiting(params TriageEvent[] then) => [.. Opened(Complex), .. then];

    [Test]
    public void Who_comes_first_has_it_and_the_second_is_told_who()
    {
        Case.Given(Waiting()).When(ClaimCase.Decide, Claim).Then(Claimed);
        Case.Given(Waiting(Claimed)).When(ClaimCase.Decide, Claim with { ClaimedBy = Second }).ThenRejected(Held);
    }

    [Test]
    public void Claiming_again_changes_nothing() =>
        Case.Given(Waiting(Claimed)).When(ClaimCase.Decide, Claim with { Now = Now.AddHours(3), TakeOver = true }).ThenNothing();

    [Test]
    public void A_colleague_takes_over_with_a_reason()
    {
        var takes = Claim with { ClaimedBy = Second, TakeOver = true, ReasonCode = "absent" };
        Case.Given(Waiting(Claimed)).When(ClaimCase.Decide, takes).Then(Claimed with { ClaimedBy = Second, TakenFrom = First, ReasonCode = "absent" });
        Case.Given(Waiting(Claimed)).When(ClaimCase.Decide, takes with { ReasonCode = "because" }).ThenRejected(ClaimCase.UnknownReason);
        Case.Given(Waiting(Claimed)).When(ClaimCase.Decide, takes with { ReasonCode = null }).ThenRejected(ClaimCase.UnknownReason);
        Case.Given(Waiting()).When(ClaimCase.Decide, takes).Then(Claimed with { ClaimedBy = Second });
    }

    [Test]
    public void Only_what_waits_for_a_coordinator_is_claimed()
    {
        Case.Given().When(ClaimCase.Decide, Claim).ThenRejected(TriageCase.NotOpened);
        Case.Given(Waiting(new CaseClosed(CaseId, "withdrawn", Now))).When(ClaimCase.Decide, Claim).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given(Waiting(new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now))).When(ClaimCase.Decide, Claim).ThenRejected(TriageCase.AlreadyLinked);
        Case.Given(Waiting(Decided())).When(ClaimCase.Decide, Claim).ThenRejected(TriageCase.AlreadyDecided);
        Case.Given(Waiting(Decided(), new RouteNotStaffed(CaseId, "serviceGap", Now, Now.AddDays(1)))).When(ClaimCase.Decide, Claim).Then(Claimed);
    }

    [Test]
    public void The_holder_releases_it_and_nobody_else_does()
    {
        Case.Given(Waiting(Claimed)).When(ReleaseCase.Decide, Release).Then(new CaseReleased(CaseId, "sisa", First, ReleaseCase.Released, Release.Now));
        Case.Given(Waiting(Claimed)).When(ReleaseCase.Decide, Release with { ReleasedBy = Second }).ThenRejected(Held);
        Case.Given(Waiting()).When(ReleaseCase.Decide, Release).ThenNothing();
        Case.Given().When(ReleaseCase.Decide, Release).ThenRejected(TriageCase.NotOpened);
    }

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void R2_a_quiet_claim_ends_at_its_time(int seconds, bool ends)
    {
        var now = Claimed.EndsAt.AddSeconds(seconds);
        var decided = Case.Given(Waiting(Claimed)).When(ReleaseQuietClaim.Decide, new ReleaseQuietClaim.Command(now));
        if (ends)
        {
            decided.Then(new CaseReleased(CaseId, "sisa", First, ReleaseCase.Quiet, now));
        }
        else
        {
            decided.ThenNothing();
        }
    }

    [Test]
    public void The_more_urgent_the_sooner_a_claim_ends()
    {
        Assert.That(Policy.ClaimDue(Urgency.Urgent, Now), Is.LessThan(Policy.ClaimDue(Urgency.Soon, Now)));
        Assert.That(Policy.ClaimDue(Urgency.Soon, Now), Is.LessThan(Policy.ClaimDue(Urgency.Routine, Now)));
    }

    [Test]
    public void Who_does_not_hold_it_does_not_decide_and_the_holder_does()
    {
        Case.Given(Waiting(Claimed)).When(DecideRoute.Decide, Decision).ThenRejected(Held);
        Case.Given(Waiting(Claimed)).When(DecideRoute.Decide, Decision with { DecidedBy = First }).ThenEvents(typeof(RouteDecided));
        Case.Given(Waiting(Claimed, new CaseReleased(CaseId, "sisa", First, ReleaseCase.Quiet, Now))).When(DecideRoute.Decide, Decision).ThenEvents(typeof(RouteDecided));
    }

    [Test]
    public void A_claim_never_stands_in_the_way_of_immediate_danger()
    {
        var inDanger = Opened(Complex with { ImmediateDanger = true });
        var claimed = Case.Given(inDanger).When(ClaimCase.Decide, Claim).ThenEvents(typeof(CaseClaimed));
        Assert.That(((CaseClaimed)claimed[0]).EndsAt, Is.EqualTo(Policy.HeldDue(Claim.Now)));
        Case.Given([.. inDanger, claimed[0]]).When(DecideRoute.Decide, Decision with { ReasonCode = "other" }).ThenEvents(typeof(RouteDecided));
        Case.Given(Waiting(Claimed, new SafetyRaised(CaseId, true, false, null, Now.AddHours(1), null))).When(DecideRoute.Decide, Decision with { ReasonCode = "other" }).ThenEvents(typeof(RouteDecided));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_claim_holds_again_once_the_danger_was_seen_to(bool kept)
    {
        TriageEvent[] seen = kept
            ? Waiting(Decided(), Alarm, new RouteKept(CaseId, "sisa", First, Now.AddMinutes(2), Now.AddDays(5)), Unstaffed)
            : [.. Opened(InDanger), Decided(), Unstaffed];
        Case.Given(seen).When(ClaimCase.Decide, Claim).Then(Claimed);
        Case.Given([.. seen, Claimed]).When(DecideRoute.Decide, Decision).ThenRejected(Held);
    }

    [Test]
    public void R11_a_danger_that_nobody_has_seen_to_yet_goes_past_every_claim()
    {
        TriageEvent[] seen = [.. Opened(InDanger), Decided(), Unstaffed];
        var another = Complex with { ImmediateDanger = true };
        TriageEvent[] unseen =
        [
            Alarm,
            new InformationReceived(CaseId, InDanger with { DangerReportedAt = Now.AddMinutes(1) }, Now.AddMinutes(1)),
            new RequestJoined(CaseId, Guid.NewGuid(), another with { DangerReportedAt = Now.AddMinutes(-1) }, Now, Now.AddHours(1)),
            new ConfirmationAwaited(CaseId, "sisa", true, "default.1", Now, Now.AddHours(1)),
            new CaseUnlinked(CaseId, "sisa", Guid.NewGuid(), First, "other", Now, Now.AddHours(1)),
        ];
        Assert.Multiple(() =>
        {
            foreach (var danger in unseen)
            {
                var state = TriageCase.Aggregate.Fold([.. seen, danger, Claimed]);
                Assert.That(state.IsDanger, Is.True, danger.GetType().Name);
                Assert.That(DecideRoute.Decide(state, Decision with { ReasonCode = "other" }).Rejection, Is.Null, danger.GetType().Name);
            }
        });
    }

    [Test]
    public void A_claim_ends_with_what_it_was_for()
    {
        TriageEvent[] ends =
        [
            Decided(), new CaseClosed(CaseId, "withdrawn", Now), new CaseErased(CaseId, Now), new CaseSettled(CaseId, Now), new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now),
            new CaseReleased(CaseId, "sisa", First, ReleaseCase.Quiet, Now), new RouteKept(CaseId, "sisa", First, Now, Now), new RouteStaffed(CaseId, Now), new ReferralAccepted(CaseId, "sisa", "unit", Now, Now),
        ];
        var held = TriageCase.Aggregate.Fold(Waiting(Claimed));
        Assert.Multiple(() =>
        {
            Assert.That(TriageCase.Aggregate.Deadlines(held).Select(deadline => (deadline.Kind, deadline.DueAt)), Is.EqualTo(new[] { (TriageCase.ClaimDeadline, Claimed.EndsAt) }));
            foreach (var end in ends)
            {
                var after = TriageCase.Aggregate.Fold(Waiting(Claimed, end));
                Assert.That((after.Claim, TriageCase.Aggregate.Deadlines(after).Any()), Is.EqualTo(((CaseClaim?)null, false)), end.GetType().Name);
            }
        });
    }

    private static RouteDecided Decided() => new(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", First, null, Now, Now.AddDays(5));
}

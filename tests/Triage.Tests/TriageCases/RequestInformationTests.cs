using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>A coordinator asks the requester, and hands a case over to a colleague.</summary>
[TestFixture]
internal sealed class RequestInformationTests
{
    private const string First = "coordinator-sisa";
    private const string Second = "coordinator-sisa-2";
    private static readonly DateTimeOffset Later = Now.AddHours(2);
    private static readonly RequestInformation.Command Ask = new(["situation", "topics"], First, Policy, Later);
    private static readonly InformationRequested Asked = new(CaseId, "sisa", Ask.Asked, Later, Policy.InformationDue(Later));
    private static readonly CaseClaimed Claimed = new(CaseId, "sisa", First, null, null, Now.AddHours(1), Now.AddDays(3));
    private static readonly HandOverCase.Command HandOver = new(First, Second, Guid.Parse("019ab000-0000-7000-8000-0000000000aa"), Policy, Later);
    private static readonly RouteDecided Decided = new(CaseId, "sisa", Contracts.Route.HybridTeam, [], [], false, false, [], Policy.Version, First, null, Now, Now.AddDays(5));

    private static TriageEvent[] Waiting(params TriageEvent[] then) => [.. Opened(Complex), .. then];

    [Test]
    public void C01_the_requester_is_asked_and_the_case_may_still_be_decided()
    {
        Case.Given(Waiting()).When(RequestInformation.Decide, Ask).Then(Asked);
        var state = TriageCase.Aggregate.Fold(Waiting(Asked));
        Assert.That((state.Status, state.MayBeDecided), Is.EqualTo((CaseStatus.AwaitingInformation, true)));
        var entry = RoutingQueueEntry.Fold(Waiting(Asked), 4);
        Assert.That((entry.DueBy, entry.WaitsForCoordinator), Is.EqualTo((Asked.DueBy, false)));
    }

    [Test]
    public void What_they_say_then_is_weighed_and_it_is_a_coordinators_turn_again()
    {
        var added = new ReassessOnInformationAdded.Command(2, ["substance.child-or-youth"], null, null, false, null, null, Later.AddHours(1), _ => Policy, Later.AddHours(1));
        Case.Given(Waiting(Asked)).When(ReassessOnInformationAdded.Decide, added).ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
    }

    [Test]
    public void The_same_again_changes_nothing_and_more_may_be_asked()
    {
        Case.Given(Waiting(Asked)).When(RequestInformation.Decide, Ask with { Asked = ["topics"] }).ThenNothing();
        IReadOnlyList<string> more = ["legalBasis"];
        Case.Given(Waiting(Asked)).When(RequestInformation.Decide, Ask with { Asked = more }).Then(Asked with { Asked = more });
    }

    [Test]
    public void R11_danger_waits_for_no_answer_and_what_is_decided_asks_nothing()
    {
        Case.Given().When(RequestInformation.Decide, Ask).ThenRejected(TriageCase.NotOpened);
        Case.Given(Opened(Complex with { ImmediateDanger = true })).When(RequestInformation.Decide, Ask).ThenRejected(RequestInformation.DangerWaitsForNobody);
        Case.Given(Waiting(Decided)).When(RequestInformation.Decide, Ask).ThenRejected(TriageCase.AlreadyDecided);
        Case.Given(Waiting(new CaseClosed(CaseId, "withdrawn", Now))).When(RequestInformation.Decide, Ask).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given(Waiting(new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now))).When(RequestInformation.Decide, Ask).ThenRejected(TriageCase.AlreadyLinked);
    }

    [Test]
    public void Only_who_has_the_case_asks()
    {
        Case.Given(Waiting(Claimed)).When(RequestInformation.Decide, Ask).Then(Asked);
        Case.Given(Waiting(Claimed)).When(RequestInformation.Decide, Ask with { RequestedBy = Second }).ThenRejected(ClaimCase.AlreadyClaimed with { Name = First });
    }

    [Test]
    public void Who_has_the_case_hands_it_over_with_a_note_and_the_colleague_has_it_then()
    {
        var handed = new CaseClaimed(CaseId, "sisa", Second, First, HandOverCase.HandedOver, Later, Policy.ClaimDue(Contracts.Urgency.Routine, Later), HandOver.NoteTextId);
        Case.Given(Waiting(Claimed)).When(HandOverCase.Decide, HandOver).Then(handed);
        Case.Given(Waiting(Claimed, handed)).When(HandOverCase.Decide, HandOver).ThenNothing();
        Assert.That(TriageCase.Aggregate.Fold(Waiting(Claimed, handed)).Claim, Is.EqualTo(new CaseClaim(Second, handed.EndsAt, First, HandOver.NoteTextId)));
        Case.Given(Waiting(Claimed, handed)).When(DecideRoute.Decide, new DecideRoute.Command(Contracts.Route.HybridTeam, null, false, Policy, First, Later)).ThenRejected(ClaimCase.AlreadyClaimed with { Name = Second });
        Case.Given(Waiting(Claimed, handed)).When(ReleaseQuietClaim.Decide, new ReleaseQuietClaim.Command(handed.EndsAt)).ThenEvents(typeof(CaseReleased));
    }

    [Test]
    public void Nobody_hands_over_what_they_do_not_have()
    {
        Case.Given(Waiting()).When(HandOverCase.Decide, HandOver).ThenRejected(HandOverCase.NotYours);
        Case.Given(Waiting(Claimed)).When(HandOverCase.Decide, HandOver with { Now = Claimed.EndsAt }).ThenRejected(HandOverCase.NotYours);
        Case.Given(Waiting(Claimed)).When(HandOverCase.Decide, HandOver with { HandedOverBy = Second, To = "coordinator-sisa-3" }).ThenRejected(ClaimCase.AlreadyClaimed with { Name = First });
        Case.Given(Waiting(Claimed, Decided)).When(HandOverCase.Decide, HandOver).ThenRejected(TriageCase.AlreadyDecided);
        Case.Given().When(HandOverCase.Decide, HandOver).ThenRejected(TriageCase.NotOpened);
    }
}

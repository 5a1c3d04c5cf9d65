using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>Transfers between areas: nobody has a case that they have not accepted, and nobody pushes one back and forth (C-35, C-36).</summary>
[TestFixture]
internal sealed class TransferTests
{
    private static readonly DateTimeOffset Later = Now.AddHours(1);
    private static readonly DateTimeOffset DueBy = Policy.ConfirmationDue(Urgency.Routine, Later);

    private static readonly TransferProposed Proposed = new(CaseId, "sisa", "lansi", "otherArea", false, "coordinator-sisa", Later, DueBy);
    private static readonly TransferProposed ForTheTeam = Proposed with { NeedsDecision = true };
    private static readonly TransferAllowed Allowed = new(CaseId, "sisa", "lansi", "otherArea", "leadership-sisa", Later, DueBy);
    private static readonly TransferRefused Refused = new(CaseId, "sisa", "lansi", "belongsHere", 0, Later, DueBy);
    private static readonly TransferReturned Returned = new(CaseId, "sisa", "lansi", "noCapacity", 1, Later, DueBy);
    private static readonly TransferAccepted Accepted = new(CaseId, "sisa", "lansi", "coordinator-lansi", 1, Later, DueBy);

    private static readonly ProposeTransfer.Command Propose = new("lansi", "otherArea", "coordinator-sisa", Policy, Later);
    private static readonly AcceptTransfer.Command Accept = new("lansi", "coordinator-lansi", Policy, Later);
    private static readonly ReturnTransfer.Command Return = new("lansi", "noCapacity", Policy, Later);
    private static readonly DecideTransfer.Command Allow = new(true, null, "leadership-sisa", Policy, Later);
    private static readonly DecideTransfer.Command Keep = Allow with { Allowed = false, ReasonCode = "belongsHere" };

    private static IEnumerable<TestCaseData> WhatEndsAProposal()
    {
        yield return Ends("decided", new RouteDecided(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "coordinator-sisa", null, Later, DueBy));
        yield return Ends("weighed anew", new ConfirmationAwaited(CaseId, "sisa", false, "default.1", Later, DueBy));
        yield return Ends("held", new ConfirmationAwaited(CaseId, "sisa", true, "default.1", Later, DueBy));
        yield return Ends("asked back", new InformationRequested(CaseId, "sisa", ["triedSoFar"], Later, DueBy));
        yield return Ends("in danger", new SafetyRaised(CaseId, true, false, null, Later, null));
        yield return Ends("linked", new CaseLinked(CaseId, "sisa", Guid.NewGuid(), "platform", "sameMatter", Later));
        yield return Ends("joined", new RequestJoined(CaseId, Guid.NewGuid(), Complex, Later));
        yield return Ends("without consent", new ConsentEnded(CaseId, true, Later));
        yield return Ends("settled", new CaseSettled(CaseId, Later));
        yield return Ends("closed", new CaseClosed(CaseId, "withdrawn", Later));
        yield return Ends("erased", new CaseErased(CaseId, Later));
    }

    [Test]
    public void R3_another_area_is_asked_and_until_it_accepts_the_case_stays_where_it_is()
    {
        Case.Given(Undecided()).When(ProposeTransfer.Decide, Propose).Then(Proposed);
        var state = Fold(Proposed);
        Assert.That((state.Area, state.Status, state.MayBeDecided, state.Transfers), Is.EqualTo(("sisa", CaseStatus.AwaitingConfirmation, true, 0)));
    }

    [Test]
    public void R3_with_the_acceptance_the_case_is_the_other_areas_and_counted_and_keeps_its_policy()
    {
        Case.Given(Undecided(Proposed)).When(AcceptTransfer.Decide, Accept).Then(Accepted);
        var state = Fold(Proposed, Accepted);
        Assert.That((state.Area, state.Status, state.Transfers, state.PolicyVersion), Is.EqualTo(("lansi", CaseStatus.AwaitingConfirmation, 1, Policy.Version)));
        var entry = RoutingQueueEntry.Fold(Undecided(Proposed, Accepted), 9);
        Assert.That((entry.Area, entry.ProposedTo, entry.DueBy, entry.WaitsForCoordinator), Is.EqualTo(("lansi", (string?)null, (DateTimeOffset?)DueBy, true)));
    }

    [Test]
    public void Only_the_area_that_is_asked_answers()
    {
        Case.Given(Undecided(Proposed)).When(AcceptTransfer.Decide, Accept with { Area = "ita" }).ThenRejected(AcceptTransfer.NotProposed);
        Case.Given(Undecided(Proposed)).When(ReturnTransfer.Decide, Return with { Area = "ita" }).ThenRejected(AcceptTransfer.NotProposed);
        Case.Given(Undecided()).When(AcceptTransfer.Decide, Accept).ThenRejected(AcceptTransfer.NotProposed);
        Case.Given(Undecided()).When(ReturnTransfer.Decide, Return).ThenRejected(AcceptTransfer.NotProposed);
        Case.Given(Undecided(ForTheTeam)).When(AcceptTransfer.Decide, Accept).ThenRejected(AcceptTransfer.NotProposed);
        Case.Given(Undecided(ForTheTeam, Refused)).When(ReturnTransfer.Decide, Return).ThenRejected(AcceptTransfer.NotProposed);
    }

    [Test]
    public void Another_area_in_the_place_of_the_first_takes_the_question_from_it()
    {
        var other = Proposed with { ToArea = "ita" };
        Case.Given(Undecided(Proposed)).When(ProposeTransfer.Decide, Propose with { ToArea = "ita" }).Then(other);
        Case.Given(Undecided(Proposed, other)).When(AcceptTransfer.Decide, Accept).ThenRejected(AcceptTransfer.NotProposed);
    }

    [Test]
    public void R2_what_is_returned_stays_with_a_new_date_and_is_counted()
    {
        Case.Given(Undecided(Proposed)).When(ReturnTransfer.Decide, Return).Then(Returned);
        var state = Fold(Proposed, Returned);
        Assert.That((state.Area, state.Transfers, state.MayBeTransferred), Is.EqualTo(("sisa", 1, true)));
        Assert.That(RoutingQueueEntry.Fold(Undecided(Proposed, Returned), 9).DueBy, Is.EqualTo(DueBy));
        Case.Given(Undecided(Proposed, Returned)).When(AcceptTransfer.Decide, Accept).ThenRejected(AcceptTransfer.AlreadyReturned);
        Case.Given(Undecided(Proposed, Accepted)).When(ReturnTransfer.Decide, Return).ThenRejected(ReturnTransfer.AlreadyAccepted);
    }

    [Test]
    public void Each_step_has_one_of_its_reasons()
    {
        Case.Given(Undecided()).When(ProposeTransfer.Decide, Propose with { ReasonCode = "because" }).ThenRejected(ProposeTransfer.UnknownReason);
        Case.Given(Undecided(Proposed)).When(ReturnTransfer.Decide, Return with { ReasonCode = "because" }).ThenRejected(ReturnReferral.UnknownReason);
        Case.Given(Undecided(ForTheTeam)).When(DecideTransfer.Decide, Keep with { ReasonCode = null }).ThenRejected(DecideTransfer.UnknownReason);
        Case.Given(Undecided(ForTheTeam)).When(DecideTransfer.Decide, Keep with { ReasonCode = "because" }).ThenRejected(DecideTransfer.UnknownReason);
    }

    [Test]
    public void G9_14_the_third_transfer_of_a_request_waits_for_the_coordinating_team_and_the_sender_keeps_the_case()
    {
        var second = new TransferProposed(CaseId, "lansi", "ita", "otherArea", false, "coordinator-lansi", Later, DueBy);
        Case.Given(Undecided(Proposed, Accepted)).When(ProposeTransfer.Decide, Propose with { ToArea = "ita", ProposedBy = "coordinator-lansi" }).Then(second);

        TriageEvent[] twice = [Proposed, Accepted, second, new TransferAccepted(CaseId, "lansi", "ita", "coordinator-ita", 2, Later, DueBy)];
        var third = second with { Area = "ita", ToArea = "pohjoinen", NeedsDecision = true, ProposedBy = "coordinator-ita" };
        Case.Given(Undecided(twice)).When(ProposeTransfer.Decide, Propose with { ToArea = "pohjoinen", ProposedBy = "coordinator-ita" }).Then(third);
        Case.Given(Undecided([.. twice, third])).When(AcceptTransfer.Decide, Accept with { Area = "pohjoinen" }).ThenRejected(AcceptTransfer.NotProposed);
        var waiting = RoutingQueueEntry.Fold(Undecided([.. twice, third]), 9);
        Assert.That((waiting.Area, waiting.ProposedTo, waiting.Transfer!.Status), Is.EqualTo(("ita", (string?)null, TransferStatus.AwaitsTeam)));

        var allowed = new TransferAllowed(CaseId, "ita", "pohjoinen", "otherArea", "leadership-ita", Later, DueBy);
        Case.Given(Undecided([.. twice, third])).When(DecideTransfer.Decide, Allow with { DecidedBy = "leadership-ita" }).Then(allowed);
        Assert.That(Fold([.. twice, third, allowed]).Area, Is.EqualTo("ita"), "Allowed is not accepted.");
        Case.Given(Undecided([.. twice, third, allowed])).When(AcceptTransfer.Decide, Accept with { Area = "pohjoinen", AcceptedBy = "coordinator-pohjoinen" })
            .Then(new TransferAccepted(CaseId, "ita", "pohjoinen", "coordinator-pohjoinen", 3, Later, DueBy));
    }

    [TestCase(0, 0, true)]
    [TestCase(1, 0, false)]
    [TestCase(1, 1, true)]
    [TestCase(3, 2, false)]
    [TestCase(3, 3, true)]
    public void G9_14_the_limit_is_the_policys_and_a_return_counts_as_an_acceptance_does(int free, int answered, bool decided)
    {
        var policy = new AreaPolicy(CatalogueWith($$"""{ "version": 7, "triage": { "freeTransfers": {{free}} } }"""), "sisa");
        string[] areas = ["etela", "ita", "pohjoinen"];
        TriageEvent[] before = [.. areas.Take(answered).SelectMany((area, at) => new TriageEvent[] { Proposed with { ToArea = area }, Returned with { ToArea = area, Transfers = at + 1 } })];
        Case.Given(Undecided(before)).When(ProposeTransfer.Decide, Propose with { Policy = policy }).Then(Proposed with { NeedsDecision = decided });
    }

    [Test]
    public void G9_14_C36_no_area_sends_a_case_back_or_asks_again_who_has_not_taken_it_without_the_coordinating_team()
    {
        var back = new TransferProposed(CaseId, "lansi", "sisa", "otherArea", true, "coordinator-lansi", Later, DueBy);
        Case.Given(Undecided(Proposed, Accepted)).When(ProposeTransfer.Decide, Propose with { ToArea = "sisa", ProposedBy = "coordinator-lansi" }).Then(back);
        Case.Given(Undecided(Proposed, Returned)).When(ProposeTransfer.Decide, Propose).Then(ForTheTeam);
    }

    [Test]
    public void What_the_coordinating_team_keeps_stays_and_counts_as_no_attempt()
    {
        Case.Given(Undecided(ForTheTeam)).When(DecideTransfer.Decide, Keep).Then(Refused);
        var state = Fold(ForTheTeam, Refused);
        Assert.That((state.Area, state.Transfers, state.MayBeTransferred), Is.EqualTo(("sisa", 0, true)));
        Case.Given(Undecided()).When(DecideTransfer.Decide, Allow).ThenRejected(DecideTransfer.NotAwaited);
        Case.Given(Undecided(Proposed)).When(DecideTransfer.Decide, Keep).ThenRejected(DecideTransfer.NotAwaited);
        Case.Given(Undecided(ForTheTeam, Refused)).When(DecideTransfer.Decide, Allow).ThenRejected(DecideTransfer.NotAwaited);
        Case.Given(Undecided(ForTheTeam, Allowed)).When(DecideTransfer.Decide, Allow).ThenNothing();
    }

    [Test]
    public void Danger_waits_for_no_other_area()
    {
        Case.Given(Opened(Complex with { ImmediateDanger = true })).When(ProposeTransfer.Decide, Propose).ThenRejected(ProposeTransfer.InDanger);
        Case.Given(Undecided(Proposed, new SafetyRaised(CaseId, true, false, null, Later, null))).When(AcceptTransfer.Decide, Accept).ThenRejected(AcceptTransfer.NotProposed);
    }

    [TestCaseSource(nameof(WhatEndsAProposal))]
    public void What_is_decided_weighed_anew_or_over_is_offered_to_nobody(TriageEvent happened)
    {
        foreach (var proposed in new[] { Proposed, ForTheTeam })
        {
            Assert.That(Fold(proposed).Transfer, Is.Not.Null);
            var state = Fold(proposed, happened);
            Assert.That((state.Transfer, TriageCase.Aggregate.Deadlines(state).Count(deadline => deadline.Kind == TriageCase.TransferDeadline)), Is.EqualTo(((CaseTransfer?)null, 0)));
        }
    }

    [Test]
    public void A_link_takes_the_question_back_so_that_all_are_told()
    {
        var other = Guid.Parse("019ab000-0000-7000-8000-000000000002");
        var refused = Refused with { ReasonCode = "linked" };
        Case.Given(Undecided(ForTheTeam)).When(LinkCases.Decide, new LinkCases.Command(other, "coordinator-sisa", "sameFamily", Later))
            .Then(refused, new CaseLinked(CaseId, "sisa", other, "coordinator-sisa", "sameFamily", Later));
        var events = Case.Given(Undecided(Proposed)).When(JoinMatter.Decide, new JoinMatter.Command(other, Complex, false, Later, _ => Policy, Later)).ThenEvents(typeof(TransferRefused), typeof(RequestJoined));
        Assert.That(events[0], Is.EqualTo(refused));
    }

    [Test]
    public void Only_a_case_that_waits_for_a_coordinator_alone_is_offered()
    {
        Case.Given().When(ProposeTransfer.Decide, Propose).ThenRejected(TriageCase.NotOpened);
        Case.Given(Undecided(new CaseClosed(CaseId, "withdrawn", Now))).When(ProposeTransfer.Decide, Propose).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given(Undecided(new CaseSettled(CaseId, Now))).When(ProposeTransfer.Decide, Propose).ThenRejected(ProposeTransfer.NotUndecided);
        Case.Given(Opened(Plain with { TriedCount = 0 })).When(ProposeTransfer.Decide, Propose).ThenRejected(ProposeTransfer.NotUndecided);
        Case.Given(Undecided(((RouteDecided)WhatEndsAProposal().First().Arguments[0]!) with { DecidedAt = Now })).When(ProposeTransfer.Decide, Propose).ThenRejected(ProposeTransfer.NotUndecided);
        Case.Given(Undecided(new CaseLinked(CaseId, "sisa", Guid.NewGuid(), "platform", "sameMatter", Now))).When(ProposeTransfer.Decide, Propose).ThenRejected(TriageCase.AlreadyLinked);
        Case.Given(Undecided(new RequestJoined(CaseId, Guid.NewGuid(), Complex, Now))).When(ProposeTransfer.Decide, Propose).ThenRejected(ProposeTransfer.Linked);
        Case.Given(Undecided(new ConsentEnded(CaseId, true, Now))).When(ProposeTransfer.Decide, Propose).ThenRejected(DecideRoute.LegalBasisNeeded);
        Case.Given(Undecided()).When(ProposeTransfer.Decide, Propose with { ToArea = "sisa" }).ThenRejected(ProposeTransfer.OwnArea);
    }

    [Test]
    public void A_case_that_a_colleague_works_on_is_not_offered_and_a_proposal_gives_the_case_back()
    {
        var claimed = new CaseClaimed(CaseId, "sisa", "coordinator-sisa-2", null, null, Now, Later.AddHours(1));
        Case.Given(Undecided(claimed)).When(ProposeTransfer.Decide, Propose).ThenRejected(ClaimCase.AlreadyClaimed with { Name = "coordinator-sisa-2" });
        Case.Given(Undecided(claimed)).When(ProposeTransfer.Decide, Propose with { ProposedBy = "coordinator-sisa-2" }).Then(Proposed with { ProposedBy = "coordinator-sisa-2" });
        Assert.That((Fold(claimed, Proposed).Claim, Fold(Proposed, claimed, Accepted).Claim), Is.EqualTo(((CaseClaim?)null, (CaseClaim?)null)));
    }

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void R2_whoever_is_silent_until_the_due_time_has_answered_no(int seconds, bool over)
    {
        var now = DueBy.AddSeconds(seconds);
        var end = new EndSilentTransfer.Command(Policy, now);
        var next = Policy.ConfirmationDue(Urgency.Routine, now);
        var (area, team) = (Case.Given(Undecided(Proposed)).When(EndSilentTransfer.Decide, end), Case.Given(Undecided(ForTheTeam)).When(EndSilentTransfer.Decide, end));
        if (over)
        {
            area.Then(Returned with { ReasonCode = "noAnswer", ReturnedAt = now, DueBy = next });
            team.Then(Refused with { ReasonCode = "noAnswer", RefusedAt = now, DueBy = next });
        }
        else
        {
            area.ThenNothing();
            team.ThenNothing();
        }

        Case.Given(Undecided(Proposed, Accepted)).When(EndSilentTransfer.Decide, end).ThenNothing();
        Assert.That(TriageCase.Aggregate.Deadlines(Fold(Proposed)).Select(deadline => (deadline.Kind, deadline.DueAt)), Does.Contain((TriageCase.TransferDeadline, DueBy)));
        Assert.That(TriageCase.Aggregate.Deadlines(Fold(Proposed, Returned)), Is.Empty);
    }

    [Test]
    public void What_was_offered_to_another_area_is_decided_by_a_person()
    {
        var clear = PolicyWith(Confirmation.Never);
        var asked = new InformationRequested(CaseId, "sisa", ["triedSoFar"], Now, DueBy);
        var again = TriageCase.Aggregate.Fold([.. Opened(Plain), Proposed, Returned, asked]);
        Assert.That(AssessCase.Events(again, clear, Later, again: true).Last(), Is.TypeOf<ConfirmationAwaited>());
        Assert.That(AssessCase.Events(TriageCase.Aggregate.Fold([.. Opened(Plain), asked]), clear, Later, again: true).Last(), Is.TypeOf<RouteDecided>());
    }

    private static TestCaseData Ends(string name, TriageEvent happened) => new TestCaseData(happened).SetArgDisplayNames(name);

    private static TriageEvent[] Undecided(params TriageEvent[] then) => [.. Opened(Complex), .. then];

    private static TriageCase Fold(params TriageEvent[] then) => TriageCase.Aggregate.Fold(Undecided(then));
}

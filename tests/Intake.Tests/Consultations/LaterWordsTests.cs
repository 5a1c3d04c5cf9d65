using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;
using static OtPlatform.Intake.Tests.Consultations.Requests;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What a requester may say after the submission.</summary>
[TestFixture]
internal sealed class LaterWordsTests
{
    private static readonly Guid Text = Guid.Parse("00000000-0000-0000-0000-0000000000f3");
    private static readonly DateTimeOffset Later = Now.AddMinutes(30);
    private static readonly ReopenConsultation.Command Reopen = new(new ConsultationReopened(Id, Text, Later), Step(20));
    private static readonly EndConsent.Command Withdraw = new(Id, ConsentEnded.Withdrawn, null, Later, Step(21), Step(22));
    private static readonly RecordConsent.Command Record = new(new ConsentRecorded(Id, LastDay, Text, Later), Step(23));
    private static readonly ReportSafety.Command Danger = new(
        new SafetyReported(Id, true, false, null, EmergencyNotice.ImmediateDanger, new Dictionary<string, Guid>(), Later), Step(1));
    private static readonly TriageAwaited Waits = new(Id, Later, Step(20), ForObjection: false);

    private static readonly ConsultationEvent[][] Over = [[Submitted, Withdrawn], Upto(Answered, Closed), Upto(Proposed, Accepted)];

    [TestCaseSource(nameof(Over))]
    public void R1_what_is_over_or_with_a_receiver_is_reopened_into_triage(params ConsultationEvent[] past)
    {
        Request.Given(past).When(ReopenConsultation.Decide, Reopen).Then(Waits, Reopen.Reopened);
        var state = Consultation.Aggregate.Fold([.. past, Waits, Reopen.Reopened]);
        Assert.That((state.Status, state.Responsible, state.Next, state.Route), Is.EqualTo((ConsultationStatus.InTriage, Accountable.AreaCoordinators, Step(20), (Route?)null)));
    }

    [Test]
    public void What_is_open_anyway_is_not_reopened()
    {
        Request.Given().When(ReopenConsultation.Decide, Reopen).ThenRejected(Consultation.NotSubmitted);
        Request.Given(Upto(Started)).When(ReopenConsultation.Decide, Reopen).ThenRejected(Consultation.NotOver);
        Request.Given(Upto(Answered)).When(ReopenConsultation.Decide, Reopen).ThenRejected(Consultation.NotOver);
    }

    [Test]
    public void After_a_reopening_nothing_of_the_earlier_route_counts()
    {
        ConsultationEvent[] past = [.. Upto(Admitted), Withdrawn, Waits, Reopen.Reopened];
        Request.Given(past).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged)).ThenNothing();
        Request.Given(past).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started)).ThenNothing();
        var anew = Arranged with { RouteDecidedAt = Later.AddHours(1) };
        Request.Given([.. past, Routed with { DecidedAt = Later.AddHours(1) }]).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(anew)).Then(anew);
    }

    [Test]
    public void R8_a_withdrawn_consent_ends_every_access_in_the_same_act_and_asks_for_another_basis()
    {
        foreach (var past in new[] { Upto(Admitted), Upto(Admitted, Arranged), Upto(Started) })
        {
            Assert.That(Consultation.Aggregate.Fold(past).Access, Is.Not.Empty);
            Request.Given(past).When(EndConsent.Decide, Withdraw).Then(new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true));
            var state = Consultation.Aggregate.Fold([.. past, new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true)]);
            Assert.That((state.Status, state.Responsible, state.Next, state.Route, state.Access.Count), Is.EqualTo((ConsultationStatus.NeedsInformation, Accountable.Requester, Step(21), (Route?)null, 0)));
            Assert.That(state.AllowedActions, Does.Contain("consent").And.Contain("information").And.Contain("withdrawal").And.Not.Contain("consent/withdrawal"));
        }
    }

    [Test]
    public void R8_nobody_gets_access_while_the_consent_is_missing_even_by_a_word_that_was_on_its_way()
    {
        ConsultationEvent[] past = [.. Upto(Admitted), new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true)];
        var late = Later.AddHours(1);
        Request.Given(past).When(AdmitExpertOnExpertInvited.Decide, new AdmitExpertOnExpertInvited.Command(Id, OtherExpertId, Text, LastDay, late)).ThenNothing();
        Request.Given(past).When(ArrangeOnConsultationArranged.Decide, new ArrangeOnConsultationArranged.Command(Arranged with { RouteDecidedAt = late })).ThenNothing();
        Request.Given(past).When(ShowTeamOnTeamActivated.Decide, new ShowTeamOnTeamActivated.Command(Started with { RouteDecidedAt = late })).ThenNothing();
    }

    [Test]
    public void R1_a_new_consent_brings_the_matter_back_to_triage_and_experts_may_be_admitted_again()
    {
        ConsultationEvent[] past = [.. Upto(Admitted), new LegalBasisAwaited(Id, Now.AddMinutes(20), Step(21)), Ended(workEnds: true) with { EndedAt = Now.AddMinutes(20) }];
        Request.Given(past).When(RecordConsent.Decide, Record).Then(new TriageAwaited(Id, Later, Step(23), ForObjection: false), Record.Recorded);
        ConsultationEvent[] with = [.. past, new TriageAwaited(Id, Later, Step(23), ForObjection: false), Record.Recorded];
        Assert.That(Consultation.Aggregate.Fold(with).HasConsent, Is.True);
        Request.Given(with).When(AdmitExpertOnExpertInvited.Decide, new AdmitExpertOnExpertInvited.Command(Id, OtherExpertId, Text, LastDay, Later)).ThenEvents(typeof(ExpertAdmitted));
    }

    [Test]
    public void Another_legal_basis_given_as_information_takes_the_consents_place()
    {
        ConsultationEvent[] past = [.. Upto(Admitted), new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true)];
        Request.Given(past).When(AddInformation.Decide, new AddInformation.Command(Added with { LegalBasisType = "statutory", AddedAt = Later.AddHours(1) }, 0)).ThenEvents(typeof(InformationAdded));
        var state = Consultation.Aggregate.Fold([.. past, Added with { LegalBasisType = "statutory" }]);
        Assert.That((state.ConsentHasEnded, state.HasConsent), Is.EqualTo((false, false)));
    }

    [Test]
    public void A_consent_for_longer_changes_nothing_of_the_work() =>
        Request.Given(Upto(Started)).When(RecordConsent.Decide, Record).Then(Record.Recorded);

    [Test]
    public void R2_in_danger_the_coordinators_go_on_without_the_consent() =>
        Request.Given(Submitted with { ImmediateDanger = true }, TookOver with { Held = true }).When(EndConsent.Decide, Withdraw)
            .Then(new TriageAwaited(Id, Later, Step(22), ForObjection: false), Ended(workEnds: true));

    [Test]
    public void R8_without_the_consent_only_the_requesting_side_reads_what_was_there_and_others_what_was_said_to_them_since()
    {
        var told = Guid.CreateVersion7();
        var asked = new MessageSent(Id, Guid.CreateVersion7(), MessageSent.Requester, "coordinators", Now, Now.AddDays(3));
        var later = asked with { TextId = told, SentAt = Later.AddHours(1) };
        RequestersView Shown(params ConsultationEvent[] happened) => RequestersView.Fold(happened, happened.Length);
        var open = Shown([.. Upto(Started), asked]);
        var closed = Shown([.. Upto(Started), asked, new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true), later]);
        var answered = Shown([.. Upto(Answered), asked, Ended(workEnds: false)]);
        var renewed = Shown([.. Upto(Started), asked, new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true), Record.Recorded with { RecordedAt = Later.AddHours(2) }]);
        var danger = Shown(Submitted with { ImmediateDanger = true }, TookOver with { Held = true }, asked, new TriageAwaited(Id, Later, Step(22), ForObjection: false), Ended(workEnds: true));
        var over = Shown(Submitted with { ImmediateDanger = true }, TookOver with { Held = true }, asked, Withdrawn, Ended(workEnds: false));
        Assert.Multiple(() =>
        {
            Assert.That(new[] { open, closed, answered, renewed, danger, over }.Select(view => view.IsOpenToOthers(asked.TextId)), Is.EqualTo(new[] { true, false, false, true, true, false }));
            Assert.That(closed.IsOpenToOthers(told), Is.True);
            Assert.That(closed.IsOpenToOthers(Guid.NewGuid()), Is.False);
            Assert.That(new[] { closed, answered, danger }.Select(view => view.Timeline.Last(step => step.Text.StartsWith("consent", StringComparison.Ordinal)).Text), Is.EqualTo(new[] { "consent.withdrawn", "consent.withdrawn.nothingOpen", "consent.withdrawn.inDanger" }));
        });
    }

    [Test]
    public void What_is_answered_or_with_a_receiver_stays_so_without_the_consent()
    {
        foreach (var past in new[] { Upto(Answered), Upto(Proposed, Accepted) })
        {
            var before = Consultation.Aggregate.Fold(past);
            Request.Given(past).When(EndConsent.Decide, Withdraw).Then(Ended(workEnds: false));
            var after = Consultation.Aggregate.Fold([.. past, Ended(workEnds: false)]);
            Assert.That((after.Status, after.Responsible, after.Next), Is.EqualTo((before.Status, before.Responsible, before.Next)));
        }
    }

    [Test]
    public void An_answer_that_was_on_its_way_when_the_consent_ended_is_shown_and_nothing_is_asked_any_more()
    {
        var answer = Answered with { AnsweredAt = Later.AddSeconds(-1) };
        ConsultationEvent[] past = [.. Upto(Arranged), new LegalBasisAwaited(Id, Later, Step(21)), Ended(workEnds: true)];
        var asked = new AskRequesterOnInformationRequested.Command(Id, ["legalBasis"], Later.AddSeconds(1), Step(22));
        foreach (var before in new[] { past, [.. past, .. AskRequesterOnInformationRequested.Decide(Consultation.Aggregate.Fold(past), asked).Events] })
        {
            Request.Given(before).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(answer)).Then(answer, Ended(workEnds: false));
            ConsultationEvent[] after = [.. before, answer, Ended(workEnds: false)];
            var view = RequestersView.Fold(after, after.Length);
            Assert.That((view.Status, view.Responsible, view.Route, view.Answer?.TextId), Is.EqualTo((ConsultationStatus.Answered, (Accountable?)Accountable.Requester, (Route?)Route.HybridTeam, (Guid?)answer.AnswerTextId)));
            Assert.That(view.AllowedActions, Does.Contain("confirmation").And.Contain("objection"));
            Request.Given(after).When(AskRequesterOnInformationRequested.Decide, asked).ThenNothing();
            Request.Given(after).When(ResumeOnCaseReassessed.Decide, new ResumeOnCaseReassessed.Command(Id, true, Later.AddSeconds(2), Step(23))).ThenNothing();
        }

        Request.Given(past).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(answer with { AnsweredAt = Later.AddSeconds(1) })).ThenNothing();
        Request.Given(past).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(answer with { RouteDecidedAt = Routed.DecidedAt.AddMinutes(-1) })).ThenNothing();
        Request.Given([.. past, new TriageAwaited(Id, Later.AddHours(1), Step(23), ForObjection: false), Record.Recorded with { RecordedAt = Later.AddHours(1) }])
            .When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(answer)).ThenNothing();
        var alarmed = InDanger(past, Later.AddMinutes(1));
        Request.Given(alarmed).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(answer)).ThenEvents(typeof(ConsultationAnswered), typeof(StepHastened), typeof(ConsentEnded));
    }

    [Test]
    public void Only_a_consent_that_is_in_force_is_withdrawn()
    {
        Request.Given().When(EndConsent.Decide, Withdraw).ThenRejected(Consultation.NotSubmitted);
        Request.Given(Submitted, Withdrawn, new ConsultationErased(Id, Later, Later.AddDays(30))).When(EndConsent.Decide, Withdraw).ThenRejected(Consultation.AlreadyErased);
        Request.Given(Submitted with { LegalBasisType = "statutory" }).When(EndConsent.Decide, Withdraw).ThenRejected(Consultation.NoConsent);
    }

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void R8_a_consent_ends_when_its_last_day_is_over(int secondsAfter, bool ends)
    {
        var past = new ConsultationEvent[] { Submitted with { LegalBasisValidUntil = LastDay }, TookOver };
        var end = new DateTimeOffset(2027, 2, 13, 0, 0, 0, TimeSpan.Zero);
        Assert.That(Consultation.Aggregate.Deadlines(Consultation.Aggregate.Fold(past)).Single(deadline => deadline.Kind == Consultation.ConsentDeadline).DueAt, Is.EqualTo(end));
        var expire = Withdraw with { ReasonCode = ConsentEnded.Expired, Now = end.AddSeconds(secondsAfter) };
        if (ends)
        {
            Request.Given(past).When(EndConsent.DecideExpiry, expire).ThenEvents(typeof(LegalBasisAwaited), typeof(ConsentEnded));
        }
        else
        {
            Request.Given(past).When(EndConsent.DecideExpiry, expire).ThenNothing();
        }
    }

    [Test]
    public void A_consent_that_was_prolonged_does_not_end_on_its_first_last_day() =>
        Request.Given(Submitted with { LegalBasisValidUntil = LastDay }, TookOver, Record.Recorded with { ValidUntil = LastDay.AddDays(90) })
            .When(EndConsent.DecideExpiry, Withdraw with { Now = Now.AddDays(100) }).ThenNothing();

    [TestCase(true)]
    [TestCase(false)]
    public void R8_the_consent_of_a_request_that_is_over_is_withdrawn_and_ends_on_its_last_day(bool closed)
    {
        var past = new ConsultationEvent[]
        {
            Submitted with { LegalBasisValidUntil = LastDay }, closed ? new ConsultationClosed(Id, CloseWhenObjectionTimeIsOver.Reason, Now) : Withdrawn,
        };
        var before = Consultation.Aggregate.Fold(past);
        Assert.That(before.AllowedActions, Does.Contain("consent/withdrawal").And.Not.Contains("consent"));
        Assert.That(Consultation.Aggregate.Deadlines(before).Select(deadline => deadline.Kind), Is.EqualTo(new[] { Consultation.ConsentDeadline }));
        Request.Given(past).When(EndConsent.Decide, Withdraw).Then(new ConsentEnded(Id, ConsentEnded.Withdrawn, WorkEnds: false, Withdraw.ReasonTextId, Withdraw.Now));
        Request.Given(past).When(EndConsent.DecideExpiry, Withdraw with { ReasonCode = ConsentEnded.Expired, Now = Now.AddYears(1) }).ThenEvents(typeof(ConsentEnded));

        var after = Consultation.Aggregate.Fold([.. past, new ConsentEnded(Id, ConsentEnded.Withdrawn, WorkEnds: false, null, Now)]);
        Assert.That((after.Status, after.Responsible, after.Next), Is.EqualTo((closed ? ConsultationStatus.Closed : ConsultationStatus.Withdrawn, (Accountable?)null, (NextStep?)null)));
        Assert.That(after.AllowedActions, Does.Not.Contain("consent/withdrawal"));
        Assert.That(Consultation.Aggregate.Deadlines(after), Is.Empty);
    }

    [Test]
    public void Nothing_expires_that_is_erased_or_rests_on_no_consent()
    {
        foreach (var past in new ConsultationEvent[][]
        {
            [Submitted with { LegalBasisValidUntil = LastDay }, Withdrawn, new ConsultationErased(Id, Later, Later.AddDays(30))],
            [Submitted with { LegalBasisValidUntil = LastDay, LegalBasisType = "statutory" }],
        })
        {
            Assert.That(Consultation.Aggregate.Deadlines(Consultation.Aggregate.Fold(past)).Select(deadline => deadline.Kind), Does.Not.Contain(Consultation.ConsentDeadline));
            var after = Consultation.Aggregate.Fold(past);
            Assert.That(EndConsent.DecideExpiry(after, Withdraw with { Now = Now.AddYears(1) }).Events, Is.Empty);
            Assert.That(after.AllowedActions, Does.Not.Contain("consent/withdrawal"));
        }
    }

    [Test]
    public void R2_danger_in_an_undecided_matter_takes_the_step_from_the_requester_and_goes_its_own_way()
    {
        ConsultationEvent[] past = [Submitted, TookOver, Asked];
        Request.Given(past).When(ReportSafety.Decide, Danger).Then(new TriageAwaited(Id, Later, Step(1), ForObjection: false), Danger.Reported, new ImmediateDangerReported(Id, Submitted, Later));
        Assert.That(Published.MapDanger(new ImmediateDangerReported(Id, Submitted, Later)), Is.InstanceOf<Wire.ImmediateDangerReported>());
        var view = RequestersView.Fold([.. past, Danger.Reported], 4);
        Assert.That(view.EmergencyNotice, Is.EqualTo(EmergencyNotice.ImmediateDanger));
    }

    [Test]
    public void R3_danger_leaves_those_who_work_on_it_and_gives_the_coordinators_minutes()
    {
        foreach (var past in new[] { Upto(Arranged), Upto(Started), Upto(Proposed, Accepted), Upto(Gap), Upto() })
        {
            var before = Consultation.Aggregate.Fold(past);
            Request.Given(past).When(ReportSafety.Decide, Danger).ThenEvents(typeof(StepHastened), typeof(SafetyReported), typeof(ImmediateDangerReported));
            var state = Consultation.Aggregate.Fold([.. past, .. ReportSafety.Decide(before, Danger).Events]);
            Assert.That((state.Status, state.Responsible, state.Next, state.Access), Is.EqualTo((before.Status, Accountable.AreaCoordinators, Step(1), before.Access)));
        }
    }

    [Test]
    public void Whoever_sees_to_the_danger_by_writing_lets_the_work_go_on_as_it_was()
    {
        ConsultationEvent[] past = [.. Upto(Started), .. ReportSafety.Decide(Consultation.Aggregate.Fold(Upto(Started)), Danger).Events];
        var overdue = new NextStepOverdue(Id, Accountable.CoordinatingTeam, Later, Step(3));
        foreach (var (happened, now) in new[] { (past, Now.AddHours(1)), ([.. past, overdue], Now.AddHours(2)) })
        {
            Request.Given(happened).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "coordinator", "requester", now, Step(50)))
                .Then(new MessageSent(Id, Text, "coordinator", "requester", now), new StepResumed(Id, Accountable.ResponsibleWorker, now, Started.Next));
        }

        Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "coordinator", "requester", Now.AddHours(9), Step(50)))
            .Then(new MessageSent(Id, Text, "coordinator", "requester", Now.AddHours(9)), new StepResumed(Id, Accountable.ResponsibleWorker, Now.AddHours(9), Step(50)));
        Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "requester", null, Now.AddHours(1))).ThenEvents(typeof(MessageSent));
    }

    [Test]
    public void R11_an_experts_message_does_not_see_to_a_danger()
    {
        var past = InDanger(Upto(Started));
        Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "expert", "requester", Now.AddHours(1))).ThenEvents(typeof(MessageSent));
        Assert.That(Consultation.Aggregate.Fold([.. past, new MessageSent(Id, Text, "expert", "requester", Now.AddHours(1))]).Responsible, Is.EqualTo(Accountable.AreaCoordinators));
    }

    private static IEnumerable<TestCaseData> ByItself =>
    [
        new TestCaseData(Upto(), Started, (Act)(state => ShowTeamOnTeamActivated.Decide(state, new(Started)))).SetArgDisplayNames("a team starts"),
        new TestCaseData(Upto(), Arranged, (Act)(state => ArrangeOnConsultationArranged.Decide(state, new(Arranged)))).SetArgDisplayNames("an expert takes it"),
        new TestCaseData(Upto(), Gap, (Act)(state => ShowGapOnServiceGapFound.Decide(state, new(Gap)))).SetArgDisplayNames("a gap"),
        new TestCaseData(Upto(), Handed, (Act)(state => ShowCoordinatorOnAssemblyHandedToCoordinator.Decide(state, new(Handed)))).SetArgDisplayNames("handed over"),
        new TestCaseData(Upto(Arranged), Answered, (Act)(state => ShowAnswerOnConsultationAnswered.Decide(state, new(Answered)))).SetArgDisplayNames("an answer"),
        new TestCaseData(Upto(Started), Requests.Ended, (Act)(state => ShowResultOnTeamDisbanded.Decide(state, new(Requests.Ended)))).SetArgDisplayNames("a team's end"),
        new TestCaseData(Upto(), Proposed, (Act)(state => FollowReferralOnReferralProposed.Decide(state, new(Proposed)))).SetArgDisplayNames("a referral proposed"),
        new TestCaseData(Upto(Proposed), Accepted, (Act)(state => FollowReferralOnReferralAccepted.Decide(state, new(Accepted)))).SetArgDisplayNames("a referral accepted"),
        new TestCaseData(Upto(Proposed), Returned, (Act)(state => FollowReferralOnReferralReturned.Decide(state, new(Returned)))).SetArgDisplayNames("a referral returned"),
        new TestCaseData(new ConsultationEvent[] { Submitted, TookOver }, Routed, (Act)(state => FollowRouteOnRouteDecided.Decide(state, new(Id, Route.HybridTeam, false, Routed.DecidedAt, Routed.Next)))).SetArgDisplayNames("a route decided before"),
        new TestCaseData(new ConsultationEvent[] { Submitted, TookOver }, Routed with { ByPolicy = true, DecidedAt = Later.AddMinutes(1) }, (Act)(state => FollowRouteOnRouteDecided.Decide(state, new(Id, Route.HybridTeam, true, Later.AddMinutes(1), Routed.Next)))).SetArgDisplayNames("a route by policy"),
        new TestCaseData(new ConsultationEvent[] { Submitted, TookOver }, Asked, (Act)(state => AskRequesterOnInformationRequested.Decide(state, new(Id, Asked.Asked, Asked.AskedAt, Asked.Next)))).SetArgDisplayNames("a question"),
        new TestCaseData(new ConsultationEvent[] { Submitted, TookOver }, Resumed, (Act)(state => ResumeOnCaseReassessed.Decide(state, new(Id, false, Resumed.ResumedAt, Resumed.Next)))).SetArgDisplayNames("weighed without danger"),
        new TestCaseData(new ConsultationEvent[] { Submitted }, TookOver, (Act)(state => TakeOverOnCaseOpened.Decide(state, new(Id, false, TookOver.TookOverAt, TookOver.Next)))).SetArgDisplayNames("opened without danger"),
    ];

    private delegate Decision<ConsultationEvent> Act(Consultation state);

    [TestCaseSource(nameof(ByItself))]
    public void R11_what_happens_by_itself_leaves_the_danger_with_the_coordinators_and_goes_on_when_somebody_has_seen_to_it(
        ConsultationEvent[] past, ConsultationEvent happens, Delegate act)
    {
        ArgumentNullException.ThrowIfNull(act);
        var alarmed = InDanger(past);
        var before = Consultation.Aggregate.Fold(alarmed);
        var events = Request.Given(alarmed).When((state, _) => ((Act)act)(state), 0).ThenEvents(happens.GetType(), typeof(StepHastened));
        Assert.That(events[0], Is.EqualTo(happens));
        ConsultationEvent[] after = [.. alarmed, .. events];
        var (state, standing) = (Consultation.Aggregate.Fold(after), Standing.After(happens)!);
        Assert.That((state.Status, state.Responsible, state.Next), Is.EqualTo((standing.Status ?? before.Status, before.Responsible, before.Next)));
        Assert.That(Consultation.Aggregate.Deadlines(state).Single(), Is.EqualTo(new WantedDeadline(Consultation.NextStepDeadline, before.Next!.OverdueAt)), "It is watched, and closed by no clock.");
        Request.Given(after).When(CloseWhenObjectionTimeIsOver.Decide, new CloseWhenObjectionTimeIsOver.Command(Id, Now.AddYears(1))).ThenNothing();
        Request.Given(after).When(EscalateOverdueStep.Decide, new EscalateOverdueStep.Command(Id, before.Next.OverdueAt, Step(60))).ThenEvents(typeof(NextStepOverdue));

        var seen = SendMessage.Decide(state, new SendMessage.Command(Id, Text, "coordinator", "requester", Later.AddMinutes(5), Step(50))).Events;
        var resumed = Consultation.Aggregate.Fold([.. after, .. seen]);
        var due = standing.Next!.DueBy > Later.AddMinutes(5) ? standing.Next : Step(50);
        Assert.That((resumed.Responsible, resumed.Next, resumed.AlarmedAt), Is.EqualTo((standing.Responsible, due, (DateTimeOffset?)null)));
    }

    [Test]
    public void R2_a_coordinator_who_decides_or_answers_after_the_report_has_seen_to_the_danger()
    {
        var alarmed = InDanger([Submitted, TookOver]);
        Request.Given(alarmed).When(FollowRouteOnRouteDecided.Decide, new FollowRouteOnRouteDecided.Command(Id, Route.HybridTeam, false, Later.AddMinutes(1), Step(6))).ThenEvents(typeof(RouteFollowed));
        var held = Resumed with { Held = true, ResumedAt = Later.AddSeconds(1) };
        Request.Given(alarmed).When(ResumeOnCaseReassessed.Decide, new ResumeOnCaseReassessed.Command(Id, true, held.ResumedAt, held.Next)).Then(held);
        Request.Given(InDanger(Upto(Arranged))).When(ShowAnswerOnConsultationAnswered.Decide, new ShowAnswerOnConsultationAnswered.Command(Answered with { By = "coordinator", AnsweredAt = Later.AddMinutes(1) }))
            .ThenEvents(typeof(ConsultationAnswered));

        // The team of the new route was heard of first.
        var again = Later.AddMinutes(1);
        var started = ShowTeamOnTeamActivated.Decide(Consultation.Aggregate.Fold(InDanger(Upto())), new(Started with { RouteDecidedAt = again })).Events;
        Request.Given([.. InDanger(Upto()), .. started]).When(FollowRouteOnRouteDecided.Decide, new FollowRouteOnRouteDecided.Command(Id, Route.StandingTeam, false, again, Step(6)))
            .Then(new RouteLearned(Id, Route.StandingTeam, false, again), new StepResumed(Id, Accountable.ResponsibleWorker, again, Started.Next));
    }

    [Test]
    public void R2_a_coordinator_who_keeps_the_route_lets_the_work_go_on_as_it_was()
    {
        var kept = new ResumeOnRouteKept.Command(Id, Later.AddMinutes(10), Step(50));
        foreach (var (past, next) in new[] { (Upto(Started), Started.Next), (Upto(Started with { Next = Step(0) }), Step(50)) })
        {
            Request.Given(InDanger(past)).When(ResumeOnRouteKept.Decide, kept).Then(new StepResumed(Id, Accountable.ResponsibleWorker, kept.KeptAt, next));
        }

        Request.Given(InDanger(Upto(Started))).When(ResumeOnRouteKept.Decide, kept with { KeptAt = Later.AddMinutes(-1) }).ThenNothing();
        Request.Given(Upto(Started)).When(ResumeOnRouteKept.Decide, kept).ThenNothing();
        Request.Given().When(ResumeOnRouteKept.Decide, kept).ThenRejected(Consultation.NotSubmitted);
        Request.Given(Submitted, Withdrawn).When(ResumeOnRouteKept.Decide, kept).ThenRejected(Consultation.AlreadyWithdrawn);
    }

    [Test]
    public void R2_danger_reported_once_more_puts_off_nobodys_date()
    {
        var once = Danger with { Reported = Danger.Reported with { ReportedAt = Later.AddMinutes(20) }, Next = Step(2) };
        foreach (var past in new[] { InDanger(Upto(Started)), InDanger([Submitted, TookOver]) })
        {
            var events = Request.Given(past).When(ReportSafety.Decide, once).ThenEvents(past.Length > 5 ? typeof(StepHastened) : typeof(TriageAwaited), typeof(SafetyReported), typeof(ImmediateDangerReported));
            Assert.That(Consultation.Aggregate.Fold([.. past, .. events]).Next, Is.EqualTo(Step(1)));
        }
    }

    [Test]
    public void R1_danger_after_an_answer_brings_the_matter_back_to_triage_and_is_never_closed_by_the_clock()
    {
        var events = Request.Given(Upto(Answered)).When(ReportSafety.Decide, Danger).ThenEvents(typeof(AnswerObjected), typeof(TriageAwaited), typeof(SafetyReported), typeof(ImmediateDangerReported));
        var state = Consultation.Aggregate.Fold([.. Upto(Answered), .. events]);
        Assert.That((state.Status, Consultation.Aggregate.Deadlines(state).Single().Kind), Is.EqualTo((ConsultationStatus.InTriage, Consultation.NextStepDeadline)));
    }

    [Test]
    public void Urgency_hurries_those_who_decide_and_nobody_else()
    {
        var urgent = new ReportSafety.Command(Danger.Reported with { ImmediateDanger = false, Urgency = Urgency.Urgent }, Step(1));
        Request.Given(Submitted, TookOver).When(ReportSafety.Decide, urgent).Then(new StepHastened(Id, Accountable.AreaCoordinators, false, Later, Step(1)), urgent.Reported);
        Request.Given([Submitted, TookOver, .. ReportSafety.Decide(Consultation.Aggregate.Fold([Submitted, TookOver]), urgent).Events])
            .When(SendMessage.Decide, new SendMessage.Command(Id, Text, "coordinator", "requester", Later.AddMinutes(5), Step(50))).ThenEvents(typeof(MessageSent));
        Request.Given(Submitted, TookOver).When(ReportSafety.Decide, urgent with { Next = Step(3) }).Then(urgent.Reported);
        Request.Given(Submitted, TookOver, Asked).When(ReportSafety.Decide, urgent).Then(urgent.Reported);
        Request.Given(Upto(Started)).When(ReportSafety.Decide, urgent).Then(urgent.Reported);
    }

    [TestCase(Accountable.Expert, "expert")]
    [TestCase(Accountable.ResponsibleWorker, "team")]
    [TestCase(Accountable.Receiver, "receiver")]
    [TestCase(Accountable.Requester, "areaCoordinators")]
    [TestCase(Accountable.Coordinator, "coordinator")]
    [TestCase(Accountable.CoordinatingTeam, "coordinatingTeam")]
    [TestCase(Accountable.AreaCoordinators, "areaCoordinators")]
    public void A_message_goes_to_whoever_acts_now(Accountable acts, string to) =>
        Request.Given([.. Upto(), new NextStepOverdue(Id, acts, Now, Step(1))]).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "requester", null, Later, AnswerBy: Later.AddDays(2)))
            .Then(new MessageSent(Id, Text, "requester", to, Later, Later.AddDays(2)));

    [Test]
    public void Messages_have_an_end()
    {
        ConsultationEvent[] past = [Submitted, .. Enumerable.Range(1, Consultation.MostMessages).Select(number => new MessageSent(Id, new Guid(number, 0, 0, new byte[8]), "requester", "areaCoordinators", Now))];
        Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "requester", null, Later)).ThenRejected(Consultation.TooManyMessages);
        Request.Given(past[..^1]).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "requester", null, Later)).ThenEvents(typeof(MessageSent));
        Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "expert", "requester", Later)).ThenEvents(typeof(MessageSent));
        ConsultationEvent[] theirs = [Submitted, .. past[1..].Select(sent => (MessageSent)sent with { From = "expert", To = "requester" })];
        Request.Given(theirs).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "expert", "requester", Later)).ThenRejected(Consultation.TooManyMessages);
        Request.Given([.. theirs.Select(sent => sent is MessageSent message ? message with { From = "coordinator" } : sent)])
            .When(SendMessage.Decide, new SendMessage.Command(Id, Text, "coordinator", "requester", Later)).ThenEvents(typeof(MessageSent));
    }

    [Test]
    public void R1_a_holder_of_knowledge_is_a_way_and_not_an_end()
    {
        ConsultationEvent[] past = [Submitted, TookOver, Routed with { Route = Route.KnowledgeHolder }];
        var confirm = new ConfirmAnswer.Command(Id, Later, ObjectUntil(30));
        Request.Given(past).When(ConfirmAnswer.Decide, confirm).Then(new ContactConfirmed(Id, Later, ObjectUntil(30)));
        Request.Given(past).When(ObjectToAnswer.Decide, new ObjectToAnswer.Command(Objected, Step(20))).ThenEvents(typeof(AnswerObjected), typeof(TriageAwaited));
        ConsultationEvent[] reached = [.. past, new ContactConfirmed(Id, Later, ObjectUntil(30))];
        Request.Given(reached).When(ConfirmAnswer.Decide, confirm with { Now = Later.AddHours(1) }).ThenEvents(typeof(ConsultationClosed));
        Request.Given(reached).When(CloseWhenObjectionTimeIsOver.Decide, new CloseWhenObjectionTimeIsOver.Command(Id, Now.AddHours(30))).ThenEvents(typeof(ConsultationClosed));
    }

    [Test]
    public void What_is_over_takes_no_further_word()
    {
        foreach (var (past, rule) in new[] { (new ConsultationEvent[] { Submitted, Withdrawn }, Consultation.AlreadyWithdrawn), ([], Consultation.NotSubmitted) })
        {
            Request.Given(past).When(ReportSafety.Decide, Danger).ThenRejected(rule);
            Request.Given(past).When(SendMessage.Decide, new SendMessage.Command(Id, Text, "requester", null, Later)).ThenRejected(rule);
            Request.Given(past).When(ChangeResponsibleWorker.Decide, new ChangeResponsibleWorker.Command(new ResponsibleWorkerChanged(Id, "own-worker", "w-2", null, Later))).ThenRejected(rule);
            Request.Given(past).When(CorrectConsultation.Decide, new CorrectConsultation.Command(new ConsultationCorrected(Id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), Later))).ThenRejected(rule);
            Request.Given(past).When(RecordConsent.Decide, Record).ThenRejected(rule);
        }

        Request.Given(Submitted, Withdrawn).When(GiveFeedback.Decide, new GiveFeedback.Command(new FeedbackGiven(Id, 3, null, Later))).ThenRejected(Consultation.NoFeedback);
        Request.Given().When(GiveFeedback.Decide, new GiveFeedback.Command(new FeedbackGiven(Id, 3, null, Later))).ThenRejected(Consultation.NotSubmitted);
    }

    [Test]
    public void The_same_word_once_more_changes_nothing()
    {
        Request.Given(Upto(Started)).When(ChangeResponsibleWorker.Decide, new ChangeResponsibleWorker.Command(new ResponsibleWorkerChanged(Id, "own-worker", "w-2", null, Later))).ThenEvents(typeof(ResponsibleWorkerChanged));
        Request.Given(Upto(Started)).When(CorrectConsultation.Decide, new CorrectConsultation.Command(new ConsultationCorrected(Id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), Later))).ThenEvents(typeof(ConsultationCorrected));
        Request.Given(Upto(Answered)).When(GiveFeedback.Decide, new GiveFeedback.Command(new FeedbackGiven(Id, 3, null, Later))).ThenEvents(typeof(FeedbackGiven));
        Request.Given(Upto(Answered, new FeedbackGiven(Id, 3, null, Now))).When(GiveFeedback.Decide, new GiveFeedback.Command(new FeedbackGiven(Id, 3, null, Later))).ThenRejected(Consultation.NoFeedback);
    }

    [Test]
    public void The_others_are_told_without_a_word_of_the_reason()
    {
        Assert.That(Published.Map(Reopen.Reopened), Is.EqualTo(new Wire.ConsultationReopened(Id, Text, Later)));
        Assert.That(Published.Map(Ended(workEnds: true)), Is.EqualTo(new Wire.ConsentEnded(Id, "withdrawn", true, Later)));
        Assert.That(Published.Map(Record.Recorded), Is.EqualTo(new Wire.ConsentRecorded(Id, LastDay, Later)));
    }

    /// <summary>The past, and then danger is reported.</summary>
    private static ConsultationEvent[] InDanger(ConsultationEvent[] past, DateTimeOffset? at = null) =>
        [.. past, .. ReportSafety.Decide(Consultation.Aggregate.Fold(past), Danger with { Reported = Danger.Reported with { ReportedAt = at ?? Later } }).Events];

    private static ConsentEnded Ended(bool workEnds) => new(Id, ConsentEnded.Withdrawn, workEnds, null, Later);
}

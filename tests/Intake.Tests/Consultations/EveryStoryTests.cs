using FsCheck;
using FsCheck.Fluent;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>
/// Random stories: the requester's words, Triage's and the assembly's in any order and however late, and time that passes with all its
/// deadlines. Whatever happens, somebody is accountable, by a date, and there is a way on.
/// </summary>
[TestFixture]
internal sealed class EveryStoryTests
{
    private const int Stories = 1_000;
    private const int MostRounds = 20;

    /// <param name="Act">Which of the acts below.</param>
    /// <param name="Minutes">How much time passes before it.</param>
    /// <param name="Late">How long a message was on its way.</param>
    /// <param name="Choice">Which variant of the act.</param>
    public sealed record Chapter(int Act, int Minutes, int Late, int Choice);

    private delegate Decision<ConsultationEvent> Act(Consultation state, DateTimeOffset now, DateTimeOffset said, int choice);

    /// <summary>What the requester may do, by the name that allowedActions gives it and in its order.</summary>
    private static readonly (string Action, Act Act)[] Requester =
    [
        ("information", (state, now, _, choice) => AddInformation.Decide(state, new(Added with { AddedAt = now, LegalBasisType = choice % 3 == 0 ? "statutory" : null, Next = After(now) }, 1))),
        ("confirmation", (state, now, _, _) => ConfirmAnswer.Decide(state, new(Id, now, Objection(now)))),
        ("objection", (state, now, _, _) => ObjectToAnswer.Decide(state, new(Objected with { ObjectedAt = now }, After(now)))),
        ("withdrawal", (state, now, _, _) => WithdrawConsultation.Decide(state, new(Id, now))),
        ("reopening", (state, now, _, _) => ReopenConsultation.Decide(state, new(new ConsultationReopened(Id, Id, now), After(now)))),
        ("messages", (state, now, _, choice) => SendMessage.Decide(state, new(Id, New(now, choice), "requester", null, now, AnswerBy: After(now).DueBy))),
        ("safety", (state, now, _, choice) => ReportSafety.Decide(state, new(new SafetyReported(Id, choice % 2 == 0, true, Urgency.Urgent, EmergencyNotice.None, new Dictionary<string, Guid>(), now), Soon(now)))),
        ("responsible-worker", (state, now, _, _) => ChangeResponsibleWorker.Decide(state, new(new ResponsibleWorkerChanged(Id, "own-worker", "w-2", null, now)))),
        ("correction", (state, now, _, _) => CorrectConsultation.Decide(state, new(new ConsultationCorrected(Id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), now)))),
        ("feedback", (state, now, _, choice) => GiveFeedback.Decide(state, new(new FeedbackGiven(Id, 1 + (choice % 5), null, now)))),
        ("consent", (state, now, _, choice) => RecordConsent.Decide(state, new(new ConsentRecorded(Id, choice % 2 == 0 ? Day(now).AddDays(2) : null, null, now), After(now)))),
        ("consent/withdrawal", (state, now, _, _) => EndConsent.Decide(state, new(Id, ConsentEnded.Withdrawn, null, now, After(now), Soon(now)))),
        ("erasure", (state, now, _, _) => Erase(state, now)),
    ];

    /// <summary>Requests whose case may carry the matter, and how far they may have come.</summary>
    private static readonly Guid[] Others = [.. Enumerable.Range(1, 3).Select(number => New(Now, -number))];

    private static readonly ConsultationEvent[][] OthersPasts =
    [
        [Submitted], [Submitted, TookOver], [Submitted, TookOver, Asked], Upto(), Upto(Admitted, Arranged), Upto(Admitted, Started), Upto(Gap), Upto(Handed),
        Upto(Admitted, Arranged, Answered), Upto(Started, Ended), [Submitted, TookOver, Routed with { Route = Route.SpecialLevel }, Proposed, Accepted], Upto(Withdrawn), Upto(Answered, Closed),
    ];

    private static readonly Act[] FromOthers =
    [
        (state, now, said, _) => TakeOverOnCaseOpened.Decide(state, new(Id, false, said, After(now))),
        (state, now, said, choice) => ResumeOnCaseReassessed.Decide(state, new(Id, choice % 2 == 0, said, After(now))),
        (state, now, said, _) => AskRequesterOnInformationRequested.Decide(state, new(Id, ["triedSoFar"], said, After(now))),
        (state, now, said, choice) => FollowRouteOnRouteDecided.Decide(state, new(Id, Enum.GetValues<Route>()[choice % Enum.GetValues<Route>().Length], choice % 5 == 0, said, After(now))),
        (state, now, said, _) => FollowReferralOnReferralProposed.Decide(state, new(Proposed with { ProposedAt = said, Next = After(now) })),
        (state, now, said, _) => FollowReferralOnReferralAccepted.Decide(state, new(Accepted with { AcceptedAt = said, Next = After(now) })),
        (state, now, said, _) => FollowReferralOnReferralReturned.Decide(state, new(Returned with { ReturnedAt = said, Next = After(now) })),
        (state, now, said, choice) => AdmitExpertOnExpertInvited.Decide(state, new(Id, OtherExpertId, New(said, choice), Day(now).AddDays(7), said)),
        (state, now, said, choice) => AdmitExpertOnExpertInvited.Decide(state, new(Id, OtherExpertId, New(said, choice), Day(now).AddDays(3), said, Assesses: true)),
        (state, now, _, choice) => EndAccess.Decide(state, new(Id, choice % 2 == 0 || state.Access.Count == 0 ? null : state.Access[^1].InvitationId, now)),
        (state, now, said, choice) => ArrangeOnConsultationArranged.Decide(state, new(Arranged with { ArrangedAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = After(now) })),
        (state, now, said, choice) => ShowTeamOnTeamActivated.Decide(state, new(Started with { StartedAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = After(now) })),
        (state, now, said, choice) => ShowGapOnServiceGapFound.Decide(state, new(Gap with { FoundAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = After(now) })),
        (state, now, said, choice) => ShowCoordinatorOnAssemblyHandedToCoordinator.Decide(state, new(Handed with { HandedAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = After(now) })),
        (state, now, said, choice) => ShowAnswerOnConsultationAnswered.Decide(state, new(Answered with { AnsweredAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = Objection(now) })),
        (state, now, said, choice) => ShowResultOnTeamDisbanded.Decide(state, new(Ended with { EndedAt = now, RouteDecidedAt = DecisionOf(state, said, choice), Next = Objection(now) })),
        (state, now, _, _) => PassOn.Decide(state, new(Id, now, After(now))),
        (state, now, _, choice) => SendMessage.Decide(state, new(Id, New(now, choice), choice % 2 == 0 ? "coordinator" : "expert", "requester", now, choice % 2 == 0 ? After(now) : null)),
        (state, now, said, _) => ResumeOnRouteKept.Decide(state, new(Id, said, After(now))),
        (state, now, said, choice) => FollowTransfer.Decide(state, new(new TransferFollowed(Id, Enum.GetValues<TransferStep>()[choice % 4], choice % 2 == 0 ? "lansi" : "ita", choice % 4 > 1 ? 1 + (choice % 3) : 0, said, After(now)))),
        (state, now, said, choice) => FollowClaim.Decide(state, new(Id, choice % 3 != 0, said)),
        (state, now, said, choice) => LinkOnCasesLinked.Decide(state, new(Id, Others[choice % 3], said, OthersPasts[choice % OthersPasts.Length], Objection(now), Soon(now), now, choice % 2 == 0 ? After(now) : null)),
        (state, now, _, choice) => UnlinkOnCaseUnlinked.Decide(
            state, new(Id, state.Lead ?? Id, now, choice % 2 == 0 ? After(now) : null, Since: state.Order.Assembly is not null && choice % 3 == 0 ? new(new HashSet<Guid> { ExpertId }) : null)),
    ];

    // Nothing comes after an erasure: if it came as often as the rest, few stories would be long.
    private static readonly Act Seldom = (state, now, _, choice) => choice == 0 ? Erase(state, now) : Decision<ConsultationEvent>.Nothing;

    private static readonly Act[] Acts = [.. Requester.Where(entry => entry.Action != "erasure").Select(entry => entry.Act), .. FromOthers, Seldom];

    [Test]
    public void R2_in_no_story_is_an_open_request_without_an_accountable_party_and_a_date() => InEveryStory((state, _) =>
    {
        Assert.That(state.Responsible is not null && state.Next is not null, Is.EqualTo(state.IsOpen), state.Status.ToString());
        Assert.That(
            Consultation.Aggregate.Deadlines(state).Where(deadline => deadline.Kind is Consultation.NextStepDeadline or Consultation.ObjectionDeadline).Select(deadline => deadline.DueAt),
            Is.EqualTo(state.Next is { } next ? [next.OverdueAt] : Array.Empty<DateTimeOffset>()));
    });

    [Test]
    public void R2_in_no_story_waits_a_message_without_a_date_that_is_watched() => InEveryStory((state, _) =>
    {
        var watched = Consultation.Aggregate.Deadlines(state).Where(deadline => deadline.Kind == Consultation.MessageDeadline).Select(deadline => deadline.DueAt);
        Assert.That(watched, Is.EqualTo(state.Unanswered is { } message ? [message.AnswerBy] : Array.Empty<DateTimeOffset>()));
        Assert.That(state.Unanswered is null || state.IsOpen, Is.True, $"{state.Status}");
    });

    [Test]
    public void R11_in_no_story_does_a_danger_that_nobody_has_seen_to_leave_the_coordinators() => InEveryStory((state, _) =>
        Assert.That(state.AlarmedAt is null || (state.IsOpen && state.Responsible is Accountable.AreaCoordinators or Accountable.CoordinatingTeam), Is.True, $"{state.Status} {state.Responsible}"));

    [Test]
    public void C34_in_no_story_does_a_request_that_nobody_has_read_leave_the_coordinators_or_close_by_itself() => InEveryStory((state, now) =>
    {
        Assert.That(state.UnreadSince is null || (state.IsOpen && state.Responsible is Accountable.AreaCoordinators or Accountable.CoordinatingTeam), Is.True, $"{state.Status} {state.Responsible}");
        Assert.That(state.UnreadSince is null || CloseWhenObjectionTimeIsOver.Decide(state, new(Id, now.AddYears(1))).Events.Count == 0, Is.True, state.Status.ToString());
    });

    [Test]
    public void R8_in_no_story_does_an_expert_keep_access_to_what_is_over_or_has_lost_its_consent() => InEveryStory((state, _) =>
        Assert.That(state.Access.Count == 0 || (state.IsOpen && !state.ConsentHasEnded), Is.True, state.Status.ToString()));

    [Test]
    public void In_every_story_the_allowed_actions_are_those_that_are_not_refused() => InEveryStory((state, now) =>
    {
        var taken = Requester.Where(entry => entry.Act(state, now.AddSeconds(1), now, 1).Events.Count > 0).Select(entry => entry.Action);
        Assert.That(state.AllowedActions, Is.EqualTo(taken), state.Status.ToString());
    });

    [Test]
    public void R1_no_story_comes_to_a_dead_end() => InEveryStory((state, now) =>
    {
        if (state.Erased)
        {
            Assert.That(state.Status, Is.AnyOf(ConsultationStatus.Withdrawn, ConsultationStatus.Closed));
            return;
        }

        var end = Ends(state, now);
        Assert.That(end.Status, Is.EqualTo(ConsultationStatus.Closed), state.Status.ToString());
        Assert.That(WithdrawConsultation.Decide(state, new(Id, now)).Rejection is null || state.Ended is not null, Is.True, state.Status.ToString());
    });

    [Test]
    public void C34_R2_of_two_linked_requests_neither_is_ever_without_an_accountable_party_and_a_date_or_a_way_on() => InEveryStoryOfTwo((carrying, linked, now, _) =>
    {
        foreach (var state in new[] { carrying, linked })
        {
            Assert.That(state.Responsible is not null && state.Next is not null, Is.EqualTo(state.IsOpen), state.Status.ToString());
            Assert.That(state.Access.Count == 0 || (state.IsOpen && !state.ConsentHasEnded), Is.True, state.Status.ToString());
            if (!state.Erased)
            {
                Assert.That(Ends(state, now).Status, Is.EqualTo(ConsultationStatus.Closed), state.Status.ToString());
            }
        }
    });

    [Test]
    public void C34_what_is_said_about_the_case_that_carries_the_matter_reaches_both_requesters() => InEveryStoryOfTwo((carrying, linked, _, before) =>
    {
        if (before is { } earlier && earlier.Linked.IsOpen && earlier.Carrying.IsOpen && earlier.Linked.Status == earlier.Carrying.Status
            && Alike(earlier.Carrying, earlier.Linked) && linked.Lead is not null && carrying.Status != earlier.Carrying.Status)
        {
            Assert.That(linked.Status, Is.EqualTo(carrying.Status));
        }
    });

    private static bool IsAboutTheCase(Act act) => Array.IndexOf(FromOthers, act) is >= 0 and var at && at < FromOthers.Length - 2;

    /// <summary>Nothing of their own lets the two take the same word differently.</summary>
    private static bool Alike(Consultation one, Consultation other) => one.Order == other.Order && one.ConsentHasEnded == other.ConsentHasEnded && one.Next == other.Next && one.Interrupted == other.Interrupted;

    /// <summary>Stories of two requests, of which the second is linked to the first now and then: what others say about the first is for both.</summary>
    private static void InEveryStoryOfTwo(Action<Consultation, Consultation, DateTimeOffset, (Consultation Carrying, Consultation Linked)?> holds) => ForAll(story =>
    {
        var now = Now;
        var past = new List<ConsultationEvent> { Submitted };
        var (carrying, linked) = (Consultation.Aggregate.Fold(past), Consultation.Aggregate.Fold([Submitted with { LegalBasisValidUntil = Day(Now).AddDays(story[0].Choice % 9) }]));
        void First(Decision<ConsultationEvent> decided)
        {
            past.AddRange(decided.Events);
            carrying = decided.Events.Aggregate(carrying, Consultation.Evolve);
        }

        void Second(Decision<ConsultationEvent> decided) => linked = decided.Events.Aggregate(linked, Consultation.Evolve);
        foreach (var chapter in story)
        {
            now = now.AddMinutes(chapter.Minutes);
            foreach (var passed in Passing(() => carrying, now))
            {
                First(passed);
            }

            foreach (var passed in Passing(() => linked, now))
            {
                Second(passed);
            }

            holds(carrying, linked, now, null);
            (Consultation, Consultation)? before = null;
            var said = now.AddMinutes(-chapter.Late);
            if (chapter.Choice % 7 == 0 && linked.Lead is null)
            {
                Second(LinkOnCasesLinked.Decide(linked, new(Id, Others[0], said, past, Objection(now), Soon(now), now, chapter.Choice % 2 == 0 ? After(now) : null)));
                First(linked.Lead is null ? Decision<ConsultationEvent>.Nothing : UnlinkOnCaseUnlinked.Other(carrying, new RequestLinked(Others[0], Id, true, said)));
            }
            else if (chapter.Choice % 31 == 0 && linked.Lead is not null)
            {
                Second(UnlinkOnCaseUnlinked.Decide(linked, new(Id, Others[0], now, linked.Status is ConsultationStatus.Answered ? null : After(now))));
                First(UnlinkOnCaseUnlinked.Other(carrying, new RequestUnlinked(Others[0], Id, now, null)));
            }
            else if (Acts[chapter.Act] is var act && IsAboutTheCase(act))
            {
                before = (carrying, linked);
                if (linked.Lead is not null)
                {
                    Second(act(linked, now, said, chapter.Choice));
                }

                First(act(carrying, now, said, chapter.Choice));
            }
            else if (!FromOthers.Contains(act))
            {
                if (chapter.Choice % 2 == 0)
                {
                    First(act(carrying, now, said, chapter.Choice));
                }
                else
                {
                    Second(act(linked, now, said, chapter.Choice));
                }
            }

            holds(carrying, linked, now, before);
        }
    });

    [Test]
    public void R8_a_link_that_is_taken_back_takes_the_answers_of_every_case_that_carried_the_matter_along()
    {
        ConsultationEvent[] happened =
        [
            Submitted, new RequestLinked(Id, Others[0], Carries: false, Now), Answered with { AnsweredAt = Now, Next = Objection(Now), Of = Others[0] },
            new RequestLinked(Id, Others[1], Carries: false, Now),
        ];
        Assert.That(RequestersView.Fold(happened, happened.Length).Answer, Is.Not.Null);
        var takenBack = new RequestUnlinked(Id, Others[1], Now, After(Now), TakenBack: true);
        Assert.That(RequestersView.Fold([.. happened, takenBack], happened.Length + 1).Answer, Is.Null);
    }

    [Test]
    public void Every_story_can_be_shown_in_words() => ForAll(story =>
    {
        var happened = Told(story).Happened;
        var view = RequestersView.Fold(happened, happened.Count);
        Assert.That(view.Timeline.Select(step => step.Text).Except(Repository.Catalogue.Texts.Timeline.Keys), Is.Empty);
        Assert.That(view.Timeline, Is.Not.Empty);
    });

    [Test]
    public void The_stories_reach_every_status_and_every_event()
    {
        var statuses = new HashSet<ConsultationStatus>();
        var events = new HashSet<Type>();

        // The rarest of them takes several unlikely chapters in a row: stories are told until it was among them.
        for (var round = 0; round < MostRounds && EventRoundTrip.EventTypes(typeof(ConsultationEvent)).Except(events).Any(); round++)
        {
            ForAll(story =>
            {
                var told = Told(story, (state, _) => statuses.Add(state.Status!.Value));
                events.UnionWith(told.Happened.Select(happened => happened.GetType()));
            });
        }

        Assert.That(statuses, Is.EquivalentTo(Enum.GetValues<ConsultationStatus>()));
        Assert.That(EventRoundTrip.EventTypes(typeof(ConsultationEvent)).Except(events), Is.Empty);
    }

    private static Decision<ConsultationEvent> Erase(Consultation state, DateTimeOffset now) => EraseConsultation.Decide(state, new(Id, now, now.AddDays(37)));

    private static void InEveryStory(Action<Consultation, DateTimeOffset> holds) => ForAll(story => Told(story, holds));

    private static void ForAll(Action<IReadOnlyList<Chapter>> holds)
    {
        var chapters =
            from act in Gen.Choose(0, Acts.Length - 1)
            from minutes in Gen.Frequency((6, Gen.Choose(1, 240)), (1, Gen.Choose(240, 6_000)))
            from late in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 2_000)))
            from choice in Gen.Choose(0, 41)
            select new Chapter(act, minutes, late, choice);
        Prop.ForAll(Gen.ListOf(chapters, 25).ToArbitrary(), story => holds([.. story])).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories));
    }

    private static (Consultation State, IReadOnlyList<ConsultationEvent> Happened) Told(IReadOnlyList<Chapter> story, Action<Consultation, DateTimeOffset>? holds = null)
    {
        var (now, happened) = (Now, new List<ConsultationEvent>(SubmitConsultation.Decide(Consultation.Initial, new(
            Submitted with { LegalBasisValidUntil = Day(Now).AddDays(story[0].Choice % 9) },
            story[0].Choice % 3 == 0 ? new KeyPersonAsked(Id, "key-person-organisation", story[0].Choice % 2 == 0, Now, After(Now)) : null)).Events));
        var state = Consultation.Aggregate.Fold(happened);
        void Take(Decision<ConsultationEvent> decided)
        {
            happened.AddRange(decided.Events);
            state = decided.Events.Aggregate(state, Consultation.Evolve);
        }

        foreach (var chapter in story)
        {
            now = now.AddMinutes(chapter.Minutes);
            foreach (var passed in Passing(() => state, now))
            {
                Take(passed);
                holds?.Invoke(state, now);
            }

            Take(Acts[chapter.Act](state, now, now.AddMinutes(-chapter.Late), chapter.Choice));
            holds?.Invoke(state, now);
        }

        return (state, happened);
    }

    /// <summary>Every deadline that is due, one after the other; each has to lead to something, or it would be due for ever.</summary>
    private static IEnumerable<Decision<ConsultationEvent>> Passing(Func<Consultation> state, DateTimeOffset now)
    {
        while (Consultation.Aggregate.Deadlines(state()).Where(deadline => deadline.DueAt <= now).MinBy(deadline => deadline.DueAt) is { } due)
        {
            var decided = due.Kind switch
            {
                Consultation.ObjectionDeadline => CloseWhenObjectionTimeIsOver.Decide(state(), new(Id, now)),
                Consultation.ConsentDeadline => EndConsent.DecideExpiry(state(), new(Id, ConsentEnded.Expired, null, now, After(now), Soon(now))),
                Consultation.MessageDeadline => EscalateUnansweredMessage.Decide(state(), new(Id, now, After(now).DueBy)),
                _ => EscalateOverdueStep.Decide(state(), new(Id, now, After(now))),
            };
            Assert.That(decided.Events, Is.Not.Empty, $"The deadline {due.Kind} passes and nothing happens.");
            yield return decided;
        }
    }

    /// <summary>The plainest way on from anywhere: taken up again, a coordinator decides, somebody answers, the requester confirms.</summary>
    private static Consultation Ends(Consultation state, DateTimeOffset now)
    {
        Act[] way =
        [
            (at, when, _, _) => at.IsOpen ? Decision<ConsultationEvent>.Nothing : ReopenConsultation.Decide(at, new(new ConsultationReopened(Id, Id, when), After(when))),
            (at, when, _, _) => ResumeOnCaseReassessed.Decide(at, new(Id, false, when, After(when))),
            (at, when, _, _) => FollowRouteOnRouteDecided.Decide(at, new(Id, Route.BasicSupportGuidance, false, when, After(when))),
            (at, when, _, _) => ShowAnswerOnConsultationAnswered.Decide(at, new(Answered with { AnsweredAt = when, RouteDecidedAt = at.Order.Decision!.Value, By = "coordinator", Next = Objection(when) })),
            (at, when, _, _) => ConfirmAnswer.Decide(at, new(Id, when, Objection(when))),
        ];
        for (var step = 0; step < way.Length; step++)
        {
            var when = now.AddHours(step + 1);
            var decided = way[step](state, when, when, 0);
            Assert.That(decided.Rejection, Is.Null, $"Step {step} from {state.Status}");
            state = decided.Events.Aggregate(state, Consultation.Evolve);
        }

        return state;
    }

    private static DateTimeOffset DecisionOf(Consultation state, DateTimeOffset said, int choice) => choice % 4 == 0 ? said : state.Order.Decision ?? said;

    private static NextStep After(DateTimeOffset now) => new(now.AddHours(20), now.AddHours(24));

    private static NextStep Soon(DateTimeOffset now) => new(now.AddMinutes(30), now.AddMinutes(45));

    private static NextStep Objection(DateTimeOffset now) => new(now.AddDays(3), now.AddDays(3));

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private static Guid New(DateTimeOffset at, int choice) => new((int)(at.Ticks / TimeSpan.TicksPerSecond % int.MaxValue), (short)choice, 0, new byte[8]);
}

using MassTransit;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>
/// Another request's case carries the matter: both requesters see it, and this one sees what has come of that case so far. Each of those
/// earlier words is decided on by the request's own state, as it would have been when it came.
/// </summary>
public sealed class LinkOnCasesLinked(Inbox inbox, IntakePolicy policy, Vault vault, TimeProvider clock) : IConsumer<CasesLinked>
{
    /// <param name="Past">All that has happened to the request whose case carries the matter.</param>
    /// <param name="UntilObjected">For an answer that this requester sees only now.</param>
    /// <param name="InDanger">For the coordinators, when this request reports danger in the middle of the other's work.</param>
    /// <param name="UntilRead">For the coordinators to read this request, when where its matter goes had been decided without it; null else.</param>
    public sealed record Command(
        Guid ConsultationId, Guid Lead, DateTimeOffset LinkedAt, IReadOnlyList<ConsultationEvent> Past, NextStep UntilObjected, NextStep InDanger, DateTimeOffset Now, NextStep? UntilRead = null);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command)
    {
        switch (state)
        {
            case { Ended: { } ended }: return ended;
            case { Lead: { } lead } when lead == command.Lead: return Decision<ConsultationEvent>.Nothing;
        }

        var other = Consultation.Aggregate.Fold(command.Past);
        var events = new List<ConsultationEvent> { new RequestLinked(command.ConsultationId, command.Lead, Carries: false, command.LinkedAt) };
        var linked = Consultation.Evolve(state, events[0]);
        foreach (var earlier in command.Past.Skip(BeginOf(command.Past)))
        {
            foreach (var step in Again(linked, earlier, command).Events)
            {
                events.Add(step);
                linked = Consultation.Evolve(linked, step);
            }
        }

        if (OnlyDiffersInTime(linked, other))
        {
            events.Add(new StepHastened(command.ConsultationId, other.Responsible!.Value, InDanger: false, command.Now, other.Next!));
        }

        if (state.DangerAt is { } reported && !(reported <= other.DangerAt) && linked is { Route: not null, Interrupted: null })
        {
            events.Add(new StepHastened(command.ConsultationId, Accountable.AreaCoordinators, InDanger: true, command.LinkedAt, command.InDanger));
        }
        else if (command.UntilRead is { } untilRead && linked is { Interrupted: null })
        {
            events.Add(new StepHastened(command.ConsultationId, Accountable.AreaCoordinators, InDanger: false, command.LinkedAt, untilRead, Unread: true));
        }

        return events;
    }

    public Task Consume(ConsumeContext<CasesLinked> context)
    {
        var (linked, now) = (context.Message, clock.GetUtcNow());
        return inbox.Once(context, nameof(LinkOnCasesLinked), async work =>
        {
            var past = await work.Past<ConsultationEvent>(linked.LeadCaseId, context.CancellationToken);
            var command = new Command(
                linked.ConsultationId,
                linked.LeadCaseId,
                linked.LinkedAt,
                past,
                policy.AfterAnswer(linked.Area, now),
                policy.AfterReceiving(linked.Area, danger: true, now),
                now,
                linked.DueBy is { } due ? policy.Watched(linked.Area, due, danger: false) : null);
            Guid? former = null;
            IReadOnlyList<ConsultationEvent> shown = [];
            var outcome = await work.Decide(
                Consultation.Aggregate,
                linked.ConsultationId,
                state =>
                {
                    former = state.Lead;
                    var decided = Decide(state, command);
                    shown = decided.Events;
                    return decided;
                },
                null,
                context.CancellationToken);
            if (!outcome.Changed)
            {
                return outcome;
            }

            await work.Decide(
                Consultation.Aggregate, linked.LeadCaseId, state => UnlinkOnCaseUnlinked.Other(state, new RequestLinked(linked.LeadCaseId, linked.ConsultationId, Carries: true, linked.LinkedAt)), null, context.CancellationToken);
            if (former is { } left)
            {
                await work.Decide(Consultation.Aggregate, left, state => UnlinkOnCaseUnlinked.Other(state, new RequestUnlinked(left, linked.ConsultationId, linked.LinkedAt, null)), null, context.CancellationToken);
            }

            foreach (var answered in shown.OfType<ConsultationAnswered>())
            {
                var original = past.OfType<ConsultationAnswered>().First(earlier => ShowAnswerOnConsultationAnswered.For(linked.ConsultationId, earlier).AnswerTextId == answered.AnswerTextId);
                await ShowAnswerOnConsultationAnswered.Share(work, vault, original, linked.ConsultationId, context.CancellationToken);
            }

            return outcome;
        });
    }

    /// <summary>The present round: from where the matter was in triage last.</summary>
    private static int BeginOf(IReadOnlyList<ConsultationEvent> past)
    {
        var begin = 0;
        for (var at = 0; at < past.Count; at++)
        {
            if (past[at] is TriageTookOver or TriageResumed or TriageAwaited or LegalBasisAwaited or InformationAdded or ReferralReturned or RequestUnlinked { Next: not null })
            {
                begin = at + 1;
            }
        }

        return begin;
    }

    private static Decision<ConsultationEvent> Again(Consultation state, ConsultationEvent earlier, Command command) => earlier switch
    {
        ClaimFollowed e => FollowClaim.Decide(state, new(command.ConsultationId, e.Claimed, e.Since)),
        InformationAsked e => AskRequesterOnInformationRequested.Decide(state, new(command.ConsultationId, e.Asked, e.AskedAt, e.Next)),
        RouteFollowed e => FollowRouteOnRouteDecided.Decide(state, new(command.ConsultationId, e.Route, e.ByPolicy, e.DecidedAt, e.Next, e.KnowledgeHolder)),
        RouteLearned e => FollowRouteOnRouteDecided.Decide(state, new(command.ConsultationId, e.Route, e.ByPolicy, e.DecidedAt, state.Next!, e.KnowledgeHolder)),
        ExpertAdmitted e => AdmitExpertOnExpertInvited.Decide(state, new(command.ConsultationId, e.ExpertId, e.InvitationId, e.Until, e.AdmittedAt, e.Assesses)),
        ExpertAccessEnded e => EndAccess.Decide(state, new(command.ConsultationId, e.InvitationId, e.EndedAt)),
        ConsultationArranged e => ArrangeOnConsultationArranged.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        TeamStarted e => ShowTeamOnTeamActivated.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        ServiceGapFound e => ShowGapOnServiceGapFound.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        HandedToCoordinator e => ShowCoordinatorOnAssemblyHandedToCoordinator.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        ConsultationAnswered e => ShowAnswerOnConsultationAnswered.Decide(state, new(ShowAnswerOnConsultationAnswered.For(command.ConsultationId, e) with { Next = command.UntilObjected })),
        TeamEnded e => ShowResultOnTeamDisbanded.Decide(state, new(e with { ConsultationId = command.ConsultationId, Next = command.UntilObjected })),
        ReferralProposed e => FollowReferralOnReferralProposed.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        ReferralAccepted e => FollowReferralOnReferralAccepted.Decide(state, new(e with { ConsultationId = command.ConsultationId })),
        _ => Decision<ConsultationEvent>.Nothing,
    };

    /// <summary>The other's step has been hurried or has become overdue, so that it is another's or due at another time.</summary>
    private static bool OnlyDiffersInTime(Consultation linked, Consultation other) =>
        other is { IsOpen: true, Interrupted: null } && linked.Interrupted is null && linked.Status == other.Status && linked.Status is not (ConsultationStatus.Answered or ConsultationStatus.NeedsInformation) && (linked.Responsible, linked.Next) != (other.Responsible, other.Next);
}

/// <summary>The request goes on by itself: in triage when where it goes is to be decided anew, else as it stands.</summary>
public sealed class UnlinkOnCaseUnlinked(Inbox inbox, IntakePolicy policy) : IConsumer<CaseUnlinked>
{
    /// <param name="Since">What its own assembly has done for a decision of after the link's end, in words that came sooner than this; null when nothing has.</param>
    public sealed record Command(Guid ConsultationId, Guid Lead, DateTimeOffset UnlinkedAt, NextStep? Next, bool TakenBack = false, Overtaking? Since = null);

    /// <param name="Invitations">Those of the other's case: whoever was asked for that may read this request no more.</param>
    public sealed record Overtaking(IReadOnlySet<Guid> Invitations);

    public static Decision<ConsultationEvent> Decide(Consultation state, Command command) => state switch
    {
        { Status: null } => Consultation.NotSubmitted,
        { Lead: var lead } when lead != command.Lead => Decision<ConsultationEvent>.Nothing,
        { IsOpen: false } => new RequestUnlinked(command.ConsultationId, command.Lead, command.UnlinkedAt, null, command.TakenBack),
        _ when command.Since is { } since => (List<ConsultationEvent>)
        [
            new RequestUnlinked(command.ConsultationId, command.Lead, command.UnlinkedAt, null, command.TakenBack),
            .. state.Access.Where(access => access.InvitationId is { } invitation && since.Invitations.Contains(invitation))
                .Select(access => new ExpertAccessEnded(command.ConsultationId, access.ExpertId, access.InvitationId, command.UnlinkedAt)),
        ],
        _ when command.Next is null => new RequestUnlinked(command.ConsultationId, command.Lead, command.UnlinkedAt, null, command.TakenBack),
        _ => state.WithAlarmKept(new RequestUnlinked(command.ConsultationId, command.Lead, command.UnlinkedAt, command.Next, command.TakenBack), command.UnlinkedAt),
    };

    /// <summary>The two come by two queues: a word of its own assembly may be read before the end of the link that it follows. Then it stands.</summary>
    internal static Overtaking? Since(IReadOnlyList<ConsultationEvent> past, IReadOnlyList<ConsultationEvent> others, DateTimeOffset unlinkedAt) =>
        past.LastOrDefault(step => RequestersView.DecisionOf(step) is not null) is { } word and not HandedToCoordinator
        && RequestersView.DecisionOf(word) is { } decided && decided > unlinkedAt
        && !others.Any(other => other.GetType() == word.GetType() && RequestersView.DecisionOf(other) == decided)
            ? new Overtaking(others.OfType<ExpertAdmitted>().Select(admitted => admitted.InvitationId).ToHashSet())
            : null;

    /// <summary>The answers that it has because it is linked.</summary>
    internal static IReadOnlyList<ConsultationAnswered> OthersAnswers(IReadOnlyList<ConsultationEvent> past)
    {
        Guid? lead = null;
        var answers = new List<ConsultationAnswered>();
        foreach (var step in past)
        {
            switch (step)
            {
                // When that case is over, it is linked to the next one without having been by itself.
                case RequestLinked { Carries: false } e:
                    lead = e.With;
                    break;
                case RequestUnlinked e when e.From == lead:
                    lead = null;
                    answers.Clear();
                    break;
                case ConsultationAnswered { Of: not null } e when lead is not null:
                    answers.Add(e);
                    break;
            }
        }

        return answers;
    }

    /// <summary>The other request notes it, whatever has become of it.</summary>
    public static Decision<ConsultationEvent> Other(Consultation state, ConsultationEvent noted) => noted switch
    {
        _ when state.Status is null => Decision<ConsultationEvent>.Nothing,
        RequestLinked e when state.Followers.Contains(e.With) => Decision<ConsultationEvent>.Nothing,
        RequestUnlinked e when !state.Followers.Contains(e.From) => Decision<ConsultationEvent>.Nothing,
        _ => noted,
    };

    public Task Consume(ConsumeContext<CaseUnlinked> context)
    {
        var unlinked = context.Message;
        var takenBack = unlinked.UnlinkedBy != CaseUnlinked.ByPlatform;
        return inbox.Once(context, nameof(UnlinkOnCaseUnlinked), async work =>
        {
            var past = await work.Past<ConsultationEvent>(unlinked.ConsultationId, context.CancellationToken);
            var since = Since(past, await work.Past<ConsultationEvent>(unlinked.LeadCaseId, context.CancellationToken), unlinked.UnlinkedAt);
            var outcome = await work.Decide(
                Consultation.Aggregate,
                unlinked.ConsultationId,
                state => Decide(state, new(unlinked.ConsultationId, unlinked.LeadCaseId, unlinked.UnlinkedAt, unlinked.DueBy is { } due ? policy.Watched(unlinked.Area, due, state.Danger) : null, takenBack, since)),
                null,
                context.CancellationToken);
            if (outcome.Changed)
            {
                foreach (var answered in takenBack ? OthersAnswers(past) : [])
                {
                    work.Delete<VaultText>(answered.AnswerTextId);
                }

                await work.Decide(
                    Consultation.Aggregate,
                    unlinked.LeadCaseId,
                    state => Other(state, new RequestUnlinked(unlinked.LeadCaseId, unlinked.ConsultationId, unlinked.UnlinkedAt, null)),
                    null,
                    context.CancellationToken);
            }

            return outcome;
        });
    }
}

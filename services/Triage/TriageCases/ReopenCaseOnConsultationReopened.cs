using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// The requester takes the matter up again: the case is open and a coordinator decides anew (R1). After a withdrawal it does not count as
/// sent back. Where its legal basis has ended since, the requester is asked for one.
/// </summary>
public sealed class ReopenCaseOnConsultationReopened(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationReopened>
{
    /// <param name="ReopenedAt">When the requester reopened it; identifies the reopening.</param>
    public sealed record Command(Guid ReasonTextId, DateTimeOffset ReopenedAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command)
    {
        if (state.Status is CaseStatus.NotOpened)
        {
            return TriageCase.NotOpened;
        }

        if (state.Erased)
        {
            return TriageCase.AlreadyClosed;
        }

        if (state.Lead is not null || state.LastObjectionAt == command.ReopenedAt)
        {
            return Decision<TriageEvent>.Nothing;
        }

        // What was said of it while another case carried its matter was weighed there.
        var policy = command.PolicyOf(state);
        List<TriageEvent> weighed = state.Leads.Count > 0 ? [LeaveMatter.Weighed(state, policy, command.Now)] : [];
        var facts = weighed.Aggregate(state, TriageCase.Evolve).Assessment!.Facts;
        var held = facts.ImmediateDanger;
        return (List<TriageEvent>)
        [
            new CaseReopened(state.Id, state.Area, command.ReasonTextId, command.ReopenedAt, command.Now, Counts: state.Status is not CaseStatus.Closed),
            .. weighed,
            new ConfirmationAwaited(
                state.Id, state.Area, held, policy.Version, command.Now, held ? policy.HeldDue(command.Now) : policy.ConfirmationDue(facts.Urgency, command.Now), command.ReopenedAt),
            .. !held && state.Request!.LegalBasisType == CaseRequest.ConsentEnded ? [new InformationRequested(state.Id, state.Area, [Assessment.LegalBasis], command.Now, policy.InformationDue(command.Now))] : (TriageEvent[])[],
        ];
    }

    private static bool MayJoin(TriageCase state) =>
        (state is { Status: CaseStatus.Closed } or { Settled: true }) && state.Own is { LegalBasisType: not CaseRequest.ConsentEnded };

    /// <summary>Its matter may have an open case by now, and then it goes on with that.</summary>
    private static async Task<Outcome<TriageCase>> Reopen(Work work, Guid id, Command command, CancellationToken cancellation)
    {
        var before = await JointMatter.AloneWith(work, id, cancellation);
        var key = before.Own?.MatterKey;
        var (held, carrying) = await JointMatter.Find(work, before.Area, key, id, cancellation);
        var goesOn = MayJoin(before) && Decide(before, command).Events.Count > 0;
        if (goesOn)
        {
            JointMatter.Ask(work, before.Area, key, id);
        }

        // What a coordinator took apart stays apart: the other has the key.
        if (goesOn && carrying is { } other && !await JointMatter.AreApart(work, before, other, cancellation))
        {
            var dueBy = await JointMatter.Join(work, other, new(id, before.Own!, false, command.ReopenedAt, command.PolicyOf, command.Now), cancellation);
            return await work.Decide(
                TriageCase.Aggregate,
                id,
                state => (List<TriageEvent>)[.. Decide(state, command).Events, new CaseLinked(id, state.Area, other, CaseUnlinked.ByPlatform, JointMatter.SameMatter, command.Now, dueBy)],
                null,
                cancellation);
        }

        var own = await work.Decide(TriageCase.Aggregate, id, state => Decide(state, command), null, cancellation);
        if (own.State.Lead is { } lead)
        {
            await work.Decide(TriageCase.Aggregate, lead, state => Decide(state, command), null, cancellation);
        }
        else if (goesOn && carrying is null)
        {
            JointMatter.Claim(work, held, before.Area, key, id);
        }

        return own;
    }

    public Task Consume(ConsumeContext<ConsultationReopened> context)
    {
        var command = new Command(context.Message.ReasonTextId, context.Message.ReopenedAt, policies.For, clock.GetUtcNow());
        return inbox.Once(context, nameof(ReopenCaseOnConsultationReopened), work =>
            Reopen(work, context.Message.ConsultationId, command, context.CancellationToken));
    }
}

using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Requests about one matter have one open case (C-34): what is said about any of them is decided on the case that carries the matter, in the same transaction.</summary>
internal static class JointMatter
{
    public const string SameMatter = "sameMatter";

    /// <param name="Waits">Those who stay need a decision of their own; false when their matter has come to an end with the case, unless that one waited for a coordinator too.</param>
    /// <param name="TakesFacts">What it has said may be known no more.</param>
    public sealed record Parting(string By, string ReasonCode, bool Waits, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now, bool TakesFacts = false);

    /// <summary>What a requester was asked for.</summary>
    public sealed record Word(DateTimeOffset SaidAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    /// <summary>Opens the case of a request, and links it when its matter has an open one already.</summary>
    /// <param name="known">What happens when the request has its case already.</param>
    public static async Task<Outcome<TriageCase>> Open(
        Work work, OpenCase.Command command, DateTimeOffset saidAt, Func<TriageCase, AreaPolicy> policyOf, Func<TriageCase, Decision<TriageEvent>> known, Func<TriageCase, Decision<TriageEvent>> knownToLead, CancellationToken cancellation)
    {
        var (held, carrying) = await Find(work, command.Area, command.Request.MatterKey, command.CaseId, cancellation);
        if (carrying is { } lead && (await work.Past<TriageEvent>(command.CaseId, cancellation)).Count == 0)
        {
            Ask(work, command.Area, command.Request.MatterKey, command.CaseId);
            var dueBy = await Join(work, lead, new JoinMatter.Command(command.CaseId, command.Request, false, saidAt, policyOf, command.Now), cancellation);
            return await work.Decide(TriageCase.Aggregate, command.CaseId, state => OpenCase.DecideLinked(state, command, lead, dueBy), null, cancellation);
        }

        var isNew = false;
        var own = await work.Decide(
            TriageCase.Aggregate,
            command.CaseId,
            state =>
            {
                isNew = state.Status is CaseStatus.NotOpened;
                return isNew ? OpenCase.Decide(state, command) : known(state);
            },
            null,
            cancellation);
        if (!isNew)
        {
            return await Tell(work, own, knownToLead, cancellation);
        }

        Ask(work, command.Area, command.Request.MatterKey, command.CaseId);
        Claim(work, held, command.Area, command.Request.MatterKey, command.CaseId);
        return own;
    }

    /// <summary>As <see cref="Hear"/>. Who has a legal basis again asks about its matter again, together with those who have done so since.</summary>
    public static async Task<Outcome<TriageCase>> HearWithBasis(
        Work work, Guid id, Func<TriageCase, Decision<TriageEvent>> own, Word word, CancellationToken cancellation)
    {
        JoinMatter.Command Join(CaseRequest request, bool answers) => new(id, request, answers, word.SaidAt, word.PolicyOf, word.Now);

        var before = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(id, cancellation));
        if (before is { CarriesMatter: true, Own: { MatterKey: { } key, LegalBasisType: CaseRequest.ConsentEnded } }
            && own(before).Events.Aggregate(before, TriageCase.Evolve) is { Own: { LegalBasisType: not CaseRequest.ConsentEnded } request })
        {
            Ask(work, before.Area, key, id);
            var (held, carrying) = await Find(work, before.Area, key, id, cancellation);
            if (carrying is null)
            {
                Claim(work, held, before.Area, key, id);
            }
            else if (before is { Apart: false, Joined.Count: 0, Status: not CaseStatus.RouteDecided })
            {
                var dueBy = await JointMatter.Join(work, carrying.Value, Join(request, answers: false), cancellation);
                return await work.Decide(
                    TriageCase.Aggregate,
                    id,
                    state => (List<TriageEvent>)[.. own(state).Events.Where(happened => happened is InformationReceived or CaseAssessed), new CaseLinked(id, state.Area, carrying.Value, CaseUnlinked.ByPlatform, SameMatter, word.Now, dueBy)],
                    null,
                    cancellation);
            }
        }

        return await Hear(work, id, own, (lead, asked) => JoinMatter.Decide(lead, Join(asked.Own!, answers: true)), cancellation);
    }

    /// <summary>Tells the case that carries the matter of a further request.</summary>
    /// <returns>When a coordinator has to have read that request; null when they decide on the matter anyway.</returns>
    public static async Task<DateTimeOffset?> Join(Work work, Guid lead, JoinMatter.Command command, CancellationToken cancellation)
    {
        DateTimeOffset? dueBy = null;
        var joined = await work.Decide(
            TriageCase.Aggregate,
            lead,
            state =>
            {
                var decided = JoinMatter.Decide(state, command);
                dueBy = decided.Events.OfType<RequestJoined>().FirstOrDefault()?.DueBy;
                return decided;
            },
            null,
            cancellation);
        return joined.Rejection is { } refused ? throw new InvalidOperationException($"Case {lead} is named as open and takes no further request: {refused.Code}") : dueBy;
    }

    /// <summary>Decides on the case of the request, and on the one that carries its matter when it is linked.</summary>
    public static async Task<Outcome<TriageCase>> Hear(
        Work work, Guid id, Func<TriageCase, Decision<TriageEvent>> own, Func<TriageCase, TriageCase, Decision<TriageEvent>> lead, CancellationToken cancellation)
    {
        var outcome = await work.Decide(TriageCase.Aggregate, id, own, null, cancellation);
        return await Tell(work, outcome, state => lead(state, outcome.State), cancellation);
    }

    /// <summary>Takes a request out of its matter; those who were linked to it go on with the first of them.</summary>
    /// <param name="decide">What happens to the case itself; nothing changes when it leaves the case as it is.</param>
    public static async Task<Outcome<TriageCase>> Leave(
        Work work, Guid id, Func<TriageCase, Decision<TriageEvent>> decide, Parting parting, CancellationToken cancellation)
    {
        var before = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(id, cancellation));
        var carrying = before.Lead is { } carries ? TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(carries, cancellation)) : null;
        var own = await work.Decide(
            TriageCase.Aggregate,
            id,
            state =>
            {
                before = state;
                var unlink = LeaveMatter.Decide(state, new(parting.By, parting.ReasonCode, Waits: false, carrying, [], parting.PolicyOf, parting.Now)).Events;
                var decided = decide(unlink.Aggregate(state, TriageCase.Evolve));
                return decided.Rejection is not null || decided.Events.Count == 0
                    ? decided
                    : (List<TriageEvent>)[.. unlink, .. decided.Events, .. state.Joined.Select(joined => new RequestLeft(id, joined, parting.Now))];
            },
            null,
            cancellation);
        if (!own.Changed)
        {
            return own;
        }

        if (before.Lead is { } lead)
        {
            await Drop(work, lead, id, parting.TakesFacts, parting.PolicyOf, parting.Now, cancellation);
        }

        var next = before.Joined.Count > 0 ? await PassOn(work, before, before.Joined[0], parting, cancellation) : null;
        work.Delete<MatterRequest>(id);
        foreach (var matter in await work.Query<OpenMatter>("where case_id = ?", cancellation, id))
        {
            // A key stays as long as somebody asks about the matter, whoever carries it for them then.
            var asking = await work.Query<MatterRequest>("where matter = ? and id <> ? order by id", cancellation, matter.Id, id);
            if (asking.Count == 0)
            {
                work.Delete<OpenMatter>(matter.Id);
            }
            else
            {
                work.Store(matter with { CaseId = next is not null && asking.Any(request => before.Joined.Contains(request.Id)) ? next.Id : await CarryingOf(work, asking[0].Id, cancellation) });
            }
        }

        return own;
    }

    /// <summary>Another case carries the matter no longer for this request.</summary>
    /// <param name="takesFacts">What it said counts there no more.</param>
    public static Task Drop(Work work, Guid lead, Guid left, bool takesFacts, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now, CancellationToken cancellation) =>
        work.Decide(TriageCase.Aggregate, lead, state => LeaveMatter.Without(state, left, takesFacts, policyOf, now), null, cancellation);

    /// <summary>Who holds the matter's key, and the open case that carries it, if that is another one than this.</summary>
    public static async Task<(OpenMatter? Held, Guid? Carrying)> Find(Work work, string area, string? matterKey, Guid except, CancellationToken cancellation)
    {
        if (matterKey is null || await work.Load<OpenMatter>(OpenMatter.IdOf(area, matterKey), cancellation) is not { } matter)
        {
            return (null, null);
        }

        // Whoever was given the key at the moment of their own end holds it for nobody.
        var carrying = await work.Load<RoutingQueueEntry>(await CarryingOf(work, matter.CaseId, cancellation), cancellation);
        return (matter, carrying is null or { Settled: true } or { Status: CaseStatus.Closed } || carrying.Id == except ? null : carrying.Id);
    }

    /// <summary>The request asks about its matter, with a legal basis, until it leaves.</summary>
    public static void Ask(Work work, string area, string? matterKey, Guid caseId)
    {
        if (matterKey is not null)
        {
            work.Store(new MatterRequest { Id = caseId, Matter = OpenMatter.IdOf(area, matterKey) });
        }
    }

    /// <param name="held">What was found; two that find nothing meet in the key.</param>
    public static void Claim(Work work, OpenMatter? held, string area, string? matterKey, Guid caseId)
    {
        if (held is not null)
        {
            work.Store(held with { CaseId = caseId });
        }
        else if (matterKey is not null)
        {
            work.Insert(new OpenMatter { Id = OpenMatter.IdOf(area, matterKey), CaseId = caseId });
        }
    }

    private static async Task<Guid> CarryingOf(Work work, Guid id, CancellationToken cancellation) => (await work.Load<RoutingQueueEntry>(id, cancellation))?.LinkedTo ?? id;

    private static async Task<Outcome<TriageCase>> Tell(Work work, Outcome<TriageCase> own, Func<TriageCase, Decision<TriageEvent>> decide, CancellationToken cancellation)
    {
        if (own is { Rejection: null, State.Lead: { } lead })
        {
            await work.Decide(TriageCase.Aggregate, lead, decide, null, cancellation);
        }

        return own;
    }

    private static async Task<TriageCase> PassOn(Work work, TriageCase left, Guid first, Parting parting, CancellationToken cancellation)
    {
        var beside = new List<LeaveMatter.Beside>();
        foreach (var other in left.Joined.Where(joined => joined != first))
        {
            var relinked = await work.Decide(
                TriageCase.Aggregate, other, state => new CaseLinked(other, state.Area, first, parting.By, parting.ReasonCode, parting.Now), null, cancellation);
            beside.Add(new LeaveMatter.Beside(other, relinked.State.Own!));
        }

        // A danger, an objection or a request of theirs that nobody has seen to does not end with the other's consultation.
        var waits = parting.Waits || left is not { Status: CaseStatus.RouteDecided, Alarmed: false, NotStaffed: false, Unread.Count: 0 };
        var command = new LeaveMatter.Command(parting.By, parting.ReasonCode, waits, waits ? null : left, beside, parting.PolicyOf, parting.Now);
        return (await work.Decide(TriageCase.Aggregate, first, state => LeaveMatter.Decide(state, command), null, cancellation)).State;
    }
}

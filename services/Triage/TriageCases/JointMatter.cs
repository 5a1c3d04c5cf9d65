using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>Requests about one matter have one open case (C-34): what is said about any of them is decided on the case that carries the matter, in the same transaction.</summary>
internal static class JointMatter
{
    public const string SameMatter = "sameMatter";

    /// <param name="Waits">Those who stay need a decision of their own; false when their matter has come to an end with the case, unless that one waited for a coordinator too.</param>
    /// <param name="TakesFacts">What it has said may be known no more, in any case but its own.</param>
    public sealed record Parting(string By, string ReasonCode, bool Waits, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now, bool TakesFacts = false);

    /// <summary>What a requester has said: when, and by which rules it is weighed.</summary>
    public sealed record Word(DateTimeOffset SaidAt, Func<TriageCase, AreaPolicy> PolicyOf, DateTimeOffset Now);

    /// <summary>Opens the case of a request, and links it when its matter has an open one already.</summary>
    /// <param name="known">What happens when the request has its case already.</param>
    public static async Task<Outcome<TriageCase>> Open(
        Work work, OpenCase.Command command, DateTimeOffset saidAt, Func<TriageCase, AreaPolicy> policyOf, Func<TriageCase, Decision<TriageEvent>> known, Func<TriageCase, Decision<TriageEvent>> knownToLead, CancellationToken cancellation)
    {
        await Alone(work, command.Area, command.Request.MatterKey, cancellation);
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

        var before = await AloneWith(work, id, cancellation);
        if (before is { CarriesMatter: true, Own: { MatterKey: { } key, LegalBasisType: CaseRequest.ConsentEnded } }
            && own(before).Events.Aggregate(before, TriageCase.Evolve) is { Own: { LegalBasisType: not CaseRequest.ConsentEnded } request })
        {
            Ask(work, before.Area, key, id);
            var (held, carrying) = await Find(work, before.Area, key, id, cancellation);
            if (carrying is null)
            {
                Claim(work, held, before.Area, key, id);
            }
            else if (before is { Joined.Count: 0, Status: not CaseStatus.RouteDecided } && !await AreApart(work, before, carrying.Value, cancellation))
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
        var before = await AloneWith(work, id, cancellation);
        foreach (var matter in await work.Query<OpenMatter>("where case_id = ? order by id", cancellation, id))
        {
            await work.Lock(LockOf(matter.Id), cancellation);
        }

        var carrying = before.Lead is { } carries ? TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(carries, cancellation)) : null;
        var own = await work.Decide(
            TriageCase.Aggregate,
            id,
            state =>
            {
                before = state;
                var unlink = LeaveMatter.Decide(state, new(parting.By, parting.ReasonCode, Waits: false, carrying, [], parting.PolicyOf, parting.Now)).Events
                    .Where(happened => happened is not CaseAssessed);
                // Without a legal basis it is weighed by itself; those who go on have a case of their own.
                List<TriageEvent> parted = [.. unlink, .. state.Joined.Select(joined => new RequestLeft(id, joined, parting.Now, parting.TakesFacts))];
                var decided = decide(parted.Aggregate(state, TriageCase.Evolve));
                return decided.Rejection is not null || decided.Events.Count == 0 ? decided : Reweighed(state, [.. parted, .. decided.Events], parting);
            },
            null,
            cancellation);
        if (parting.TakesFacts)
        {
            await ForgetElsewhere(work, before, parting.PolicyOf, parting.Now, cancellation);
        }

        if (!own.Changed)
        {
            return own;
        }

        if (before.Lead is { } lead)
        {
            await Drop(work, lead, id, parting.TakesFacts, parting.PolicyOf, parting.Now, cancellation);
        }

        // Whoever carries the matter needs a legal basis for it, if any of them has one.
        var hasBasis = before.Joined.Where(joined => before.Others.Any(told => told.CaseId == joined && told.Request.LegalBasisType is not CaseRequest.ConsentEnded));
        var next = before.Joined.Count > 0 ? await PassOn(work, before, hasBasis.FirstOrDefault(before.Joined[0]), parting, cancellation) : null;
        work.Delete<MatterRequest>(id);
        await GiveUpKeys(work, id, before.Joined, next?.Id, cancellation);
        return own;
    }

    /// <summary>The case is another area's from now on: whoever asks about its matter in the area that it leaves goes on there, and it has the key in the new one unless an open case has.</summary>
    public static async Task<Outcome<TriageCase>> Move(Work work, Guid id, string toArea, Func<TriageCase, Decision<TriageEvent>> decide, CancellationToken cancellation)
    {
        var before = await AloneWith(work, id, cancellation);
        await Alone(work, toArea, before.Own?.MatterKey, cancellation);
        var moved = await work.Decide(TriageCase.Aggregate, id, decide, null, cancellation);
        if (moved.Changed && before.Own?.MatterKey is { } key)
        {
            await GiveUpKeys(work, id, [], null, cancellation);
            Ask(work, toArea, key, id);
            var (held, carrying) = await Find(work, toArea, key, id, cancellation);
            if (carrying is null)
            {
                Claim(work, held, toArea, key, id);
            }
        }

        return moved;
    }

    /// <summary>The legal basis of a request is no more, and it stays where it is: what it said leaves every other case all the same.</summary>
    public static async Task<Outcome<TriageCase>> Silence(
        Work work, Guid id, Func<TriageCase, Decision<TriageEvent>> decide, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now, CancellationToken cancellation)
    {
        var own = await work.Decide(TriageCase.Aggregate, id, decide, null, cancellation);
        if (own is not { Changed: true, State: { Own: { LegalBasisType: CaseRequest.ConsentEnded } request } state })
        {
            return own;
        }

        if (state.Lead is { } lead)
        {
            await work.Decide(TriageCase.Aggregate, lead, carrying => LeaveMatter.Silenced(carrying, id, request, policyOf, now), null, cancellation);
        }

        await ForgetElsewhere(work, state with { Joined = [] }, policyOf, now, cancellation);
        return own;
    }

    /// <summary>Another case carries the matter no longer for this request.</summary>
    /// <param name="takesFacts">What it said counts there no more.</param>
    public static Task Drop(Work work, Guid lead, Guid left, bool takesFacts, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now, CancellationToken cancellation) =>
        work.Decide(TriageCase.Aggregate, lead, state => LeaveMatter.Without(state, left, takesFacts, policyOf, now), null, cancellation);

    /// <summary>The case as it is when nobody else decides who asks about its matter, and who carries that.</summary>
    public static async Task<TriageCase> AloneWith(Work work, Guid id, CancellationToken cancellation)
    {
        var known = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(id, cancellation));
        if (known.Own?.MatterKey is null)
        {
            return known;
        }

        await Alone(work, known.Area, known.Own.MatterKey, cancellation);
        var now = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(id, cancellation));
        return now.Area == known.Area ? now : await AloneWith(work, id, cancellation);
    }

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

    /// <summary>A coordinator took the case apart from the one that carries the matter now, or from one that is linked to that.</summary>
    public static async Task<bool> AreApart(Work work, TriageCase one, Guid carrying, CancellationToken cancellation)
    {
        if (one.Apart)
        {
            return true;
        }

        var lead = TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(carrying, cancellation));
        foreach (var joined in lead.Joined)
        {
            if (TriageCase.Aggregate.Fold(await work.Past<TriageEvent>(joined, cancellation)).ApartFrom.Contains(one.Id))
            {
                return true;
            }
        }

        return lead.ApartFrom.Contains(one.Id) || lead.Joined.Append(carrying).Any(one.ApartFrom.Contains);
    }

    /// <summary>The request asks about its matter, with a legal basis, until it leaves.</summary>
    public static void Ask(Work work, string area, string? matterKey, Guid caseId)
    {
        if (matterKey is not null)
        {
            work.Store(new MatterRequest { Id = caseId, Matter = OpenMatter.IdOf(area, matterKey) });
        }
    }

    /// <param name="held">What was found.</param>
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

    // A key stays as long as somebody asks about the matter, whoever carries it for them then.
    private static async Task GiveUpKeys(Work work, Guid id, IReadOnlyList<Guid> joined, Guid? next, CancellationToken cancellation)
    {
        foreach (var matter in await work.Query<OpenMatter>("where case_id = ?", cancellation, id))
        {
            var asking = await work.Query<MatterRequest>("where matter = ? and id <> ? order by id", cancellation, matter.Id, id);
            if (asking.Count == 0)
            {
                work.Delete<OpenMatter>(matter.Id);
            }
            else
            {
                work.Store(matter with { CaseId = next is { } following && asking.Any(request => joined.Contains(request.Id)) ? following : await CarryingOf(work, asking[0].Id, cancellation) });
            }
        }
    }

    // The key alone does not keep two apart: one may give it up, or take over a stale one, while another only asks.
    private static Task Alone(Work work, string area, string? matterKey, CancellationToken cancellation) =>
        matterKey is null ? Task.CompletedTask : work.Lock(LockOf(OpenMatter.IdOf(area, matterKey)), cancellation);

    private static string LockOf(string matter) => $"matter:{matter}";

    private static async Task<Guid> CarryingOf(Work work, Guid id, CancellationToken cancellation) => (await work.Load<RoutingQueueEntry>(id, cancellation))?.LinkedTo ?? id;

    private static async Task<Outcome<TriageCase>> Tell(Work work, Outcome<TriageCase> own, Func<TriageCase, Decision<TriageEvent>> decide, CancellationToken cancellation)
    {
        if (own is { Rejection: null, State.Lead: { } lead })
        {
            await work.Decide(TriageCase.Aggregate, lead, decide, null, cancellation);
        }

        return own;
    }

    /// <summary>Takes what a request said out of the cases that carried it once. The one that does so now, and those that are linked to it, are decided on by themselves.</summary>
    private static async Task ForgetElsewhere(Work work, TriageCase gone, Func<TriageCase, AreaPolicy> policyOf, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var once in gone.Leads.Where(lead => lead != gone.Lead && !gone.Joined.Contains(lead)))
        {
            await Drop(work, once, gone.Id, takesFacts: true, policyOf, now, cancellation);
        }
    }

    // The last assessment of a case that is over is what a reopening starts from: without what the others had said.
    private static List<TriageEvent> Reweighed(TriageCase before, List<TriageEvent> events, Parting parting)
    {
        var after = events.Aggregate(before, TriageCase.Evolve);
        return after.Erased || events.Exists(happened => happened is CaseAssessed) || JoinMatter.SaysTheSame(before.Request!, after.Request!)
            ? events
            : [.. events, LeaveMatter.Weighed(after, parting.PolicyOf(after), parting.Now)];
    }

    private static async Task<TriageCase> PassOn(Work work, TriageCase left, Guid first, Parting parting, CancellationToken cancellation)
    {
        var beside = new List<LeaveMatter.Beside>();
        IReadOnlyList<Guid> forgets = parting.TakesFacts ? [left.Id] : [];
        foreach (var other in left.Joined.Where(joined => joined != first))
        {
            var relinked = await work.Decide(
                TriageCase.Aggregate,
                other,
                state => (List<TriageEvent>)
                [
                    .. forgets.SelectMany(gone => LeaveMatter.Without(state, gone, takesFacts: true, parting.PolicyOf, parting.Now).Events),
                    new CaseLinked(other, state.Area, first, parting.By, parting.ReasonCode, parting.Now),
                ],
                null,
                cancellation);
            // Of whom has no legal basis the next one gets to know what this one could know.
            var known = relinked.State.Own is { LegalBasisType: CaseRequest.ConsentEnded } ? left.Others.First(told => told.CaseId == other).Request : relinked.State.Own!;
            beside.Add(new LeaveMatter.Beside(other, known));
        }

        // A danger, an objection or a request of theirs that nobody has seen to does not end with the other's consultation.
        var waits = parting.Waits || left is not { Status: CaseStatus.RouteDecided, Alarmed: false, NotStaffed: false, Unread.Count: 0 };
        var command = new LeaveMatter.Command(parting.By, parting.ReasonCode, waits, waits ? null : left, beside, parting.PolicyOf, parting.Now, forgets);
        return (await work.Decide(TriageCase.Aggregate, first, state => LeaveMatter.Decide(state, command), null, cancellation)).State;
    }
}

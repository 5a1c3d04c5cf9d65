using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Experts;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>
/// Nobody could meet the needs. Whenever the pool changes so that somebody might, and when the gap is looked at again, the team is composed once
/// more, and the search goes on by itself where all needs can be met now (C-02, R1). Where they can not, nothing has happened.
/// </summary>
public static class SearchAgain
{
    /// <summary>Also when the gap is found: what the pool told at the same moment may have been missed.</summary>
    public const string Kind = "search-again";

    /// <summary>The gap's own due time; weeks that were full may be over.</summary>
    public const string Review = "gap-review";

    public sealed record Command(Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command)
    {
        if (state is not { Status: AssemblyStatus.Gap, Matter: not null })
        {
            return Decision<AssemblyEvent>.Nothing;
        }

        var happened = WhatFollows.After(state, command.Around, new SearchResumed(state.Id, AskedAgain(state, command.Around.Pool), command.Around.Now));
        return happened.Any(step => step is ServiceGapFound) ? Decision<AssemblyEvent>.Nothing : happened;
    }

    // The pool refused their hours; it has told something else of them since. Who said no or nothing is left in peace.
    private static IReadOnlyList<Guid> AskedAgain(Assembly state, Pool pool) =>
        [.. state.Invitations.GroupBy(invitation => invitation.ExpertId)
            .Where(asked => asked.All(invitation => invitation.Status is not (InvitationStatus.Expired or InvitationStatus.Declined))
                && asked.Any(invitation => invitation.Status is InvitationStatus.Refused)
                && pool.Find(asked.Key)?.ChangedAt > asked.Max(invitation => invitation.RefusedAt))
            .Select(asked => asked.Key)];
}

/// <summary>Sees to it that the gaps which a change of the pool might close are looked at again, each in a transaction of its own.</summary>
internal static class OpenGaps
{
    public static async Task LookAgain(Work work, Func<AssemblyView, bool> mightClose, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var gap in (await work.Query<AssemblyView>("where status = ?", cancellation, nameof(AssemblyStatus.Gap))).Where(mightClose))
        {
            work.Store(Deadline.Of(Assembly.Aggregate.Name, gap.Id, new WantedDeadline(SearchAgain.Kind, now)));
        }
    }

    /// <summary>The expert can meet one of the needs, whether or not that one was unmet: with them there may be room for somebody else.</summary>
    public static bool MightClose(CandidateEntry expert, AssemblyView gap) =>
        (gap.Needs.Count > 0 ? gap.Needs : gap.UnmetNeeds).Any(need => need.Split(':', 2) is [var kind, var code] && (kind == "topic" ? expert.Topics.Contains(code) : expert.Sector == code));
}

using MassTransit;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Assemblies;

namespace OtPlatform.TeamAssembly.Experts;

/// <summary>What the composition knows of a standing team (pysyvä tiimi): the local copy of the pool's events, as the newest definition describes it.</summary>
/// <param name="Members">Experts; those who are not in the pool are away.</param>
/// <param name="Topics">What it is kept for.</param>
/// <param name="Areas">Whose requests it takes.</param>
/// <param name="DissolvedAt">Null while it exists.</param>
public sealed record StandingTeamEntry(Guid Id, IReadOnlyList<Guid> Members, IReadOnlyList<string> Topics, IReadOnlyList<string> Areas, DateTimeOffset? DissolvedAt);

/// <summary>The team may be asked as a whole from now on, as it is defined. It counts as one member, so a gap of its areas may close.</summary>
public sealed class KeepTeamOnStandingTeamDefined(Inbox inbox, TimeProvider clock) : IConsumer<StandingTeamDefined>
{
    public Task Consume(ConsumeContext<StandingTeamDefined> context)
    {
        var message = context.Message;
        return inbox.Once(context, nameof(KeepTeamOnStandingTeamDefined), async work =>
        {
            var team = new StandingTeamEntry(message.TeamId, message.Members, message.Topics, message.Areas, null);
            work.Store(team);
            await OpenGaps.LookAgain(work, gap => team.Areas.Contains(gap.Area), clock.GetUtcNow(), context.CancellationToken);
            return new Outcome<StandingTeamEntry>(team, 0, null, true);
        });
    }
}

/// <summary>The team is not asked any more; who was asked already goes on.</summary>
public sealed class EndTeamOnStandingTeamDissolved(Inbox inbox) : KeepCopy<StandingTeamDissolved, StandingTeamEntry>(inbox)
{
    protected override Guid IdOf(StandingTeamDissolved message) => message.TeamId;

    protected override StandingTeamEntry? After(StandingTeamEntry? known, StandingTeamDissolved message) => known is null ? null : known with { DissolvedAt = message.DissolvedAt };
}

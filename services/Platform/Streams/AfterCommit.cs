using JasperFx.Events.Projections;
using Marten;
using Marten.Services;

namespace OtPlatform.Platform.Streams;

/// <summary>What a subscription does when its page is stored.</summary>
internal sealed class AfterCommit(Func<Task> act) : IChangeListener
{
    // Whoever looks at what is written from events looks a few times a second. A page for each of many events that come one by one would
    // cost the store more than the events themselves.
    private const int Many = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// For a transaction that a crash of the store may take back, because it can be made once more from what is stored for good. Whatever
    /// is stored for good after it has taken it along.
    /// </summary>
    public const string WithoutWaitingForTheDisk = "do $$ begin perform set_config('synchronous_commit', 'off', true); end $$";

    /// <summary>What comes in the next moment is read together: for all that nobody waits for. A backlog is worked off without a rest.</summary>
    public static IChangeListener RestAfter(EventRange page, CancellationToken cancellation) =>
        page.Events.Count > Many ? NullChangeListener.Instance : new AfterCommit(async () => await Task.Delay(Pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));

    public Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;

    public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => act();
}

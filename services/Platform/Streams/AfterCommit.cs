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

    // Of what somebody waits for in another service: short beside its way there.
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// For a transaction that a crash of the store may take back, because it can be made once more from what is stored for good. Whatever
    /// is stored for good after it has taken it along.
    /// </summary>
    public const string WithoutWaitingForTheDisk = "do $$ begin perform set_config('synchronous_commit', 'off', true); end $$";

    /// <summary>What comes in the next moment is read together: for all that nobody waits for. A backlog is worked off without a rest.</summary>
    public static IChangeListener RestAfter(EventRange page, CancellationToken cancellation) =>
        page.Events.Count > Many ? NullChangeListener.Instance : new AfterCommit(() => Rest(Pause, cancellation));

    /// <summary>Acts, and lets what comes in a moment be read together, as <see cref="RestAfter(EventRange, CancellationToken)"/> does, but a short one.</summary>
    public static IChangeListener RestAfter(EventRange page, Action act, CancellationToken cancellation) => new AfterCommit(() =>
    {
        act();
        return page.Events.Count > Many ? Task.CompletedTask : Rest(ShortPause, cancellation);
    });

    private static async Task Rest(TimeSpan pause, CancellationToken cancellation) => await Task.Delay(pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;

    public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => act();
}

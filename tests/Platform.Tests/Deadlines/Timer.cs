using OtPlatform.Platform.Deadlines;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Tests.Deadlines;

public abstract record TimerEvent;

public sealed record TimerSet(Guid TimerId, DateTimeOffset DueAt) : TimerEvent;

public sealed record TimerStopped(Guid TimerId) : TimerEvent;

/// <summary>From now on it cannot ring.</summary>
public sealed record TimerJammed(Guid TimerId) : TimerEvent;

public sealed record Rang(Guid TimerId, DateTimeOffset At) : TimerEvent;

internal sealed record TimerState(DateTimeOffset? DueAt, bool IsJammed);

internal static class Timer
{
    public static readonly Aggregate<TimerState, TimerEvent> Aggregate = new("timer", new TimerState(null, false), Evolve)
    {
        Deadlines = state => state.DueAt is { } due ? [new WantedDeadline("ring", due)] : [],
    };

    public static readonly DeadlineHandler Handler = new("timer", async (work, deadline, now, cancellation) =>
        (await work.Decide(Aggregate, deadline.StreamId, state => Ring(state, deadline.StreamId, now), null, cancellation)).Changed);

    // It would ring whenever it is asked to.
    private static Decision<TimerEvent> Ring(TimerState state, Guid id, DateTimeOffset now) =>
        state.IsJammed ? throw new InvalidOperationException("Jammed.") : new Rang(id, now);

    private static TimerState Evolve(TimerState state, TimerEvent happened) => happened switch
    {
        TimerSet e => state with { DueAt = e.DueAt },
        TimerJammed => state with { IsJammed = true },
        _ => state with { DueAt = null },
    };
}

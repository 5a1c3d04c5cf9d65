using OtPlatform.Platform.Streams;

namespace OtPlatform.Testing;

/// <summary>Given past events, when a command, then events, nothing or a rejection. Needs no server.</summary>
public sealed class DeciderSpec<TState, TEvent>(Aggregate<TState, TEvent> aggregate)
    where TState : class
    where TEvent : class
{
    public PastEvents Given(params TEvent[] past) => new(aggregate, past);

    public sealed class PastEvents(Aggregate<TState, TEvent> aggregate, TEvent[] past)
    {
        public Decided When<TCommand>(Func<TState, TCommand, Decision<TEvent>> decide, TCommand command) =>
            new(aggregate, past, state => decide(state, command));
    }

    public sealed class Decided(Aggregate<TState, TEvent> aggregate, TEvent[] past, Func<TState, Decision<TEvent>> decide)
    {
        private readonly Decision<TEvent> _decision = decide(aggregate.Fold(past));

        /// <summary>What happened, for assertions on its parts. The same command once more must add nothing.</summary>
        public IReadOnlyList<TEvent> ThenEvents(params Type[] types)
        {
            Assert.That(_decision.Rejection, Is.Null);
            Assert.That(_decision.Events.Select(happened => happened.GetType().Name), Is.EqualTo(types.Select(type => type.Name)));
            AgainChangesNothing();
            return _decision.Events;
        }

        public void Then(params TEvent[] expected)
        {
            Assert.That(_decision.Rejection, Is.Null);
            Assert.That(_decision.Events, Is.EqualTo(expected));
            AgainChangesNothing();
        }

        public void ThenNothing()
        {
            Assert.That(_decision.Rejection, Is.Null);
            Assert.That(_decision.Events, Is.Empty);
        }

        public void ThenRejected(Rejection rule) => Assert.That(_decision.Rejection, Is.EqualTo(rule));

        private void AgainChangesNothing()
        {
            var again = decide(aggregate.Fold([.. past, .. _decision.Events]));
            Assert.That(again.Events, Is.Empty, "The same command once more adds an event.");
        }
    }
}

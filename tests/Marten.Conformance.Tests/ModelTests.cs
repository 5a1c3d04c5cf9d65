using FsCheck;
using FsCheck.Fluent;
using JasperFx;
using JasperFx.Events;
using Marten.Exceptions;

namespace OtPlatform.StoreConformance;

/// <summary>Random sessions against a pure model of streams.</summary>
public sealed class ModelTests : StoreFixture
{
    private const int Streams = 4;

    [SetUp]
    public Task CreateTables() => StartedAsync(new NoteAdded(0));

    [Test]
    public void One_after_the_other_sessions_do_what_the_model_says()
    {
        Prop.ForAll(Gen.ListOf(Sessions(withArchives: true)).ToArbitrary(), sessions => FollowsAsync([.. sessions]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Test]
    public void Side_by_side_sessions_end_in_a_state_that_some_order_explains()
    {
        Prop.ForAll(Gen.ListOf(Sessions(withArchives: false), 8).ToArbitrary(), sessions => CompeteAsync([.. sessions]).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static Gen<IReadOnlyList<Step>> Sessions(bool withArchives) =>
        from first in Steps(withArchives)
        from more in Gen.Frequency((2, Gen.Constant<Step?>(null)), (1, Steps(withArchives).Select(step => (Step?)step)))
        select more is null || more.Stream == first.Stream ? (IReadOnlyList<Step>)[first] : first.Stream < more.Stream ? [first, more] : [more, first];

    private static Gen<Step> Steps(bool withArchives) =>
        from stream in Gen.Choose(0, Streams - 1)
        from kind in Gen.Frequency(
            (3, Gen.Constant(Kind.Start)), (3, Gen.Constant(Kind.Append)), (5, Gen.Constant(Kind.AppendExpecting)), (withArchives ? 1 : 0, Gen.Constant(Kind.Archive)))
        from count in Gen.Choose(1, 3)
        from offset in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Constant(-1)), (1, Gen.Constant(1)))
        select new Step(kind, stream, count, offset);

    /// <summary>What is refused is refused whole; what is stored is what the model has.</summary>
    private async Task<bool> FollowsAsync(IReadOnlyList<IReadOnlyList<Step>> sessions)
    {
        var ids = Enumerable.Range(0, Streams).Select(_ => Guid.NewGuid()).ToArray();
        var model = new Model();
        var number = 0;
        foreach (var steps in sessions)
        {
            var expected = model.After(steps, number);
            Assert.That(await TryAsync(ids, steps, model, number), Is.EqualTo(expected is not null), string.Join("; ", steps));
            model = expected ?? model;
            number += steps.Sum(step => step.Count);
            await SameAsync(ids, model);
        }

        return true;
    }

    /// <summary>Each session was decided on an empty model; whoever won, streams are whole, and losers left nothing.</summary>
    private async Task<bool> CompeteAsync(IReadOnlyList<IReadOnlyList<Step>> sessions)
    {
        var ids = Enumerable.Range(0, Streams).Select(_ => Guid.NewGuid()).ToArray();
        var empty = new Model();
        var won = await Task.WhenAll(sessions.Select((steps, i) => Task.Run(() => TryAsync(ids, steps, empty, i * 100))));

        var stored = new List<int>[Streams];
        for (var stream = 0; stream < Streams; stream++)
        {
            var events = await FetchAsync(ids[stream]);
            Assert.That(events.Select(e => e.Version), Is.EqualTo(Enumerable.Range(1, events.Count).Select(v => (long)v)));
            Assert.That(events.Select(e => e.Sequence), Is.Ordered.Ascending.And.Unique);
            stored[stream] = [.. events.Select(e => ((NoteAdded)e.Data).Number)];
        }

        for (var i = 0; i < sessions.Count; i++)
        {
            var number = i * 100;
            foreach (var step in sessions[i])
            {
                var numbers = Enumerable.Range(number, step.Count).ToArray();
                var at = stored[step.Stream].IndexOf(numbers[0]);
                Assert.That(stored[step.Stream].Count(numbers.Contains), Is.EqualTo(won[i] ? step.Count : 0), $"session {i}: {step}");
                if (won[i])
                {
                    Assert.That(stored[step.Stream].GetRange(at, step.Count), Is.EqualTo(numbers));
                    if (step.Kind == Kind.Start || step.Kind == Kind.AppendExpecting)
                        Assert.That(at, Is.EqualTo(step.Kind == Kind.Start ? 0 : step.ExpectedBefore(0)), $"session {i}: {step}");
                }

                number += step.Count;
            }
        }

        for (var stream = 0; stream < Streams; stream++)
        {
            var starters = sessions.Where((steps, i) => won[i] && steps.Any(step => step.Stream == stream && step.Kind == Kind.Start)).Count();
            Assert.That(starters, Is.LessThanOrEqualTo(1));
        }

        return true;
    }

    private async Task<bool> TryAsync(Guid[] ids, IReadOnlyList<Step> steps, Model model, int number)
    {
        await using var session = Store.LightweightSession();
        foreach (var step in steps)
        {
            var (id, events) = (ids[step.Stream], Enumerable.Range(number, step.Count).Select(n => (object)new NoteAdded(n)).ToArray());
            number += step.Count;
            switch (step.Kind)
            {
                case Kind.Start:
                    session.Events.StartStream(id, events);
                    break;
                case Kind.Append:
                    session.Events.Append(id, events);
                    break;
                case Kind.AppendExpecting:
                    session.Events.Append(id, step.ExpectedBefore(model.VersionOf(step.Stream)) + step.Count, events);
                    break;
                default:
                    session.Events.ArchiveStream(id);
                    break;
            }
        }

        try
        {
            await session.SaveChangesAsync();
            return true;
        }
        catch (Exception refused) when (refused is ConcurrencyException or ExistingStreamIdCollisionException or InvalidStreamOperationException)
        {
            return false;
        }
    }

    private async Task SameAsync(Guid[] ids, Model model)
    {
        await using var session = Store.QuerySession();
        for (var stream = 0; stream < Streams; stream++)
        {
            var state = await session.Events.FetchStreamStateAsync(ids[stream]);
            Assert.That((state?.Version ?? 0, state?.IsArchived ?? false), Is.EqualTo((model.VersionOf(stream), model.IsArchived(stream))));
            if (!model.IsArchived(stream))
                Assert.That((await session.Events.FetchStreamAsync(ids[stream])).Select(e => ((NoteAdded)e.Data).Number), Is.EqualTo(model.NumbersOf(stream)));
        }
    }

    private async Task<IReadOnlyList<IEvent>> FetchAsync(Guid id)
    {
        await using var session = Store.QuerySession();
        return await session.Events.FetchStreamAsync(id);
    }

    private enum Kind
    {
        Start,
        Append,
        AppendExpecting,
        Archive,
    }

    /// <param name="Offset">How far the expectation is from the version that the writer saw.</param>
    private sealed record Step(Kind Kind, int Stream, int Count, int Offset)
    {
        public long ExpectedBefore(long version) => version + (version == 0 ? Math.Abs(Offset) : Offset);
    }

    private sealed class Model
    {
        private readonly Dictionary<int, (List<int> Numbers, bool IsArchived)> _streams = [];

        public long VersionOf(int stream) => _streams.TryGetValue(stream, out var found) ? found.Numbers.Count : 0;

        public bool IsArchived(int stream) => _streams.TryGetValue(stream, out var found) && found.IsArchived;

        public IReadOnlyList<int> NumbersOf(int stream) => _streams.TryGetValue(stream, out var found) ? found.Numbers : [];

        /// <summary>The model after a session, or null when the session is refused.</summary>
        public Model? After(IReadOnlyList<Step> steps, int number)
        {
            var after = new Model();
            foreach (var (stream, (numbers, archived)) in _streams)
                after._streams[stream] = ([.. numbers], archived);
            foreach (var step in steps)
            {
                if (!after.Take(step, number))
                    return null;
                number += step.Count;
            }

            return after;
        }

        private bool Take(Step step, int number)
        {
            var exists = _streams.TryGetValue(step.Stream, out var stream);
            if (step.Kind == Kind.Archive)
            {
                if (exists)
                    _streams[step.Stream] = (stream.Numbers, true);
                return true;
            }

            if (exists && (stream.IsArchived || step.Kind == Kind.Start))
                return false;
            if (step.Kind == Kind.AppendExpecting && step.Offset != 0)
                return false;
            _streams[step.Stream] = ([.. exists ? stream.Numbers : [], .. Enumerable.Range(number, step.Count)], false);
            return true;
        }
    }
}

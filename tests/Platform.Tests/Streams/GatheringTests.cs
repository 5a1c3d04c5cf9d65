using System.Collections.Concurrent;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Tests.Streams;

/// <summary>Serving at once what many ask for one by one.</summary>
[TestFixture]
internal sealed class GatheringTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Those_who_come_while_others_are_served_are_served_together_next_in_their_order()
    {
        using var door = new Door();
        var gathering = new Gathering<int, string>(door.Serve, atOnce: 64, lanes: 1, Long);
        var first = gathering.Ask(1, default);
        await door.Entered(1);
        var others = Enumerable.Range(2, 5).Select(item => gathering.Ask(item, default)).ToArray();
        door.Open();
        Assert.That((string[])[await first, .. await Task.WhenAll(others)], Is.EqualTo(Enumerable.Range(1, 6).Select(item => $"answer {item}")));
        Assert.That(door.Served, Is.EqualTo(new[] { "1", "2 3 4 5 6" }));
    }

    [Test]
    public async Task No_more_are_served_together_and_no_more_gatherings_run_than_is_said()
    {
        using var door = new Door();
        var gathering = new Gathering<int, string>(door.Serve, atOnce: 3, lanes: 2, Long);
        var all = new List<Task<string>>();
        for (var item = 1; item <= 2; item++)
        {
            all.Add(gathering.Ask(item, default));
            await door.Entered(item);
        }

        all.AddRange(Enumerable.Range(3, 7).Select(item => gathering.Ask(item, default)));
        Assert.That(door.Inside, Is.EqualTo(2));
        door.Open();
        await Task.WhenAll(all).WaitAsync(Long);
        Assert.That(door.Most, Is.EqualTo(2));
        Assert.That(door.Served.Max(together => together.Split(' ').Length), Is.EqualTo(3));
    }

    [Test]
    public async Task What_fails_together_is_tried_once_more_each_by_itself()
    {
        using var door = new Door { Fails = 4 };
        var gathering = new Gathering<int, string>(door.Serve, atOnce: 64, lanes: 1, Long);
        var first = gathering.Ask(1, default);
        await door.Entered(1);
        var others = Enumerable.Range(2, 4).ToDictionary(item => item, item => gathering.Ask(item, default));
        door.Open();
        Assert.ThrowsAsync<FormatException>(() => others[4]);
        Assert.That((string[])[await first, await others[2], await others[3], await others[5]], Is.EqualTo(new[] { "answer 1", "answer 2", "answer 3", "answer 5" }));
        Assert.That(door.Served.Order(), Is.EqualTo(new[] { "1", "2", "2 3 4 5", "3", "4", "5" }));
    }

    [Test]
    public async Task A_gathering_that_hangs_is_given_up_at_its_limit_and_its_own_are_served_alone()
    {
        using var door = new Door();
        var gathering = new Gathering<int, string>(door.Serve, atOnce: 64, lanes: 1, TimeSpan.FromMilliseconds(200));
        var hangs = gathering.Ask(1, default);
        await door.Entered(1);
        var next = gathering.Ask(2, default);
        await Testing.Eventually.Holds(() => Assert.That(door.GivenUp, Is.GreaterThanOrEqualTo(2)));
        door.Open();
        Assert.That((await hangs, await next), Is.EqualTo(("answer 1", "answer 2")));
    }

    [Test]
    public async Task Who_gives_up_before_being_served_is_left_out()
    {
        using var door = new Door();
        using var gone = new CancellationTokenSource();
        var gathering = new Gathering<int, string>(door.Serve, atOnce: 64, lanes: 1, Long);
        var first = gathering.Ask(1, default);
        await door.Entered(1);
        var (left, stays) = (gathering.Ask(2, gone.Token), gathering.Ask(3, default));
        await gone.CancelAsync();
        Assert.ThrowsAsync<TaskCanceledException>(() => left);
        door.Open();
        Assert.That((await first, await stays), Is.EqualTo(("answer 1", "answer 3")));
        Assert.That(door.Served, Is.EqualTo(new[] { "1", "3" }));
    }

    /// <summary>Serves those who have come in when it is opened.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _entered = [];
        private readonly Lock _gate = new();
        private int _givenUp;

        public int Fails { get; init; }

        public List<string> Served { get; } = [];

        public int Inside { get; private set; }

        public int Most { get; private set; }

        public int GivenUp => _givenUp;

        public void Open() => _open.TrySetResult();

        public Task Entered(int item) => Of(item).Task.WaitAsync(Long);

        public async Task<IReadOnlyList<string>> Serve(IReadOnlyList<int> together, CancellationToken cancellation)
        {
            lock (_gate)
            {
                Inside++;
                Most = Math.Max(Most, Inside);
            }

            try
            {
                foreach (var item in together)
                {
                    Of(item).TrySetResult();
                }

                await _open.Task.WaitAsync(cancellation);
                lock (_gate)
                {
                    Served.Add(string.Join(' ', together));
                }

                return together.Contains(Fails) ? throw new FormatException("One of them cannot be served.") : [.. together.Select(item => $"answer {item}")];
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _givenUp);
                throw;
            }
            finally
            {
                lock (_gate)
                {
                    Inside--;
                }
            }
        }

        public void Dispose() => _open.TrySetResult();

        private TaskCompletionSource Of(int item) => _entered.GetOrAdd(item, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}

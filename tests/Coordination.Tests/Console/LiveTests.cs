using System.Net;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Coordination.Tests.Journal;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>Server-sent events for open pages.</summary>
[TestFixture]
internal sealed class LiveTests
{
    private RunningConsole _console = null!;

    [OneTimeSetUp]
    public async Task Start() => _console = await RunningConsole.Start("coordination_live");

    [OneTimeTearDown]
    public async Task Stop() => await _console.DisposeAsync();

    [Test]
    public async Task A_change_in_the_own_area_is_told_within_a_second_and_another_areas_never()
    {
        using var browser = await _console.Browser().SignedIn("coordinator-sisa");
        await using var live = await Stream.Open(browser, "/live");
        await _console.Told(area: "lansi");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(live.Seen, Has.None.StartsWith("event:"));
        var told = new Happenings(Guid.CreateVersion7());
        told.Submitted();
        await _console.Journal.Publish(told.All);
        await live.Until("event: changed", TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task A_consultations_page_hears_of_that_consultation_alone()
    {
        var (shown, other) = (await _console.Told(), await _console.Told());
        using var browser = await _console.Browser().SignedIn("coordinator-sisa");
        await using var live = await Stream.Open(browser, $"/live?consultation={shown.Consultation}");
        await Changed(other);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.That(live.Seen, Has.None.StartsWith("event:"));
        await Changed(shown);
        await live.Until("event: changed", TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task What_happened_since_the_page_was_made_is_told_at_once_and_after_a_break_from_where_it_was()
    {
        using var browser = await _console.Browser().SignedIn("coordinator-ita");
        var page = await browser.Get("/queues");
        var watched = System.Text.RegularExpressions.Regex.Match(page.Text, "data-live=\"([^\"]*)\"").Groups[1].Value;
        await _console.Told(area: "ita");
        string last;
        await using (var first = await Stream.Open(browser, watched))
        {
            await first.Until("event: changed", TimeSpan.FromSeconds(1));
            last = first.Seen.Last(line => line.StartsWith("id: ", StringComparison.Ordinal))[4..];
        }

        await using var nothingNew = await Stream.Open(browser, watched, last);
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.That(nothingNew.Seen, Has.None.StartsWith("event:"));
        await _console.Told(area: "ita");
        await nothingNew.Until("event: changed", TimeSpan.FromSeconds(2));
    }

    [Test]
    public async Task An_expert_hears_of_their_own_invitations_alone()
    {
        using var invited = await _console.Browser().SignedInAsExpert(Happenings.Expert(31));
        using var other = await _console.Browser().SignedInAsExpert(Happenings.Expert(32));
        await using var theirs = await Stream.Open(invited, "/live");
        await using var others = await Stream.Open(other, "/live");
        await _console.Told(told => told.Team(at => Happenings.Invited(told, 31, at)));
        await theirs.Until("event: changed", TimeSpan.FromSeconds(1));
        Assert.That(others.Seen, Has.None.StartsWith("event:"));
    }

    [Test]
    public async Task Pages_of_rules_and_numbers_hear_of_those_alone()
    {
        using var coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        using var expert = await _console.Browser().SignedInAsExpert(Happenings.Expert(33));
        await using var rules = await Stream.Open(coordinator, "/live?about=rules");
        await using var numbers = await Stream.Open(coordinator, "/live?about=counted");
        await using var experts = await Stream.Open(expert, "/live?about=rules");
        var told = await _console.Told();
        var published = new Happenings(Guid.CreateVersion7());
        published.Triage(at => new Contracts.Triage.PolicyPublished(published.Consultation, "lansi", 2, "{}", new DateOnly(2026, 11, 23), at, "leadership-lansi", "trial", at));
        await _console.Journal.Publish(published.All[^1]);
        told.Triage(at => Happenings.Decided(told, at, Route.HybridTeam));
        await _console.Journal.Publish(told.All[^1]);
        await rules.Until("event: changed", TimeSpan.FromSeconds(2));
        await numbers.Until("event: changed", TimeSpan.FromSeconds(2));
        Assert.Multiple(() =>
        {
            Assert.That(rules.Seen.Count(line => line == "event: changed"), Is.EqualTo(1));
            Assert.That(numbers.Seen.Count(line => line == "event: changed"), Is.EqualTo(1));
            Assert.That(experts.Seen, Has.None.StartsWith("event:"));
        });
    }

    private async Task Changed(Happenings told)
    {
        told.Intake(at => new ConsultationStatusChanged(told.Consultation, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddDays(1), at));
        await _console.Journal.Publish(told.All[^1]);
        await _console.Journal.WrittenDown([told.All[^1]]);
    }

    /// <summary>An open stream, read line by line in the background.</summary>
    private sealed class Stream(HttpResponseMessage answer) : IAsyncDisposable
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _seen = [];
        private readonly CancellationTokenSource _ending = new();
        private Task _reading = Task.CompletedTask;

        public IReadOnlyList<string> Seen => [.. _seen];

        public static async Task<Stream> Open(Browser browser, string path, string? lastEventId = null)
        {
            var stream = new Stream(await browser.Open(WebUtility.HtmlDecode(path), lastEventId));
            Assert.That(stream.MediaType, Is.EqualTo("text/event-stream"));
            stream._reading = stream.Read();
            await stream.Until(": open", TimeSpan.FromSeconds(5));
            return stream;
        }

        public Task Until(string line, TimeSpan within) => OtPlatform.Testing.Eventually.Holds(() => Assert.That(Seen, Does.Contain(line)), within);

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _reading;
            answer.Dispose();
            _ending.Dispose();
        }

        private string? MediaType => answer.Content.Headers.ContentType?.MediaType;

        private async Task Read()
        {
            try
            {
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
                while (await reader.ReadLineAsync(_ending.Token) is { } line)
                {
                    _seen.Enqueue(line);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException)
            {
            }
        }
    }
}

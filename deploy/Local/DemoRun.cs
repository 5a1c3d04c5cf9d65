using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OtPlatform.Local;

/// <summary>
/// The demo's journeys: sends the sample consultations through the partner API, each with its county's token, while stand-in
/// coordinators, experts and receivers answer over the public interfaces. Knows the system only from outside, and bears it that a
/// service is killed and comes back.
/// </summary>
/// <param name="moveClock">Moves the platform's clock on, so that an expert's silence has an end.</param>
public sealed class DemoRun(Endpoints endpoints, string samplesFolder, Action<TimeSpan> moveClock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Longer than any time to answer of the policy, also over a week-end.
    private static readonly TimeSpan Silence = TimeSpan.FromDays(5);

    /// <summary>Who does not accept at once: the first one invited for these samples.</summary>
    private static readonly Dictionary<string, FirstAnswer> FirstAnswers = new()
    {
        ["01"] = FirstAnswer.Declines,
        ["02"] = FirstAnswer.Declines,
        ["10"] = FirstAnswer.Declines,
        ["13"] = FirstAnswer.Declines,
        ["04"] = FirstAnswer.StaysSilent,
    };

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly ConcurrentDictionary<Guid, Sample> _samples = new();

    /// <summary>Runs the journeys; the exit code is 0 when each ended as expected, and none happened twice.</summary>
    public static async Task<int> Run(Endpoints endpoints, Action<TimeSpan> moveClock, CancellationToken cancellation) =>
        await new DemoRun(endpoints, Path.Combine(Repository.Root, "deploy", "demo-data"), moveClock).Run(cancellation);

    private async Task<int> Run(CancellationToken cancellation)
    {
        using var http = new DemoHttp(endpoints);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var samples = Sample.ReadAll(samplesFolder);
        Row("no", "number", "county", "topic", "route", "end", "team or answer", "declined", "accountable party", "seconds", "expected");
        using var people = new DemoPeople(endpoints, http, consultation => _samples.TryGetValue(consultation, out var known) && FirstAnswers.TryGetValue(known.Name[..2], out var answer) ? answer : null);
        var coordinators = Task.WhenAll(samples.Select(sample => sample.County).Distinct()
            .Select(county => DemoAreas.AreaOf(county)).Distinct().Select(area => Coordinate(area, http, people, stop.Token)).Append(people.Answer(stop.Token)));
        var ended = new List<Ended>();
        try
        {
            // Those with a silent expert go first, and end last.
            var ordered = samples.OrderByDescending(sample => IsSilent(sample)).ToList();
            await Parallel.ForEachAsync(ordered, new ParallelOptions { MaxDegreeOfParallelism = 5, CancellationToken = cancellation }, async (sample, token) =>
            {
                var end = await Follow(sample, http, people, token);
                lock (ended)
                {
                    ended.Add(end);
                    Print(end);
                    if (!IsSilent(sample) && ended.Count(other => !IsSilent(other.Sample)) == samples.Count(other => !IsSilent(other)))
                    {
                        Console.WriteLine($"    the clock moves on by {Silence.Days} days: an invited expert has not answered");
                        moveClock(Silence);
                    }
                }
            });
        }
        finally
        {
            await stop.CancelAsync();
            await coordinators;
        }

        var doubled = await Doubled(samples, ended, http, cancellation);
        foreach (var line in doubled)
        {
            Console.WriteLine(line);
        }

        var asExpected = ended.Count(end => end.AsExpected);
        Console.WriteLine($"{asExpected} of {samples.Count} as expected");
        return asExpected == samples.Count && doubled.Count == 0 ? 0 : 1;
    }

    /// <summary>About another client than in any earlier run, whose matter may still be open.</summary>
    private string OfThisRun(string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        if (json["clientRef"] is { } reference)
        {
            json["clientRef"] = $"{reference}-{_run[^6..]}";
        }

        return json.ToJsonString();
    }

    private static bool IsSilent(Sample sample) => FirstAnswers.TryGetValue(sample.Name[..2], out var answer) && answer is FirstAnswer.StaysSilent;

    private async Task<Ended> Follow(Sample sample, DemoHttp http, DemoPeople people, CancellationToken cancellation)
    {
        var started = Stopwatch.StartNew();
        var area = DemoAreas.AreaOf(sample.County);
        var partner = $"partner-{sample.County}";
        using var acknowledged = await http.Send(partner, HttpMethod.Post, $"{endpoints.Rest["intake"]}/v1/consultations", OfThisRun(sample.Body), cancellation, ("Idempotency-Key", $"{sample.Name}-{_run}"));
        var id = acknowledged.RootElement.GetProperty("id").GetGuid();
        _samples[id] = sample;
        var number = acknowledged.RootElement.GetProperty("number").GetString()!;
        var last = "?";

        // A silent expert's matter goes on only when all others have ended.
        var patience = IsSilent(sample) ? 2 * Patience : Patience;
        while (started.Elapsed < patience)
        {
            using var seen = await http.Send(partner, HttpMethod.Get, $"{endpoints.Rest["intake"]}/v1/consultations/{id}", null, cancellation);
            using var judged = await http.Find($"coordinator-{area}", $"{endpoints.Rest["triage"]}/v1/cases/{id}", cancellation);
            var view = seen.RootElement;
            last = view.GetProperty("status").GetString()!;
            if (judged is not null && Settled(view, judged.RootElement) is { } outcome)
            {
                var team = await people.TeamOf(id, area, cancellation);
                return new Ended(sample, id, number, outcome, last, Result(view), Declined(team), view.GetProperty("responsible").GetProperty("name").GetString()!, started.Elapsed);
            }

            await Task.Delay(Pause, cancellation);
        }

        return new Ended(sample, id, number, "not settled", last, "?", "?", "?", started.Elapsed);
    }

    /// <summary>What the first assessment came to, once the requester sees where it has led in the end; null before.</summary>
    private static string? Settled(JsonElement view, JsonElement judged)
    {
        var outcome = judged.GetProperty("firstOutcome").GetString()!;
        var status = view.GetProperty("status").GetString();
        var route = view.GetProperty("route").GetString();
        return outcome switch
        {
            "needsInformation" => status == "needsInformation" ? outcome : null,
            "inTriage" => status == "inTriage" && route is null && judged.GetProperty("status").GetString() == "held" ? outcome : null,
            _ => status is "teamWorking" or "answered" or "referralAccepted" or "gapBeingSolved" ? Belongs(outcome, status, route) : null,
        };
    }

    /// <summary>The route, when the end is one that the route may have; a gap is one only where nobody in the pool fits.</summary>
    private static string Belongs(string outcome, string status, string? route) => (outcome, status) switch
    {
        _ when route != outcome => $"{outcome}, decided {route}",
        ("hybridTeam" or "standingTeam", "teamWorking" or "gapBeingSolved") => outcome,
        ("expertConsultation", "answered" or "gapBeingSolved") => outcome,
        ("basicSupportGuidance", "answered") => outcome,
        ("specialLevel", "referralAccepted") => outcome,
        _ => $"{outcome}, ended {status}",
    };

    private static string Result(JsonElement view) => view.GetProperty("status").GetString() switch
    {
        "teamWorking" => string.Join(" + ", view.GetProperty("team").GetProperty("members").EnumerateArray()
            .Select(member => member.GetProperty("sector").GetString() ?? (member.GetProperty("role").GetString() == "responsibleWorker" ? "own worker" : "network coordinator"))),
        "answered" => $"answer by {view.GetProperty("answer").GetProperty("by").GetString()}",
        _ => "-",
    };

    private static string Declined(Protos.TeamAssembly.V1.Team? team)
    {
        var said = team?.Invitations.Where(invitation => invitation.Status is "declined" or "expired" or "refused").GroupBy(invitation => invitation.Status).Select(status => $"{status.Count()} {status.Key}").ToList() ?? [];
        return said.Count == 0 ? "-" : string.Join(", ", said);
    }

    /// <summary>A coordinator who confirms every recommendation of the area, and leaves alone what is held.</summary>
    private async Task Coordinate(string area, DemoHttp http, DemoPeople people, CancellationToken cancellation)
    {
        var referred = new HashSet<Guid>();
        var coordinator = $"coordinator-{area}";
        var cases = $"{endpoints.Rest["triage"]}/v1/cases";
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var queue = await http.Send(coordinator, HttpMethod.Get, $"{cases}?status=awaitingConfirmation", null, cancellation);
                foreach (var waiting in queue.RootElement.GetProperty("items").EnumerateArray())
                {
                    var decision = JsonSerializer.Serialize(new { route = waiting.GetProperty("recommendedRoute").GetString() });
                    await http.TrySend(coordinator, HttpMethod.Post, $"{cases}/{waiting.GetProperty("id").GetGuid()}/route", decision, cancellation, ("If-Match", $"\"{waiting.GetProperty("version").GetInt64()}\""));
                }

                using var decided = await http.Send(coordinator, HttpMethod.Get, $"{cases}?status=routeDecided", null, cancellation);
                foreach (var special in decided.RootElement.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("route").GetString() == "specialLevel"))
                {
                    if (referred.Add(special.GetProperty("id").GetGuid()))
                    {
                        await people.Refer(special.GetProperty("id").GetGuid(), area, cancellation);
                    }
                }

                await Task.Delay(Pause, cancellation);
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>One consultation and one case for each sample, and no more; a line for each difference.</summary>
    private async Task<List<string>> Doubled(IReadOnlyList<Sample> samples, List<Ended> ended, DemoHttp http, CancellationToken cancellation)
    {
        var wrong = new List<string>();
        foreach (var county in samples.GroupBy(sample => sample.County))
        {
            using var listed = await http.Send($"partner-{county.Key}", HttpMethod.Get, $"{endpoints.Rest["intake"]}/v1/consultations?size=100", null, cancellation);
            Compare($"consultations of {county.Key}", listed.RootElement.GetProperty("items").GetArrayLength(), county.Count());
        }

        foreach (var area in ended.GroupBy(end => DemoAreas.AreaOf(end.Sample.County)))
        {
            using var queue = await http.Send($"coordinator-{area.Key}", HttpMethod.Get, $"{endpoints.Rest["triage"]}/v1/cases", null, cancellation);
            Compare($"cases of {area.Key}", queue.RootElement.GetProperty("items").GetArrayLength(), area.Count());
        }

        return wrong;

        void Compare(string what, int found, int expected)
        {
            if (found != expected)
            {
                wrong.Add($"{found} {what}, expected {expected}");
            }
        }
    }

    private static void Print(Ended end) => Row(
        end.Sample.Name[..2],
        end.Number,
        end.Sample.County,
        end.Sample.Topic,
        end.Outcome,
        end.Status,
        end.Result,
        end.Declined,
        end.Accountable,
        end.Took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
        end.AsExpected ? "yes" : $"NO, {end.Sample.Expected}");

    private static void Row(string no, string number, string county, string topic, string outcome, string end, string result, string declined, string accountable, string seconds, string expected) =>
        Console.WriteLine($"{no,-3}{number,-13}{county,-18}{topic,-34}{outcome,-21}{end,-17}{result,-42}{declined,-23}{accountable,-36}{seconds,7}  {expected}");

    private sealed record Ended(Sample Sample, Guid Id, string Number, string Outcome, string Status, string Result, string Declined, string Accountable, TimeSpan Took)
    {
        public bool AsExpected => Outcome == Sample.Expected;
    }

    private sealed record Sample(string Name, string County, string Topic, string Body, string Expected)
    {
        public static IReadOnlyList<Sample> ReadAll(string folder)
        {
            using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
            return
            [
                .. expected.RootElement.EnumerateObject().Select(entry =>
                {
                    var body = File.ReadAllText(Path.Combine(folder, "consultations", $"{entry.Name}.json"));
                    using var json = JsonDocument.Parse(body);
                    var topics = json.RootElement.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!).ToList();
                    return new Sample(
                        entry.Name,
                        json.RootElement.GetProperty("county").GetString()!,
                        topics.Count switch { 0 => "-", 1 => topics[0], var count => $"{topics[0]} +{count - 1}" },
                        body,
                        entry.Value.GetProperty("expect").GetString()!);
                }),
            ];
        }
    }
}

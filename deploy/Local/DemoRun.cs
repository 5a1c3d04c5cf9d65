using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OtPlatform.Local;

/// <summary>
/// The demo's journeys: sends the sample consultations through the partner API, each with its county's token, while stand-in
/// coordinators confirm the recommendations over the coordinators' own interface. Knows the system only from outside, and
/// bears it that a service is killed and comes back.
/// </summary>
public sealed class DemoRun(Endpoints endpoints, string samplesFolder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _run = Guid.CreateVersion7().ToString("N");

    /// <summary>Runs the journeys; the exit code is 0 when each ended as expected, and none happened twice.</summary>
    public static async Task<int> Run(Endpoints endpoints, CancellationToken cancellation) =>
        await new DemoRun(endpoints, Path.Combine(Repository.Root, "deploy", "demo-data")).Run(cancellation);

    private async Task<int> Run(CancellationToken cancellation)
    {
        using var http = new DemoHttp(endpoints);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var samples = Sample.ReadAll(samplesFolder);
        Row("no", "number", "county", "topic", "route", "accountable party", "journey", "seconds", "expected");
        var coordinators = Task.WhenAll(samples.Select(sample => sample.County).Distinct()
            .Select(county => DemoAreas.AreaOf(county)).Distinct().Select(area => Coordinate(area, http, stop.Token)));
        var ended = new List<Ended>();
        try
        {
            await Parallel.ForEachAsync(samples, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (sample, token) =>
            {
                var end = await Follow(sample, http, token);
                lock (ended)
                {
                    ended.Add(end);
                    Print(end);
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

    private async Task<Ended> Follow(Sample sample, DemoHttp http, CancellationToken cancellation)
    {
        var started = Stopwatch.StartNew();
        var partner = $"partner-{sample.County}";
        using var acknowledged = await http.Send(partner, HttpMethod.Post, $"{endpoints.Rest["intake"]}/v1/consultations", sample.Body, cancellation, ("Idempotency-Key", $"{sample.Name}-{_run}"));
        var id = acknowledged.RootElement.GetProperty("id").GetGuid();
        var number = acknowledged.RootElement.GetProperty("number").GetString()!;
        while (started.Elapsed < Patience)
        {
            using var seen = await http.Send(partner, HttpMethod.Get, $"{endpoints.Rest["intake"]}/v1/consultations/{id}", null, cancellation);
            using var judged = await http.Find($"coordinator-{DemoAreas.AreaOf(sample.County)}", $"{endpoints.Rest["triage"]}/v1/cases/{id}", cancellation);
            if (judged is not null && Settled(seen.RootElement, judged.RootElement) is { } outcome)
            {
                var view = seen.RootElement;
                var journey = string.Join(" > ", view.GetProperty("timeline").EnumerateArray().Select(step => step.GetProperty("status").GetString()!).Aggregate(
                    new List<string>(), (steps, status) => steps.LastOrDefault() == status ? steps : [.. steps, status]));
                return new Ended(sample, id, number, outcome, view.GetProperty("responsible").GetProperty("name").GetString()!, journey, started.Elapsed);
            }

            await Task.Delay(Pause, cancellation);
        }

        return new Ended(sample, id, number, "not settled", "?", "?", started.Elapsed);
    }

    /// <summary>What the first assessment came to, once the requester's view has arrived at what follows from it; null before.</summary>
    private static string? Settled(JsonElement view, JsonElement judged)
    {
        var outcome = judged.GetProperty("firstOutcome").GetString()!;
        var status = view.GetProperty("status").GetString();
        var route = view.GetProperty("route").GetString();
        return outcome switch
        {
            "needsInformation" => status == "needsInformation" ? outcome : null,
            "inTriage" => status == "inTriage" && route is null && judged.GetProperty("status").GetString() == "held" ? outcome : null,
            _ => route is null ? null : route == outcome ? outcome : $"{outcome}, decided {route}",
        };
    }

    /// <summary>A coordinator who confirms every recommendation of the area, and leaves alone what is held.</summary>
    private async Task Coordinate(string area, DemoHttp http, CancellationToken cancellation)
    {
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

                await Task.Delay(Pause, cancellation);
            }
            catch (OperationCanceledException)
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
        end.Accountable,
        end.Journey,
        end.Took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
        end.AsExpected ? "yes" : $"NO, {end.Sample.Expected}");

    private static void Row(string no, string number, string county, string topic, string outcome, string accountable, string journey, string seconds, string expected) =>
        Console.WriteLine($"{no,-3}{number,-14}{county,-18}{topic,-38}{outcome,-22}{accountable,-42}{journey,-48}{seconds,7}  {expected}");

    private sealed record Ended(Sample Sample, Guid Id, string Number, string Outcome, string Accountable, string Journey, TimeSpan Took)
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

extern alias triage;

using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Local;
using OtPlatform.Platform;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;
using triage::OtPlatform.Triage.PolicyVersions;
using triage::OtPlatform.Triage.TriageCases;
using PastWhatIf = triage::OtPlatform.Triage.PolicyVersions.WhatIf;

namespace OtPlatform.Bench;

/// <summary>Triage's own work, in this process: assessments, and a what-if on stored cases beside a reader that only reads the same cases.</summary>
internal static class Assessing
{
    private const int Mixed = 2_000;
    private const int Slices = 12;
    private const int Passes = 3;

    /// <summary>Each assessed with its whole explanation, beside the bare row that decides.</summary>
    public static async Task Assessments(Workbench bench, Catalogue catalogue)
    {
        var cases = new PastCases(catalogue);
        var requests = cases.Requests(Mixed).Select(request => (Request: request, Policy: cases.PolicyOf(request))).ToList();
        Task<int> Assessed(int slice) => Task.FromResult(requests.Count(one => Assessment.Of(Facts.Of(one.Request, [], one.Policy), one.Policy, one.Request.HasScreening).PolicyVersion.Length > 0));
        Task<int> Decided(int slice) => Task.FromResult(requests.Count(one => Recommendation.For(Facts.Of(one.Request, [], one.Policy), one.Policy.Rules) is not null));
        await Compiling.UntilDone(Environment.ProcessId, async () =>
        {
            var started = Stopwatch.GetTimestamp();
            await Assessed(0);
            await Decided(0);
            return Stopwatch.GetElapsedTime(started);
        });
        await bench.Compare("assessments with their explanation, beside the bare decision", "assessments", null, Slices, Assessed, Decided);
    }

    /// <summary>Both read the same documents in the same pages through the same calls of the store, so that the ratio is what the weighing adds.</summary>
    public static async Task WhatIf(Workbench bench, Catalogue catalogue, CancellationToken cancellation)
    {
        var count = bench.Option("cases");
        await using var services = Services(await bench.FreshDatabase("triage"));
        var store = StoreBenchmark.StoreOf(services);
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await new PastCases(catalogue).Store(store, count, cancellation);
        var streams = services.GetRequiredService<StreamStore>();
        var whatIf = new PastWhatIf(streams, new PolicyBook(catalogue.PolicyPages), catalogue, TimeProvider.System);
        var other = OneMarkIsEnough();

        async Task<TimeSpan> Weigh(int most)
        {
            var started = Stopwatch.GetTimestamp();
            WhatIfSoFar? last = null;
            await foreach (var soFar in whatIf.Run(PolicyBook.Defaults, other, cancellation))
            {
                last = soFar;
                if (soFar.Done >= most)
                {
                    break;
                }
            }

            var took = Stopwatch.GetElapsedTime(started);
            return last is { Changes.Count: > 0 } && last.Done >= most ? took : throw new LocalFailureException($"The what-if looked at {last?.Done} of {most} cases and changed {last?.Changes.Count} kinds.");
        }

        async Task<TimeSpan> Read(int most)
        {
            var (started, read, after) = (Stopwatch.GetTimestamp(), 0, Guid.Empty);
            while (read < most && await streams.Query<RoutingQueueEntry>($"where d.id > ? order by d.id limit {PastWhatIf.PageSize}", cancellation, after) is { Count: > 0 } page)
            {
                (read, after) = (read + page.Count, page[^1].Id);
            }

            var took = Stopwatch.GetElapsedTime(started);
            return read >= most ? took : throw new LocalFailureException($"There were {read} of {most} cases.");
        }

        await Compiling.UntilDone(Environment.ProcessId, async () => await Weigh(count / 10) + await Read(count / 10));
        var (weighed, only) = (new List<double>(), new List<double>());
        for (var pass = 0; pass < Passes; pass++)
        {
            bench.Probe.Take();
            weighed.Add((await Weigh(count)).TotalSeconds);
            only.Add((await Read(count)).TotalSeconds);
        }

        bench.Add($"what-if of {count:#,##0} cases, beside only reading and deserialising them", Statistics.Median(weighed), Statistics.Median(only), Target.RatioAtMost(2), "s");
        bench.Add("  cases for each second", count / Statistics.Median(weighed), count / Statistics.Median(only), null, "cases/s");
    }

    private static ServiceProvider Services(string database)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ServiceIdentity("triage"));
        services.AddStore(new StoreSettings { ConnectionString = database }, new StoreDefinition([typeof(TriageEvent), typeof(PolicyEvent)], TriageCaseFeatures.Documents, []));
        return services.BuildServiceProvider();
    }

    /// <summary>The shipped defaults, but one mark of complexity is enough for a team: a change that many cases feel.</summary>
    private static string OneMarkIsEnough()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "contracts", "catalogue", "policies", "default.json")))!;
        var row = document["rows"]!.AsArray().Single(one => one!["code"]!.GetValue<string>() == "complexity")!;
        row["when"]!["any"]![0]!["marksAtLeast"]!["count"] = 1;
        return document.ToJsonString();
    }
}

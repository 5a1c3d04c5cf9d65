using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>
/// Submissions to Intake over its public interface, beside a bare endpoint that does the two inserts without which nothing may be
/// acknowledged; then how soon coordinators know of immediate danger while thousands of ordinary requests wait before it.
/// </summary>
internal sealed class IntakeBenchmark : Benchmark
{
    private const string Partner = "partner-pirkanmaa";
    private const int Dangers = 20;
    private const int FillingClients = 32;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(2);
    private static readonly string[] Others = ["coordination", "triage", "teamAssembly", "expertPool"];

    public override string Name => "intake";

    /// <summary>How many submissions wait when the first danger is reported.</summary>
    public override IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int> { ["backlog"] = 10_000 };

    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        var path = Path.Combine(RunFolder.OfCheckout.Path, $"bench-intake-{Environment.ProcessId}");
        var folder = new RunFolder(path);
        bench.Guard.Add(new LeftFolder(path));
        await using var stack = await Stack.Start(
            new StackOptions
            {
                Folder = folder,
                Area = Path.Combine(path, "area"),
                Clean = true,
                Passing = true,
                PreferredPorts = false,
                Servers = new ExternalServers(null, null, null),
                Settings = new Dictionary<string, string> { ["Http__RequestsPerSecondAndClient"] = "1000000" },
                Say = _ => { },
            },
            cancellation);

        // What they would do with the requests is not what is measured, and here everybody shares two cores.
        foreach (var service in Others)
        {
            await Stack.StopReplica(folder, service, 1, UnixSignal.Terminate);
        }

        using var partner = await PartnerOf(stack.Endpoints, cancellation);
        await Submissions(bench, stack.Endpoints, partner, path, cancellation);
        await Overtaking(bench, folder, stack, partner, cancellation);
    }

    private static async Task Submissions(Workbench bench, Endpoints endpoints, Sender partner, string path, CancellationToken cancellation)
    {
        var (store, keys) = (await Databases.Ensure(endpoints.Postgres, "bare_store", cancellation), await Databases.Ensure(endpoints.Postgres, "bare_keys", cancellation));
        await BareIntake.Prepare(store, keys, cancellation);
        var address = $"http://127.0.0.1:{Ports.Take(null, "the bare endpoint", _ => { })}";
        var process = await BareIntake.Start(address, store, keys, Path.Combine(path, "bare.log"), bench.Guard, cancellation);
        using var bare = new Sender(new Uri(address), partner.Body, null);
        foreach (var clients in (int[])[1, 16, 64])
        {
            var (ours, reference) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
            var with = clients == 1 ? "1 client" : $"{clients} clients";
            await bench.CompareTimed(
                $"submissions, {with}", "requests", Target.RatioAtLeast(0.6), slices: 6,
                slice => partner.Send(clients, Slice, slice < 0 ? [] : ours, cancellation),
                slice => bare.Send(clients, Slice, slice < 0 ? [] : reference, cancellation));
            bench.Add($"  p50 of a submission, {with}", Statistics.Percentile(ours, 0.5), Statistics.Percentile(reference, 0.5), null, "ms");
            bench.Add($"  p99 of a submission, {with}", Statistics.Percentile(ours, 0.99), Statistics.Percentile(reference, 0.99), null, "ms");
        }

        await process.Stop(UnixSignal.Terminate, TimeSpan.FromSeconds(10));
    }

    /// <summary>From the acknowledgement of a danger to its place in the coordinators' queue, asked past the service, while it works off what came before.</summary>
    private static async Task Overtaking(Workbench bench, RunFolder folder, Stack stack, Sender partner, CancellationToken cancellation)
    {
        await using var coordination = NpgsqlDataSource.Create($"{stack.Endpoints.Postgres};Database={stack.Endpoints.Databases["coordination"]}");
        await using var intake = NpgsqlDataSource.Create($"{stack.Endpoints.Postgres};Database={stack.Endpoints.Databases["intake"]}");
        async Task<long> Waiting() => await Count(intake, "ot.mt_streams", cancellation) - await Count(coordination, "ot.mt_doc_queueentry", cancellation);
        if (await Waiting() < bench.Option("backlog"))
        {
            await partner.SendSome(FillingClients, (int)(bench.Option("backlog") - await Waiting()), cancellation);
        }

        var before = await Waiting();
        await Task.WhenAll(Stack.StartReplica(folder, "coordination", 1, cancellation), Stack.StartReplica(folder, "triage", 1, cancellation));
        var took = new List<double>();
        for (var i = 0; i < Dangers; i++)
        {
            bench.Probe.Take();
            var id = await partner.ReportDanger(cancellation);
            var since = Stopwatch.StartNew();
            await Bench.Waiting.Until(async () => await Count(coordination, $"ot.mt_doc_queueentry where id = '{id}'", cancellation) == 1, cancellation);
            took.Add(since.Elapsed.TotalMilliseconds);
        }

        bench.Add("danger: requests that waited before the first", before, null, Target.AtLeast(bench.Option("backlog")), "requests");
        bench.Add("danger: requests that still waited after the last", await Waiting(), null, Target.AtLeast(1), "requests");
        bench.Add($"danger: until it is in the coordinators' queue, p50 of {Dangers}", Statistics.Median(took), null, null, "ms");
        bench.Add("danger: until it is in the coordinators' queue, at worst", took.Max(), null, Target.AtMost(2_000), "ms");
    }

    private static async Task<long> Count(NpgsqlDataSource source, string from, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Our own text.
        await using var command = source.CreateCommand($"select count(*) from {from}");
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<Sender> PartnerOf(Endpoints endpoints, CancellationToken cancellation)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = Partner, ["client_secret"] = "dev" });
        using var answer = await client.PostAsync(new Uri(endpoints.Token), form, cancellation);
        answer.EnsureSuccessStatusCode();
        using var token = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
        var sample = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "demo-data", "consultations", "01-substance-youth.json"), cancellation);
        return new Sender(new Uri($"{endpoints.Rest["intake"]}/v1/consultations"), sample, token.RootElement.GetProperty("access_token").GetString());
    }

    /// <summary>Clients that each send their next request when the last one has been acknowledged.</summary>
    private sealed class Sender : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 });
        private readonly Uri _address;
        private readonly string _run = Guid.CreateVersion7().ToString("N");
        private int _number;

        public Sender(Uri address, string body, string? token)
        {
            (_address, Body) = (address, body);
            _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        }

        public string Body { get; }

        public void Dispose() => _http.Dispose();

        public async Task<(int Done, TimeSpan Took)> Send(int clients, TimeSpan time, ConcurrentBag<double> took, CancellationToken cancellation)
        {
            var (done, started) = (0, Stopwatch.GetTimestamp());
            await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(
                async () =>
                {
                    while (Stopwatch.GetElapsedTime(started) < time)
                    {
                        var from = Stopwatch.GetTimestamp();
                        await One(danger: false, cancellation);
                        took.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                        Interlocked.Increment(ref done);
                    }
                },
                cancellation)));
            return (done, Stopwatch.GetElapsedTime(started));
        }

        public Task SendSome(int clients, int count, CancellationToken cancellation) =>
            Parallel.ForEachAsync(
                Enumerable.Range(0, count),
                new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = cancellation },
                async (_, token) => await One(danger: false, token));

        public Task<Guid> ReportDanger(CancellationToken cancellation) => One(danger: true, cancellation);

        private async Task<Guid> One(bool danger, CancellationToken cancellation)
        {
            var number = Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);
            var body = JsonNode.Parse(Body)!.AsObject();
            body["clientRef"] = $"bench-{_run}-{number}";
            if (danger)
            {
                body["safety"] = new JsonObject { ["immediateDanger"] = true };
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", $"{_run}-{number}");
            using var answer = await _http.SendAsync(request, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                throw new LocalFailureException($"A submission was answered with {(int)answer.StatusCode} {text}");
            }

            using var acknowledged = JsonDocument.Parse(text);
            return acknowledged.RootElement.GetProperty("id").GetGuid();
        }
    }
}

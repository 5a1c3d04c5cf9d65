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
/// Submissions to Intake over its public interface, beside a bare endpoint that leaves the same rows in the same two databases
/// (<see cref="BareIntake"/>); then how soon coordinators know of immediate danger while thousands of ordinary requests wait before it.
/// </summary>
internal sealed class IntakeBenchmark : Benchmark
{
    private const string Partner = "partner-pirkanmaa";
    private const int Dangers = 20;
    private const int FillingClients = 32;
    private const int WarmingClients = 16;
    private static readonly TimeSpan WarmingRound = TimeSpan.FromSeconds(5);
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
        var (store, keys) = (Databases.On(endpoints.Postgres, endpoints.Databases["intake"]), Databases.On(endpoints.Postgres, $"{endpoints.Databases["intake"]}_keys"));
        await BareIntake.Prepare(store, keys, cancellation);
        var address = $"http://127.0.0.1:{Ports.Take(null, "the bare endpoint", _ => { })}";
        var process = await BareIntake.Start(address, store, keys, await partner.Submit(cancellation), Path.Combine(path, "bare.log"), bench.Guard, cancellation);
        using var bare = new Sender(new Uri(address + BareIntake.SameRows), partner.Body, null);
        using var least = new Sender(new Uri(address + BareIntake.Least), partner.Body, null);

        await WarmUp(partner, endpoints.Pids["intake"].Single(), cancellation);
        await WarmUp(bare, process.Pid, cancellation);
        await WarmUp(least, process.Pid, cancellation);
        foreach (var clients in (int[])[1, 16, 64])
        {
            Submitting Of(Sender sender, int pid) => new(sender, clients, pid, endpoints.Pids["postgres"], cancellation);
            var (ours, same, body) = (Of(partner, endpoints.Pids["intake"].Single()), Of(bare, process.Pid), Of(least, process.Pid));
            var with = clients == 1 ? "1 client" : $"{clients} clients";
            var rates = await bench.Rates(slices: 6, ours.Run, same.Run, body.Run);
            bench.Add($"submissions, {with}", rates[0], rates[1], Target.RatioAtLeast(0.6), "requests/s");
            bench.Add("  beside the least that could be stored", rates[0], rates[2], null, "requests/s");
            bench.Add("  p50", Statistics.Percentile(ours.Took, 0.5), Statistics.Percentile(same.Took, 0.5), null, "ms");
            bench.Add("  p99", Statistics.Percentile(ours.Took, 0.99), Statistics.Percentile(same.Took, 0.99), null, "ms");
            bench.Add("  processor time of the service for each", ours.OfService, same.OfService, null, "ms");
            bench.Add("  processor time of the store for each", ours.OfStore, same.OfStore, null, "ms");
        }

        await process.Stop(UnixSignal.Terminate, TimeSpan.FromSeconds(10));
    }

    private static Task WarmUp(Sender sender, int pid, CancellationToken cancellation) =>
        Compiling.UntilDone(pid, async () => (await sender.Send(WarmingClients, WarmingRound, [], cancellation)).Took);

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

    /// <summary>What the slices of one way came to, the first one, which warms up, left out.</summary>
    private sealed class Submitting(Sender sender, int clients, int service, IReadOnlyList<int> store, CancellationToken cancellation)
    {
        private int _done;
        private TimeSpan _service;
        private TimeSpan _store;

        public ConcurrentBag<double> Took { get; } = [];

        /// <summary>Processor time of the service's process, in ms for each submission.</summary>
        public double OfService => _service.TotalMilliseconds / _done;

        /// <summary>Processor time of the store's processes, in ms for each submission.</summary>
        public double OfStore => _store.TotalMilliseconds / _done;

        public async Task<(int Done, TimeSpan Took)> Run(int slice)
        {
            if (slice < 0)
            {
                return await sender.Send(clients, Slice, [], cancellation);
            }

            var (ofService, ofStore) = (ProcessorTime.Of([service]), ProcessorTime.Of(store));
            var sent = await sender.Send(clients, Slice, Took, cancellation);
            _done += sent.Done;
            _service += ProcessorTime.Of([service]) - ofService;
            _store += ProcessorTime.Of(store) - ofStore;
            return sent;
        }
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

        public Task<Guid> Submit(CancellationToken cancellation) => One(danger: false, cancellation);

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

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;
using OtPlatform.Local;
using RabbitMQ.Client;

namespace OtPlatform.Bench;

/// <summary>
/// Assessments, a what-if on past cases, and the way through Triage: from the publishing of <c>ConsultationSubmitted</c> to the arrival of
/// <c>RouteDecided</c>, with the running service, where the policy lets everything through; beside a bare hop (<see cref="BareHop"/>) on the
/// same broker and the same store, at the same rate, in turns.
/// </summary>
internal sealed class TriageBenchmark : Benchmark
{
    private const int PerSecond = 50;
    private const int Turns = 3;
    private const int WarmingBurst = 300;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <summary>Samples of the demo that come to a route without a person where the policy lets them through.</summary>
    private static readonly string[] Samples = ["01-substance-youth", "03-divorce-conflict", "05-divorce-basic", "11-expertise-only", "14-addiction-gaming"];

    private static readonly string[] Others = ["coordination", "intake", "teamAssembly", "expertPool"];

    public override string Name => "triage";

    /// <summary>How many past cases the what-if looks at; and which part alone: 1 assessments, 2 the what-if, 3 the way through.</summary>
    public override IReadOnlyDictionary<string, int> Options { get; } = new Dictionary<string, int> { ["cases"] = 100_000, ["part"] = 0 };

    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        var catalogue = Catalogue.Load(Path.Combine(Repository.Root, "contracts", "catalogue"));
        Func<Task>[] parts = [() => Assessing.Assessments(bench, catalogue), () => Assessing.WhatIf(bench, catalogue, cancellation), () => Through(bench, cancellation)];
        var only = bench.Option("part");
        if (only > parts.Length)
        {
            throw new LocalFailureException($"There are {parts.Length} parts.");
        }

        foreach (var part in only == 0 ? parts : parts[(only - 1)..only])
        {
            await part();
        }
    }

    private static async Task Through(Workbench bench, CancellationToken cancellation)
    {
        var path = Path.Combine(RunFolder.OfCheckout.Path, $"bench-triage-{Environment.ProcessId}");
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
                Settings = new Dictionary<string, string> { ["Catalogue__Path"] = LettingEverythingThrough(path) },
                Say = _ => { },
            },
            cancellation);
        var endpoints = stack.Endpoints;
        await using var connection = await new ConnectionFactory { Uri = new Uri(endpoints.RabbitMq) }.CreateConnectionAsync("bench", cancellation);
        var submitted = await Submitted(connection, endpoints, cancellation);

        // Here everybody shares two cores; what is published for them waits in their queues.
        foreach (var service in Others)
        {
            await Stack.StopReplica(folder, service, 1, UnixSignal.Terminate);
        }

        var number = 0;
        await using var ours = await Hop.Open(
            connection, ExchangeOf<ConsultationSubmitted>(), id => submitted[Interlocked.Increment(ref number) % submitted.Count].About(id), ExchangeOf<RouteDecided>(), "consultationId", cancellation);
        await using var bare = await Hop.Open(connection, ExchangeOf<HopAsked>(), id => BareMessage(id, submitted[0].Length), ExchangeOf<HopAnswered>(), "id", cancellation);
        var process = BareHop.Start(new Uri(endpoints.RabbitMq), await Databases.Ensure(endpoints.Postgres, "bench_hop", cancellation), Path.Combine(path, "bare-hop.log"), bench.Guard);
        await Bench.Waiting.Until(async () => await IsConsumed(connection, BareHop.Queue, cancellation), cancellation);
        var triage = endpoints.Pids["triage"].Single();
        await Compiling.UntilDone(triage, () => ours.Burst(WarmingBurst, cancellation));
        await Compiling.UntilDone(process.Pid, () => bare.Burst(WarmingBurst, cancellation));
        await Measure(bench, (ours, triage), (bare, process.Pid), endpoints.Pids["postgres"], cancellation);
        await process.Stop(UnixSignal.Terminate, TimeSpan.FromSeconds(10));
    }

    private static async Task Measure(Workbench bench, (Hop Hop, int Pid) ours, (Hop Hop, int Pid) bare, IReadOnlyList<int> store, CancellationToken cancellation)
    {
        (Hop Hop, int Pid)[] ways = [ours, bare];
        var (rates, ofService, ofStore) = (new List<double>(), new double[2], new double[2]);
        for (var turn = 0; turn < Turns; turn++)
        {
            bench.Probe.Take();
            foreach (var way in (int[])[turn % 2, (turn + 1) % 2])
            {
                var (service, stored) = (ProcessorTime.Of([ways[way].Pid]), ProcessorTime.Of(store));
                rates.Add(await ways[way].Hop.Steadily(PerSecond, Turn, cancellation));
                ofService[way] += (ProcessorTime.Of([ways[way].Pid]) - service).TotalMilliseconds;
                ofStore[way] += (ProcessorTime.Of(store) - stored).TotalMilliseconds;
            }
        }

        var (of, than) = (ours.Hop.Took, bare.Hop.Took);
        var at = $"at {Statistics.Median(rates):0} a second";
        bench.Add($"ConsultationSubmitted to RouteDecided {at}, p50 of {of.Count:#,##0}", Statistics.Median(of), Statistics.Median(than), Target.RatioAtMost(4), "ms");
        bench.Add("  p99", Statistics.Percentile(of, 0.99), Statistics.Percentile(than, 0.99), null, "ms");
        bench.Add("  processor time of the service for each", ofService[0] / of.Count, ofService[1] / than.Count, null, "ms");
        bench.Add("  processor time of the store for each", ofStore[0] / of.Count, ofStore[1] / than.Count, null, "ms");
    }

    /// <summary>The samples as Intake published them, to be published again about other consultations.</summary>
    private static async Task<IReadOnlyList<Published>> Submitted(IConnection connection, Endpoints endpoints, CancellationToken cancellation)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: cancellation)).QueueName;
        await channel.QueueBindAsync(queue, ExchangeOf<ConsultationSubmitted>(), string.Empty, cancellationToken: cancellation);
        foreach (var sample in Samples)
        {
            await Submit(endpoints, await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "demo-data", "consultations", $"{sample}.json"), cancellation), cancellation);
        }

        var published = new List<Published>();
        await Bench.Waiting.Until(
            async () =>
            {
                while (await channel.BasicGetAsync(queue, autoAck: true, cancellation) is { } got)
                {
                    published.Add(new Published(got.Body.ToArray(), got.BasicProperties));
                }

                return published.Count == Samples.Length;
            },
            cancellation);
        return published;
    }

    private static async Task Submit(Endpoints endpoints, string sample, CancellationToken cancellation)
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = $"partner-{JsonNode.Parse(sample)!["county"]}", ["client_secret"] = "dev" });
        using var signedIn = await client.PostAsync(new Uri(endpoints.Token), form, cancellation);
        signedIn.EnsureSuccessStatusCode();
        using var token = JsonDocument.Parse(await signedIn.Content.ReadAsStringAsync(cancellation));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{endpoints.Rest["intake"]}/v1/consultations")) { Content = new StringContent(sample, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.RootElement.GetProperty("access_token").GetString());
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await client.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The catalogue as shipped, but no route waits for a coordinator.</summary>
    private static string LettingEverythingThrough(string path)
    {
        var (from, to) = (Path.Combine(Repository.Root, "contracts", "catalogue"), Path.Combine(path, "catalogue"));
        foreach (var file in Directory.GetFiles(from, "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var defaults = Path.Combine(to, "policies", "default.json");
        var policy = JsonNode.Parse(File.ReadAllText(defaults))!;
        policy["triage"]!["confirmation"] = "never";
        File.WriteAllText(defaults, policy.ToJsonString());
        return to;
    }

    private static async Task<bool> IsConsumed(IConnection connection, string queue, CancellationToken cancellation)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        try
        {
            return await channel.ConsumerCountAsync(queue, cancellation) > 0;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            // It has not been declared yet.
            return false;
        }
    }

    private static HopMessage BareMessage(Guid id, int length)
    {
        var message = new JsonObject
        {
            ["messageId"] = Guid.NewGuid(),
            ["messageType"] = new JsonArray($"urn:message:{ExchangeOf<HopAsked>()}"),
            ["message"] = new JsonObject { ["id"] = id, ["facts"] = new string('x', length) },
        };
        return new HopMessage(Encoding.UTF8.GetBytes(message.ToJsonString()), new BasicProperties { ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent, MessageId = message["messageId"]!.ToString() });
    }

    /// <summary>As MassTransit names it.</summary>
    private static string ExchangeOf<T>() => $"{typeof(T).Namespace}:{typeof(T).Name}";

    /// <summary>A published submission.</summary>
    private sealed class Published(byte[] body, IReadOnlyBasicProperties properties)
    {
        private readonly string _body = Encoding.UTF8.GetString(body);
        private readonly string _id = Text(body, "consultationId");
        private readonly string _matter = Text(body, "matterKey");

        public int Length => body.Length;

        /// <summary>The same about another consultation, of another matter.</summary>
        public HopMessage About(Guid id)
        {
            var message = Guid.NewGuid().ToString();
            string Changed(string text) => text
                .Replace(_id, id.ToString(), StringComparison.Ordinal)
                .Replace(properties.MessageId!, message, StringComparison.Ordinal)
                .Replace(_matter, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(_matter.Length / 2)), StringComparison.Ordinal);
            return new HopMessage(Encoding.UTF8.GetBytes(Changed(_body)), new BasicProperties(properties)
            {
                MessageId = message,
                CorrelationId = properties.CorrelationId is { } correlation ? Changed(correlation) : null,
                Headers = properties.Headers?.ToDictionary(header => header.Key, header => header.Value is byte[] text ? Encoding.UTF8.GetBytes(Changed(Encoding.UTF8.GetString(text))) : header.Value),
            });
        }

        private static string Text(byte[] body, string name)
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("message").GetProperty(name).GetString()!;
        }
    }
}

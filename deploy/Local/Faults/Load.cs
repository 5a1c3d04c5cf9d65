using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Local.Faults;

/// <summary>A request that Intake has acknowledged (202).</summary>
/// <param name="Attempts">How often it was sent, each time with the same key.</param>
public sealed record Acknowledged(Guid Id, string Sample, int Attempts, DateTimeOffset At);

/// <summary>How much a load asks of the system.</summary>
public sealed record LoadOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>New requests per second.</summary>
    public double PerSecond { get; init; } = 1.5;

    /// <summary>So many acknowledged requests may be under way at once; then no new ones are sent.</summary>
    public int MostOpen { get; init; } = 30;
}

/// <summary>
/// Partners who ask for help all the time, each with a key of its own that is sent again until an answer comes, and the coordinators,
/// experts and receivers who answer. Knows the system from outside, remembers every acknowledgement, and follows what becomes of each
/// in the services' raw tables.
/// </summary>
public sealed class Load : IAsyncDisposable
{
    /// <summary>How often each sample of the demo is sent: all kinds of ends, and more of those that need few hours.</summary>
    private static readonly (string Sample, int Times)[] Mix =
    [
        ("05", 3), ("09", 3), ("12", 2), ("17", 2), ("08", 2), ("19", 2), ("02", 1), ("11", 2), ("14", 1), ("16", 1), ("20", 2), ("01", 2), ("03", 1), ("07", 1), ("13", 1), ("15", 1),
    ];

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(400);

    private readonly LoadOptions _options;
    private readonly Doors _doors;
    private readonly Random _random;
    private readonly DemoHttp _tokens;
    private readonly DemoPeople _people;
    private readonly Arrivals _arrivals;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Dictionary<string, GrpcChannel> _triage;
    private readonly IReadOnlyList<(string Name, string County, string Body)> _samples;
    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Guid, Acknowledged> _acknowledged = new();
    private readonly ConcurrentDictionary<Guid, Arrival?> _open = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _settled = new();
    private readonly ConcurrentDictionary<Guid, bool> _referred = new();
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly List<Task> _working = [];
    private IReadOnlyList<Task> _always = [];
    private volatile bool _paused = true;
    private int _waiting;

    private Load(RunState state, LoadOptions options)
    {
        _options = options;
        _doors = new Doors(state.Replicas);
        _random = new Random(options.Seed);
        var endpoints = Endpoints.Of(state);
        _tokens = new DemoHttp(endpoints);
        _people = new DemoPeople(endpoints, _tokens, consultation => consultation.ToByteArray()[^1] % 5 == 0 ? FirstAnswer.Declines : FirstAnswer.Accepts);
        _arrivals = new Arrivals(endpoints);
        _triage = _doors.Of("triage").ToDictionary(replica => replica.GrpcAddress!, replica => GrpcChannel.ForAddress(replica.GrpcAddress!));
        _samples = ReadSamples();
    }

    /// <summary>Every acknowledgement so far.</summary>
    public IReadOnlyCollection<Acknowledged> Acknowledged => [.. _acknowledged.Values];

    /// <summary>Answers that no repetition can change, where a 202 was due, or where an expert or a coordinator of the load answered.</summary>
    public IReadOnlyCollection<string> Refused => [.. _refused, .. _people.Unanswered];

    /// <summary>Sent, and not acknowledged yet.</summary>
    public int Waiting => _waiting;

    /// <summary>When each that has come to its end was first seen there.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Settled => _settled;

    /// <summary>What the acknowledged ones that have not come to their end still wait for.</summary>
    public IReadOnlyDictionary<Guid, string> Open =>
        _open.ToDictionary(open => open.Key, open => open.Value is { } seen ? seen.Missing ?? "settled just now" : "not looked at yet");

    /// <summary>Starts the people and, unless <paramref name="paused"/>, the requests; the pool of experts has to be there.</summary>
    public static async Task<Load> Start(RunFolder folder, LoadOptions options, bool paused = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var load = new Load(RunStateFile.Read(folder) ?? throw new LocalFailureException("Nothing is running."), options);
        await load.Begin(cancellation);
        load._paused = paused;
        return load;
    }

    /// <summary>Sends no new requests; those under way go on.</summary>
    public void Pause() => _paused = true;

    /// <summary>Sends new requests again.</summary>
    public void Resume() => _paused = false;

    /// <summary>What the raw tables say of every acknowledged request now.</summary>
    public Task<IReadOnlyList<Arrival>> ReadAll(CancellationToken cancellation) => _arrivals.Of([.. _acknowledged.Keys], cancellation);

    /// <summary>What has happened to each of these, event by event, in every service.</summary>
    public Task<IReadOnlyList<string>> Stories(IReadOnlyCollection<Guid> consultations, CancellationToken cancellation) => _arrivals.Stories(consultations, cancellation);

    /// <summary>Which of these have not come to their end.</summary>
    public IReadOnlyList<Guid> Unsettled(IReadOnlyCollection<Guid> consultations) => [.. consultations.Where(id => !_settled.ContainsKey(id))];

    /// <summary>Waits until these have come to their end; what is missing of those that have not within the time.</summary>
    public async Task<IReadOnlyList<string>> Settle(IReadOnlyCollection<Guid> consultations, TimeSpan within, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100, cancellation))
        {
            if (_always.FirstOrDefault(task => task.IsCompleted) is { } ended)
            {
                await ended;
                throw new LocalFailureException("Somebody of the load has stopped working.");
            }

            var left = consultations.Where(id => !_settled.ContainsKey(id)).ToList();
            if (left.Count == 0)
            {
                return [];
            }

            if (waited.Elapsed > within)
            {
                var open = Open;
                return [.. left.Select(id => $"{id} ({_acknowledged[id].Sample}, acknowledged {_acknowledged[id].At:HH:mm:ss.f}): {open.GetValueOrDefault(id, "settled just now")}")];
            }
        }
    }

    /// <summary>Waits until so many requests have come to their end that were acknowledged from now on; false when that takes longer.</summary>
    public async Task<bool> GoOn(int requests, TimeSpan within, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < within; await Task.Delay(100, cancellation))
        {
            if (_settled.Keys.Count(id => _acknowledged[id].At > now) >= requests)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the ids for the ledger, one a line.</summary>
    public async Task WriteAcknowledged(string file, CancellationToken cancellation) =>
        await File.WriteAllLinesAsync(file, _acknowledged.Keys.Select(id => id.ToString()), cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            Task[] left;
            lock (_working)
            {
                left = [.. _working];
            }

            await Task.WhenAll([.. left, .. _always]);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // What was under way stays as it is.
        }

        _people.Dispose();
        _tokens.Dispose();
        _http.Dispose();
        foreach (var channel in _triage.Values)
        {
            channel.Dispose();
        }

        await _arrivals.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Begin(CancellationToken cancellation)
    {
        // Tokens are had from Intake, which may be away later.
        foreach (var client in _samples.Select(sample => $"partner-{sample.County}").Concat(Areas.Select(area => $"coordinator-{area}")).Distinct())
        {
            await _tokens.Token(client, cancellation);
        }

        _always = [Task.Run(Send, cancellation), Task.Run(Follow, cancellation), Task.Run(() => _people.Answer(_stop.Token), cancellation), .. Areas.Select(area => Task.Run(() => Coordinate(area), cancellation))];
    }

    private IEnumerable<string> Areas => _samples.Select(sample => DemoAreas.AreaOf(sample.County)).Distinct();

    private async Task Send()
    {
        var number = 0;
        var times = _samples.SelectMany(sample => Enumerable.Repeat(sample, Mix.Single(row => row.Sample == sample.Name).Times)).ToArray();
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(_random.NextDouble() * 2 / _options.PerSecond), _stop.Token);
            if (!_paused && _open.Count + _waiting < _options.MostOpen)
            {
                var sample = times[_random.Next(times.Length)];
                var request = Submit(sample.Name, sample.County, sample.Body, ++number);
                lock (_working)
                {
                    _working.RemoveAll(task => task.IsCompletedSuccessfully);
                    _working.Add(request);
                }
            }
        }
    }

    private async Task Submit(string sample, string county, string body, int number)
    {
        var key = $"{_run}-{number}";
        var content = Vary(body, _run, number);
        Interlocked.Increment(ref _waiting);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (await TrySubmit(county, key, content) is not { } answer)
                {
                    await Task.Delay(BetweenAttempts, _stop.Token);
                    continue;
                }

                if (answer.Id is { } id)
                {
                    _acknowledged[id] = new Acknowledged(id, sample, attempt, TimeProvider.System.GetUtcNow());
                    _open[id] = null;
                }
                else
                {
                    _refused.Enqueue($"sample {sample}: {answer.Refusal}");
                }

                return;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Null when no answer came, or one that says to try again.</summary>
    private async Task<(Guid? Id, string? Refusal)?> TrySubmit(string county, string key, string body)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{_doors.Rest("intake")}/v1/consultations") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _tokens.Token($"partner-{county}", limit.Token));
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await _http.SendAsync(request, limit.Token);
            var text = await answer.Content.ReadAsStringAsync(limit.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.Accepted => (JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid(), null),
                HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => null,
                HttpStatusCode.Conflict when answer.Headers.RetryAfter is not null => null,
                var status => (null, $"{(int)status} {text}"),
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException && !_stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Looks after those under way until each has come to its end.</summary>
    private async Task Follow()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (var arrival in await _arrivals.Of([.. _open.Keys], _stop.Token))
                {
                    if (arrival.Missing is null)
                    {
                        _settled[arrival.Id] = TimeProvider.System.GetUtcNow();
                        _open.TryRemove(arrival.Id, out _);
                    }
                    else
                    {
                        _open[arrival.Id] = arrival;
                        if (arrival is { Case: "RouteDecided", Route: "SpecialLevel" } && _referred.TryAdd(arrival.Id, true))
                        {
                            Refer(arrival.Id);
                        }
                    }
                }
            }
            catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or TimeoutException or System.Net.Sockets.SocketException)
            {
                // The store is away.
            }

            await Task.Delay(Look, _stop.Token);
        }
    }

    /// <summary>A coordinator who confirms every recommendation of the area.</summary>
    private async Task Coordinate(string area)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (var (id, route) in await Waits(area))
                {
                    var address = _doors.Grpc("triage");
                    var cases = new TriageCases.TriageCasesClient(_triage[address]);
                    await cases.DecideRouteAsync(new DecideRouteRequest { Id = id, Route = route }, await As(area), TimeProvider.System.GetUtcNow().Add(CallLimit).UtcDateTime, _stop.Token);
                }
            }
            catch (Exception failure) when (!_stop.IsCancellationRequested && failure is RpcException or HttpRequestException or IOException or OperationCanceledException or JsonException)
            {
                // Away, or somebody was first: the queue tells next time what is still to be decided.
            }

            await Task.Delay(Look, _stop.Token);
        }
    }

    /// <summary>A coordinator finds a receiver, who takes the matter.</summary>
    private void Refer(Guid consultation)
    {
        var sample = _acknowledged[consultation].Sample;
        var referral = _people.Refer(consultation, DemoAreas.AreaOf(_samples.First(other => other.Name == sample).County), _stop.Token);
        lock (_working)
        {
            _working.Add(referral);
        }
    }

    private async Task<IReadOnlyList<(string Id, string Route)>> Waits(string area)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(AnswerLimit);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_doors.Rest("triage")}/v1/cases?status=awaitingConfirmation");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _tokens.Token($"coordinator-{area}", limit.Token));
        using var answer = await _http.SendAsync(request, limit.Token);
        if (!answer.IsSuccessStatusCode)
        {
            return [];
        }

        using var queue = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(limit.Token));
        return [.. queue.RootElement.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("id").GetString()!, item.GetProperty("recommendedRoute").GetString()!)).Where(item => item.Item2 is not null)];
    }

    private async Task<Metadata> As(string area) => new() { { "authorization", $"Bearer {await _tokens.Token($"coordinator-{area}", _stop.Token)}" } };

    /// <summary>The same matter for another client, so that none is taken for one that is open already.</summary>
    private static string Vary(string body, string run, int number)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        if (json.ContainsKey("clientRef"))
        {
            json["clientRef"] = $"load-{run[^8..]}-{number.ToString(CultureInfo.InvariantCulture)}";
        }

        return json.ToJsonString();
    }

    private static IReadOnlyList<(string Name, string County, string Body)> ReadSamples() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "demo-data", "consultations"), "*.json")
            .Order(StringComparer.Ordinal)
            .Where(file => Mix.Any(row => Path.GetFileName(file).StartsWith($"{row.Sample}-", StringComparison.Ordinal)))
            .Select(file =>
            {
                var body = File.ReadAllText(file);
                return (Path.GetFileName(file)[..2], JsonNode.Parse(body)!["county"]!.GetValue<string>(), body);
            }),
    ];
}

using System.Diagnostics;
using System.Globalization;

namespace OtPlatform.Local.Faults;

/// <summary>How many faults, and under what load.</summary>
public sealed record FaultRunOptions
{
    public required RunFolder Folder { get; init; }

    public int Rounds { get; init; } = 50;

    public int Seed { get; init; } = 1;

    /// <summary>After so many rounds the load rests and the whole ledger is read; the last round always ends so.</summary>
    public int RoundsBetweenLedgers { get; init; } = 10;

    /// <summary>So soon after a fault is put right, everything acknowledged before has to have come to its end.</summary>
    public TimeSpan RecoveryLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>No round begins later than this.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(20);

    public LoadOptions Load { get; init; } = new();

    /// <summary>How many of each expert of the fictional pool there are.</summary>
    public int PoolCopies { get; init; } = 1;

    /// <summary>Takes a line for each round.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>One fault and what came of it.</summary>
/// <param name="Recovery">From the moment when it was put right until everything acknowledged before had come to its end; null when that took too long.</param>
/// <param name="Missing">What was still missing at the limit, and where.</param>
public sealed record Round(int Number, FaultKind Kind, string What, TimeSpan? Recovery, int Acknowledged, IReadOnlyList<string> Missing);

/// <summary>What a run of faults has come to.</summary>
/// <param name="Lost">Acknowledged requests of which an effect is missing in the end.</param>
/// <param name="Doubled">Acknowledged requests of which something has happened twice.</param>
/// <param name="Refused">Answers to requests that were neither a 202 nor a reason to try again.</param>
/// <param name="Books">The last word of the ledger.</param>
/// <param name="EarlierBooks">What earlier ledgers of the run found wrong.</param>
public sealed record FaultRunResult(
    IReadOnlyList<Round> Rounds, int Acknowledged, int Repeated, int Lost, int Doubled, long InErrorQueues, IReadOnlyList<string> Refused, Books Books, IReadOnlyList<string> EarlierBooks, TimeSpan Took)
{
    /// <summary>Every round recovered in time.</summary>
    public int Passed => Rounds.Count(round => round.Recovery is not null);

    /// <summary>Nothing lost, nothing doubled, nothing set aside, and the books agree.</summary>
    public bool IsClean => Passed == Rounds.Count && Lost == 0 && Doubled == 0 && InErrorQueues == 0 && Refused.Count == 0 && Books.Code == 0 && EarlierBooks.Count == 0;
}

/// <summary>
/// One fault after the other under a load that goes on, each met at a moment by chance: a service killed, the broker or the store killed,
/// sessions cut, a process frozen, the broker away. Everything acknowledged has to be in every service, once.
/// </summary>
public sealed class FaultRun
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LedgerLimit = TimeSpan.FromSeconds(60);

    // A queue that is younger than about a second when its broker is killed may come back empty.
    private static readonly TimeSpan QueuesAreSafe = TimeSpan.FromSeconds(2);

    // Of the requests acknowledged after a fault: the system has to go on, not only to finish.
    private const int Further = 3;

    private const int StoriesTold = 3;

    private readonly FaultRunOptions _options;
    private readonly Random _random;
    private readonly Load _load;
    private readonly List<string> _earlier = [];
    private TimeSpan _longestAway;

    private FaultRun(FaultRunOptions options, Load load)
    {
        _options = options;
        _random = new Random(options.Seed);
        _load = load;
    }

    /// <summary>Runs against the system of the folder, which has to use private servers.</summary>
    public static async Task<FaultRunResult> Run(FaultRunOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var endpoints = Endpoints.Of(RunStateFile.Read(options.Folder) ?? throw new LocalFailureException("Nothing is running."));
        await DemoPool.Load(endpoints, options.Say, cancellation, options.PoolCopies);
        await Arrivals.PoolIsKnown(endpoints, cancellation);
        await Task.Delay(QueuesAreSafe, cancellation);
        await using var load = await Load.Start(options.Folder, options.Load, cancellation: cancellation);
        await load.GoOn(Further, Rest, cancellation);
        return await new FaultRun(options, load).Run(cancellation);
    }

    private async Task<FaultRunResult> Run(CancellationToken cancellation)
    {
        var took = Stopwatch.StartNew();
        var rounds = new List<Round>();
        Books? books = null;
        var kinds = new Queue<FaultKind>();
        for (var number = 1; number <= _options.Rounds && took.Elapsed < _options.TimeLimit; number++)
        {
            if (kinds.Count == 0)
            {
                var shuffled = Enum.GetValues<FaultKind>();
                _random.Shuffle(shuffled);
                kinds = new Queue<FaultKind>(shuffled);
            }

            var round = await Meet(number, Fault.Of(kinds.Dequeue(), _options.Folder, _random), cancellation);
            rounds.Add(round);
            _options.Say($"{number,3}  {round.What,-36} {(round.Recovery is { } recovery ? $"recovered in {Seconds(recovery)} s" : "NOT RECOVERED"),-24} {round.Acknowledged,5} acknowledged");
            foreach (var line in round.Missing)
            {
                _options.Say($"       {line}");
            }

            if (round.Recovery is null)
            {
                await StartEverythingAgain(cancellation);
            }

            books = null;
            if (number % _options.RoundsBetweenLedgers == 0 && number < _options.Rounds)
            {
                books = await ReadBooks(cancellation);
                if (books.Code != 0)
                {
                    _earlier.Add(books.Output);
                }

                _load.Resume();
            }
        }

        books = await ReadBooks(cancellation);
        var arrivals = await _load.ReadAll(cancellation);
        foreach (var arrival in arrivals.Where(arrival => arrival.IsLost || arrival.IsDoubled))
        {
            _options.Say($"       {(arrival.IsLost ? "lost" : "doubled")}: {arrival}");
        }

        return new FaultRunResult(
            rounds,
            arrivals.Count,
            _load.Acknowledged.Count(one => one.Attempts > 1),
            arrivals.Count(arrival => arrival.IsLost),
            arrivals.Count(arrival => arrival.IsDoubled),
            await ErrorQueues.Messages(Endpoints, cancellation),
            [.. _load.Refused],
            books,
            _earlier,
            took.Elapsed);
    }

    private Endpoints Endpoints => Endpoints.Of(RunStateFile.Read(_options.Folder)!);

    private async Task<Round> Meet(int number, Fault fault, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(0.3 + (_random.NextDouble() * 1.7)), cancellation);
        var away = Stopwatch.StartNew();
        await fault.Strike(cancellation);
        try
        {
            await Task.Delay(fault.Lasts, cancellation);
        }
        finally
        {
            await fault.Repair(cancellation);
        }

        _longestAway = away.Elapsed > _longestAway ? away.Elapsed : _longestAway;
        var recovery = Stopwatch.StartNew();
        var before = _load.Acknowledged.Select(one => one.Id).ToHashSet();
        var missing = await _load.Settle(before, _options.RecoveryLimit, cancellation);
        if (missing.Count > 0)
        {
            var stories = await _load.Stories([.. _load.Unsettled(before).Take(StoriesTold)], cancellation);
            return new Round(number, fault.Kind, fault.What, null, before.Count, [.. missing, .. stories]);
        }

        if (!await _load.GoOn(Further, _options.RecoveryLimit - recovery.Elapsed, cancellation))
        {
            return new Round(number, fault.Kind, fault.What, null, before.Count, [$"of what is asked after it nothing comes to its end; {_load.Waiting} wait for an acknowledgement", .. _load.Open.Select(open => $"{open.Key}: {open.Value}")]);
        }

        var recovered = recovery.Elapsed;
        var unready = await Readiness.Unready(_options.Folder, _options.RecoveryLimit - recovered, cancellation);
        return new Round(number, fault.Kind, fault.What, unready.Count == 0 ? recovered : null, before.Count, unready);
    }

    private async Task<Books> ReadBooks(CancellationToken cancellation)
    {
        _load.Pause();
        var acknowledged = Path.Combine(Path.GetDirectoryName(_options.Folder.EndpointsFile)!, "acknowledged");
        var missing = await _load.Settle([.. _load.Acknowledged.Select(one => one.Id)], Rest, cancellation);
        foreach (var line in missing)
        {
            _options.Say($"       at rest: {line}");
        }

        await _load.WriteAcknowledged(acknowledged, cancellation);
        var books = await Books.Agree(_options.Folder.EndpointsFile, acknowledged, _longestAway + _options.RecoveryLimit, LedgerLimit, cancellation);
        _options.Say(books.Code == 0 ? $"     the books agree ({books.Looked.Values.Sum()} things looked at)" : books.Output);
        return books;
    }

    /// <summary>After a round that failed, so that the next ones tell of their own fault.</summary>
    private async Task StartEverythingAgain(CancellationToken cancellation)
    {
        _options.Say("     every service is started again, so that the next rounds tell of their own faults");
        var replicas = RunStateFile.Read(_options.Folder)!.Replicas;
        await Task.WhenAll(replicas.Where(replica => replica.Process is { IsAlive: true }).Select(replica => Stack.StopReplica(_options.Folder, replica.Service, replica.Number, UnixSignal.Kill)));
        await Task.WhenAll(replicas.Select(replica => Stack.StartReplica(_options.Folder, replica.Service, replica.Number, cancellation)));
        await _load.Settle([.. _load.Acknowledged.Select(one => one.Id)], Rest, cancellation);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}

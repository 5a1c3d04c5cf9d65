using System.Diagnostics;
using Npgsql;

namespace OtPlatform.Local.Faults;

/// <summary>What the services' raw tables say of one consultation. Null where a table knows nothing of it.</summary>
/// <param name="Submitted">How often it was submitted, by Intake's events.</param>
/// <param name="TakenOver">How often Triage took it over, by Intake's events.</param>
/// <param name="Led">How often Intake has learnt where Triage has led it. Across queues there is no order: a route or an answer may come before the word that Triage has taken over, which then tells nothing new.</param>
/// <param name="Opened">How often a case was opened, by Triage's events.</param>
/// <param name="Assessed">How often it was assessed.</param>
/// <param name="Started">How often an assembly was started, by TeamAssembly's events.</param>
/// <param name="View">The status that Intake shows.</param>
/// <param name="Case">The status of the case in Triage's queue.</param>
/// <param name="Route">The decided route in Triage's queue.</param>
/// <param name="Assembly">The status of the assembly.</param>
/// <param name="Queue">The status that Coordination's queue shows.</param>
/// <param name="Told">How many of its events are for all to know.</param>
/// <param name="Journaled">How many of those the journal has.</param>
public sealed record Arrival(
    Guid Id, long Submitted, long TakenOver, long Led, long Opened, long Assessed, long Started, string? View, string? Case, string? Route, string? Assembly, string? Queue, long Told, long Journaled)
{
    private static readonly string[] WithAssembly = ["BasicSupportGuidance", "ExpertConsultation", "HybridTeam", "StandingTeam"];

    /// <summary>Something happened twice that may happen once.</summary>
    public bool IsDoubled => Submitted > 1 || TakenOver > 1 || Opened > 1 || (Started > 1 && Case is "RouteDecided" && View is not "GapBeingSolved");

    /// <summary>An effect that every acknowledged request has is missing.</summary>
    public bool IsLost => Submitted == 0 || Opened == 0 || TakenOver + Led == 0 || Assessed == 0 || Queue is null || Journaled < Told;

    /// <summary>What it still waits for; null when it has come to its end everywhere.</summary>
    public string? Missing =>
        Submitted == 0 ? "Intake has no such consultation"
        : Opened == 0 ? "Triage has no case"
        : TakenOver + Led == 0 ? "Intake does not know that Triage has taken over"
        : Assessed == 0 ? "Triage has not assessed it"
        : Queue is null ? "Coordination's queue does not know it"
        : Case is "AwaitingConfirmation" ? "no coordinator has decided"
        : Case is "AwaitingInformation" && View is not "NeedsInformation" ? $"Intake shows {View} and the case awaits information"
        : Case is "RouteDecided" && WithAssembly.Contains(Route) && Started == 0 ? $"TeamAssembly does not know the route {Route}"
        : Case is "RouteDecided" && WithAssembly.Contains(Route) && Assembly is not ("Working" or "Answered" or "Gap" or "WithCoordinator") ? $"the assembly is {Assembly}"
        : Case is "RouteDecided" && View != ExpectedView ? $"Intake shows {View}, the assembly is {Assembly}, the route {Route}"
        : Queue != View ? $"Coordination's queue shows {Queue}, Intake {View}"
        : Journaled != Told ? $"the journal has {Journaled} of {Told} events"
        : null;

    private string? ExpectedView => (Route, Assembly) switch
    {
        ("SpecialLevel", _) => "ReferralAccepted",
        (_, "Working") => "TeamWorking",
        (_, "Answered") => "Answered",
        (_, "Gap") => "GapBeingSolved",
        _ => View,
    };
}

/// <summary>Reads the services' tables past the services, for some consultations at a time.</summary>
internal sealed class Arrivals(Endpoints endpoints) : IAsyncDisposable
{
    private const string Published = """
        e.type in ('consultation_submitted', 'immediate_danger_reported', 'case_opened', 'case_assessed', 'information_requested', 'route_decided', 'referral_proposed', 'referral_accepted',
          'confirmation_awaited', 'assembly_started', 'team_composed', 'expert_invited', 'invitation_accepted', 'invitation_declined', 'invitation_expired', 'consultation_arranged', 'team_activated',
          'consultation_answered', 'service_gap_found', 'assembly_handed_to_coordinator')
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PoolLimit = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, NpgsqlDataSource> _stores = endpoints.Databases.ToDictionary(
        entry => entry.Key,
        entry => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Databases.On(endpoints.Postgres, entry.Value)) { ApplicationName = "arrivals", Timeout = 5, CommandTimeout = (int)Limit.TotalSeconds }.ConnectionString));

    public async Task<IReadOnlyList<Arrival>> Of(IReadOnlyCollection<Guid> consultations, CancellationToken cancellation)
    {
        var ids = consultations.ToArray();
        var events = new List<Guid>();
        var intake = await Events("intake", ids, events, cancellation);
        var triage = await Events("triage", ids, events, cancellation);
        var team = await Events("teamAssembly", ids, events, cancellation);
        var views = await Documents("intake", "requestersview", ids, cancellation);
        var cases = await Documents("triage", "routingqueueentry", ids, cancellation);
        var assemblies = await Documents("teamAssembly", "assemblyview", ids, cancellation);
        var queue = await Documents("coordination", "queueentry", ids, cancellation);
        var journal = await Journaled([.. events], cancellation);
        return [.. ids.Select(id => new Arrival(
            id,
            intake[id].Count(e => e.Type == "consultation_submitted"),
            intake[id].Count(e => e.Type == "triage_took_over"),
            intake[id].Count(e => e.Type is "route_followed" or "route_learned"),
            triage[id].Count(e => e.Type == "case_opened"),
            triage[id].Count(e => e.Type == "case_assessed"),
            team[id].Count(e => e.Type == "assembly_started"),
            views.GetValueOrDefault(id).Status,
            cases.GetValueOrDefault(id).Status,
            cases.GetValueOrDefault(id).Route,
            assemblies.GetValueOrDefault(id).Status,
            queue.GetValueOrDefault(id).Status,
            intake[id].Concat(triage[id]).Concat(team[id]).Count(e => e.Published),
            intake[id].Concat(triage[id]).Concat(team[id]).Count(e => e.Published && journal.Contains(e.Id))))];
    }

    /// <summary>The events of each, in the order of their times: names, ids and states only, as a fault is looked for with.</summary>
    public async Task<IReadOnlyList<string>> Stories(IReadOnlyCollection<Guid> consultations, CancellationToken cancellation)
    {
        var told = new List<(DateTime At, string Line)>();
        foreach (var service in new[] { "intake", "triage", "teamAssembly" })
        {
            await using var command = _stores[service].CreateCommand(
                "select stream_id, version, type, timestamp, coalesce(data->>'invitationId', ''), seq_id from ot.mt_events where stream_id = any($1) order by stream_id, version");
            command.Parameters.Add(new NpgsqlParameter { Value = consultations.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var at = reader.GetDateTime(3);
                told.Add((at, $"{reader.GetGuid(0)} {at:HH:mm:ss.fff} {service} {reader.GetInt64(5)} v{reader.GetInt64(1)} {reader.GetString(2)} {reader.GetString(4)}".TrimEnd()));
            }
        }

        return [.. told.OrderBy(one => one.At).Select(one => one.Line)];
    }

    /// <summary>Returns when those who compose teams and those who keep the journal know every expert: until then they are busy with that.</summary>
    public static async Task PoolIsKnown(Endpoints endpoints, CancellationToken cancellation)
    {
        await using var arrivals = new Arrivals(endpoints);
        async Task<long> Count(string service, string from)
        {
#pragma warning disable CA2100 // One of the texts below.
            await using var command = arrivals._stores[service].CreateCommand($"select count(*) from {from}");
#pragma warning restore CA2100
            return (long)(await command.ExecuteScalarAsync(cancellation))!;
        }

        var experts = await Count("expertPool", "ot.mt_doc_expertdirectoryentry");
        var waited = Stopwatch.StartNew();
        while (await Count("teamAssembly", "ot.mt_doc_candidateentry") < experts || await Count("coordination", "ot.mt_doc_journalentry where data->>'what' = 'ExpertRegistered'") < experts)
        {
            if (waited.Elapsed > PoolLimit)
            {
                throw new LocalFailureException("Not every service knows the pool of experts.");
            }

            await Task.Delay(500, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores.Values)
        {
            await store.DisposeAsync();
        }
    }

    private async Task<ILookup<Guid, (Guid Id, string Type, bool Published)>> Events(string service, Guid[] ids, List<Guid> published, CancellationToken cancellation)
    {
        await using var command = _stores[service].CreateCommand($"select e.stream_id, e.id, e.type, {Published} from ot.mt_events e where e.stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        var found = new List<(Guid Stream, (Guid, string, bool) Event)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, isPublished) = (reader.GetGuid(1), reader.GetBoolean(3));
            found.Add((reader.GetGuid(0), (id, reader.GetString(2), isPublished)));
            if (isPublished)
            {
                published.Add(id);
            }
        }

        return found.ToLookup(row => row.Stream, row => row.Event);
    }

    private async Task<Dictionary<Guid, (string? Status, string? Route)>> Documents(string service, string kind, Guid[] ids, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // The table's name is one of those above.
        await using var command = _stores[service].CreateCommand($"select id, data->>'status', data->>'route' from ot.mt_doc_{kind} where id = any($1)");
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        var found = new Dictionary<Guid, (string?, string?)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found[reader.GetGuid(0)] = (reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
        }

        return found;
    }

    private async Task<HashSet<Guid>> Journaled(Guid[] events, CancellationToken cancellation)
    {
        await using var command = _stores["coordination"].CreateCommand("select id from ot.mt_doc_journalentry where id = any($1) and (data->>'position')::bigint > 0");
        command.Parameters.Add(new NpgsqlParameter { Value = events });
        var found = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetGuid(0));
        }

        return found;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace OtPlatform.Coordination.Journal;

/// <summary>One contract event as it was received (päiväkirjamerkintä), written once per message.</summary>
public sealed record JournalEntry
{
    /// <summary>Id of the message.</summary>
    public required Guid Id { get; init; }

    /// <summary>1, 2, 3 … in the order of commit: who has seen a position has seen all below it. 0 while the submission of its consultation is not known.</summary>
    public required long Position { get; init; }

    /// <summary>The service that published it.</summary>
    public required string Source { get; init; }

    public required Guid StreamId { get; init; }

    public required long StreamVersion { get; init; }

    /// <summary>Null for what is about no consultation.</summary>
    public Guid? ConsultationId { get; init; }

    /// <summary>Name of the contract event.</summary>
    public required string What { get; init; }

    /// <summary>The contract event itself.</summary>
    public required JsonElement Event { get; init; }

    /// <summary>When it happened, by its own word.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>W3C trace context of the message.</summary>
    public string? Traceparent { get; init; }

    /// <summary>The consultation in its queue after this event; null while it waits, and for what is about none.</summary>
    public QueueEntry? After { get; init; }
}

/// <summary>The last position of the journal, moved under a lock in the transaction of each entry.</summary>
public sealed record JournalHead
{
    public const string Only = "journal";

    public string Id { get; init; } = Only;

    public required long Position { get; init; }
}

/// <summary>Contract events as JSON: as on the wire, and tolerant of what a newer publisher adds.</summary>
internal static class EventJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static JsonElement Of(object message) => JsonSerializer.SerializeToElement(message, message.GetType(), Options);

    public static object Read(JsonElement json, Type type) => json.Deserialize(type, Options)!;
}

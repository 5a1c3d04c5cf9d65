using System.Text.Json;
using Marten;
using MassTransit;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Messaging;

/// <summary>How far a queue has come in one stream of another service: everything up to the version is done.</summary>
public sealed record StreamProgress
{
    /// <summary><c>queue:source:relay:stream</c>.</summary>
    public required string Id { get; init; }

    public required long Version { get; init; }
}

/// <summary>The place of a message in the order of its stream, as one queue sees it.</summary>
/// <param name="PreviousVersion">The message that has to be done before; 0 for the first.</param>
public sealed record Turn(string Queue, string Source, string Relay, Guid StreamId, long Version, long PreviousVersion)
{
    /// <summary>Of the queue's progress in the stream.</summary>
    public string Key => KeyOf(Queue, Source, Relay, StreamId);

    // Never back: a consumer that was held up may come to its end long after others have gone further.
    private const string Forward =
        $"""
        insert into {StoreExtensions.Schema}.mt_doc_streamprogress as known (id, data) values (?, cast(? as jsonb))
        on conflict (id) do update set data = excluded.data where cast(known.data ->> 'version' as bigint) < cast(excluded.data ->> 'version' as bigint)
        """;

    internal bool IsNoted { get; private set; }

    internal static string KeyOf(string queue, string source, string relay, Guid stream) => $"{queue}:{source}:{relay}:{stream}";

    /// <summary>Null for a message that says nothing of its order.</summary>
    internal static Turn? Of(ConsumeContext context, string queue)
    {
        var headers = context.Headers;
        return Guid.TryParse(headers.Get<string>(Envelope.StreamIdHeader), out var stream)
            && headers.Get<long>(Envelope.StreamVersionHeader) is { } version
            && Envelope.PreviousVersion(headers.Get<string>(Envelope.PreviousVersionsHeader), queue) is { } previous
            ? new Turn(
                queue,
                headers.Get<string>(Envelope.SourceHeader) ?? string.Empty,
                headers.Get<string>(Envelope.RelayHeader) ?? string.Empty,
                stream,
                version,
                previous)
            : null;
    }

    /// <summary>Writes the progress in the transaction of the effects.</summary>
    public static void NoteIn(Work work, ConsumeContext context)
    {
        if (context.TryGetPayload<Turn>(out var turn))
        {
            work.Run(Forward, turn.Key, turn.Progress());
        }
    }

    /// <inheritdoc cref="NoteIn"/>
    public void Note(IDocumentOperations operations) => operations.QueueSqlCommand(Forward, Key, Progress());

    /// <summary>Remembers that the transaction with the progress has been committed.</summary>
    public static void WasNoted(ConsumeContext context)
    {
        if (context.TryGetPayload<Turn>(out var turn))
        {
            turn.IsNoted = true;
        }
    }

    private string Progress() => JsonSerializer.Serialize(new StreamProgress { Id = Key, Version = Version }, JsonSerializerOptions.Web);
}

using Marten;
using MassTransit;
using Microsoft.Extensions.Logging;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Commands;

namespace OtPlatform.Platform.Messaging;

/// <summary>Sends one queue the messages of one stream again, with their own ids, because something of them is missing there.</summary>
public sealed partial class AnswerReplay(IDocumentStore store, ServiceIdentity service, IEnumerable<RelayDefinition> relays, Publisher publisher, ILogger<AnswerReplay> logger)
    : IConsumer<Replay>
{
    public async Task Consume(ConsumeContext<Replay> context)
    {
        var request = context.Message;
        if (request.Source != service.Name)
        {
            return;
        }

        var relay = relays.SingleOrDefault(known => known.Name == request.Relay);
        if (relay is null || Topology.Subscriptions.All(known => known.Queue != request.Queue))
        {
            NobodyKnows(logger, request.Relay, request.Queue);
            return;
        }

        await using var session = store.QuerySession();
        var chains = new StreamChains(relay);
        var sent = 0;
        foreach (var happened in await session.Events.FetchStreamAsync(request.StreamId, version: request.ToVersion, token: context.CancellationToken))
        {
            var message = await Relay.MessageOf(service.Name, relay, chains, happened, 0, session, context.CancellationToken);
            if (message is not null && happened.Version >= request.FromVersion && message.Envelope.PreviousVersions.ContainsKey(request.Queue))
            {
                await message.Send((body, stamp) => publisher.Send(request.Queue, body, stamp, context.CancellationToken));
                sent++;
            }
        }

        Replayed(logger, request.StreamId, request.FromVersion, request.ToVersion, request.Queue, sent);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream {StreamId} from {From} to {To} is replayed to {Queue}: {Count} messages")]
    private static partial void Replayed(ILogger logger, Guid streamId, long from, long to, string queue, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A replay of {Relay} to {Queue} was asked for; one of them is not known")]
    private static partial void NobodyKnows(ILogger logger, string relay, string queue);
}

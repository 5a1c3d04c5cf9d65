using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Webhooks;

/// <summary>Each change that moves status, accountable party or date, and each message to the requester, is to be told to each webhook of the requester's organisation.</summary>
public static class QueueDeliveriesOnConsultationChanged
{
    public static readonly FollowerDefinition Definition = new("webhook-deliveries", Follow);

    private static async Task Follow(IReadOnlyList<FollowedEvent> page, Following documents, CancellationToken cancellation)
    {
        var told = page.Where(happened => happened.Event is WebhookEvent or MessageSent { To: MessageSent.Requester } || Standing(happened) is not null).ToList();
        if (told.Count == 0)
        {
            return;
        }

        var audiences = (await documents.Query<WebhookAudience>("where true", cancellation)).ToDictionary(audience => audience.Id);
        if (audiences.Count == 0 && !told.Exists(happened => happened.Event is WebhookSubscribed or WebhookSwitchedOn))
        {
            return;
        }

        var organisations = await Organisations(told, documents, cancellation);
        var deliveries = new List<WebhookDelivery>();
        foreach (var happened in told)
        {
            switch (happened.Event)
            {
                case WebhookSubscribed e:
                    documents.Store(audiences[e.WebhookId] = new WebhookAudience { Id = e.WebhookId, Organisation = e.Organisation });
                    break;
                case WebhookSwitchedOn e:
                    documents.Store(audiences[e.WebhookId] = new WebhookAudience { Id = e.WebhookId, Organisation = e.Organisation });
                    break;
                case WebhookSwitchedOff e:
                    audiences.Remove(e.WebhookId);
                    documents.Delete<WebhookAudience>(e.WebhookId);
                    break;
                case WebhookRemoved e:
                    audiences.Remove(e.WebhookId);
                    documents.Delete<WebhookAudience>(e.WebhookId);
                    documents.DeleteWhere<WebhookDelivery>("d.webhook_id = ?", e.WebhookId);
                    deliveries.RemoveAll(delivery => delivery.WebhookId == e.WebhookId);
                    break;
                case ConsultationEvent when organisations.TryGetValue(happened.StreamId, out var organisation):
                    deliveries.AddRange(await Of(happened, [.. audiences.Values.Where(audience => audience.Organisation == organisation)], documents, cancellation));
                    break;
            }
        }

        deliveries.ForEach(documents.Store);
    }

    private static async Task<IEnumerable<WebhookDelivery>> Of(FollowedEvent happened, IReadOnlyList<WebhookAudience> audiences, Following documents, CancellationToken cancellation)
    {
        if (audiences.Count == 0)
        {
            return [];
        }

        var status = Standing(happened)?.Status
            ?? Consultation.Aggregate.Fold((await documents.Stream(happened.StreamId, happened.Version, cancellation)).Cast<ConsultationEvent>()).Status!.Value;
        return audiences.Select(audience => new WebhookDelivery
        {
            Id = Ids.Derived("webhook-delivery", audience.Id, happened.Id),
            WebhookId = audience.Id,
            ConsultationId = happened.StreamId,
            EventId = happened.Id,
            Position = happened.Position,
            Status = status,
            At = happened.At,
            Version = happened.Version,
            NextAt = DateTimeOffset.UnixEpoch,
        });
    }

    private static async Task<Dictionary<Guid, string>> Organisations(IReadOnlyList<FollowedEvent> told, Following documents, CancellationToken cancellation)
    {
        var found = told.Where(happened => happened.Event is ConsultationSubmitted).ToDictionary(happened => happened.StreamId, happened => ((ConsultationSubmitted)happened.Event).Organisation);
        var others = told.Where(happened => happened.Event is ConsultationEvent && !found.ContainsKey(happened.StreamId)).Select(happened => happened.StreamId).Distinct().ToArray();
        foreach (var view in others.Length == 0 ? [] : await documents.Query<RequestersView>("where d.id = any(?)", cancellation, others))
        {
            found[view.Id] = view.Organisation;
        }

        return found;
    }

    private static Standing? Standing(FollowedEvent happened) => happened.Event is ConsultationEvent e ? Consultations.Standing.After(e) : null;
}

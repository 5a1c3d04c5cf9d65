using OtPlatform.Intake.PartnerApi;

namespace OtPlatform.Intake.Webhooks;

/// <summary>All that happens to webhooks.</summary>
public static class WebhookFeatures
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        var options = (builder.Configuration.GetSection("Webhooks").Get<WebhookOptions>() ?? new WebhookOptions()).Checked(builder.Environment.IsDevelopment());
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ReceiverAddresses>();
        builder.Services.AddSingleton<Receivers>();
        builder.Services.AddSingleton<WebhookDesk>();
        builder.Services.AddHostedService<DeliverWebhooks>();
        builder.Services.AddHostedService<WebhookUpkeep>();
    }

    public static void MapWebhooks(this IEndpointRouteBuilder endpoints)
    {
        var webhooks = endpoints.MapGroup("/v1/webhooks").WithTags("Webhooks").RefuseUnsaidBodies().RefuseUnsaidQueries();
        webhooks.MapSubscribeWebhook();
        webhooks.MapReadWebhooks();
        webhooks.MapRotateSecret();
        webhooks.MapRemoveWebhook();
        webhooks.MapDeadLetters();
    }

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<WebhookView>().Duplicate(view => view.Organisation).Duplicate(view => view.IsActive);
        schema.For<WebhookAudience>();
        schema.For<WebhookReach>();
        schema.For<WebhookDelivery>()
            .Duplicate(delivery => delivery.WebhookId)
            .Duplicate(delivery => delivery.ConsultationId)
            .Duplicate(delivery => delivery.Position)
            .Duplicate(delivery => delivery.NextAt)
            .Duplicate(delivery => delivery.Dead);
    }
}

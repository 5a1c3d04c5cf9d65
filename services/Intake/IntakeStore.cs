using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Intake.Reference;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake;

/// <summary>All that Intake keeps in its own database.</summary>
public static class IntakeStore
{
    public static readonly StoreDefinition Definition = new(
        [typeof(ConsultationEvent), typeof(WebhookEvent), typeof(AbsenceEvent)],
        schema =>
        {
            ConsultationFeatures.Documents(schema);
            WebhookFeatures.Documents(schema);
            AbsenceFeatures.Documents(schema);
            Copies.Documents(schema);
        },
        ConsultationFeatures.Relays,
        ConsultationFeatures.Feed,
        [QueueDeliveriesOnConsultationChanged.Definition]);

    /// <summary>Before the service serves: the tables of the keys, and the policies and instruments as they were published.</summary>
    public static async Task Prepare(IServiceProvider services, CancellationToken cancellation)
    {
        await services.GetRequiredService<DataKeys>().Migrate(cancellation);
        await services.GetRequiredService<TopicCopies>().Learn(cancellation);
        await services.GetRequiredService<InstrumentCopies>().Learn(cancellation);
        await services.GetRequiredService<PolicyCopies>().Learn(cancellation);
        services.GetRequiredService<IntakePolicy>().Checked();
    }
}

using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
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
        },
        ConsultationFeatures.Relays,
        ConsultationFeatures.Feed,
        [QueueDeliveriesOnConsultationChanged.Definition]);
}

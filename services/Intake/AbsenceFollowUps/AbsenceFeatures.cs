using OtPlatform.Intake.PartnerApi;
using OtPlatform.Platform.Deadlines;

namespace OtPlatform.Intake.AbsenceFollowUps;

/// <summary>All that happens to follow-ups of absence.</summary>
public static class AbsenceFeatures
{
    public static void AddAbsenceFollowUps(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AbsenceDesk>();
        builder.Services.AddSingleton(provider => Deadlines(provider.GetRequiredService<IntakePolicy>()));
    }

    public static void MapAbsenceFollowUps(this IEndpointRouteBuilder endpoints)
    {
        var followUps = endpoints.MapGroup("/v1/absence-follow-ups").WithTags("Absence follow-ups").RefuseUnsaidBodies().RefuseUnsaidQueries();
        followUps.MapStartAbsenceFollowUp();
        followUps.MapReadAbsenceFollowUp();
        followUps.MapRecordAbsenceHours();
        followUps.MapHoldAbsenceMeeting();
        followUps.MapEscalateAbsence();
        followUps.MapRecordAbsenceContact();
        followUps.MapEraseAbsenceFollowUp();
    }

    public static void Documents(Marten.MartenRegistry schema) =>
        schema.For<AbsenceFollowUpView>()
            .Duplicate(view => view.Organisation)
            .Duplicate(view => view.Status)
            .Duplicate(view => view.MatterKey!)
            .Duplicate(view => view.PeriodFrom);

    private static DeadlineHandler Deadlines(IntakePolicy policy) => new(AbsenceFollowUp.Aggregate.Name, async (work, deadline, now, cancellation) =>
    {
        var outcome = deadline.Kind == AbsenceFollowUp.PeriodDeadline
            ? await EndAbsenceFollowUp.Fire(work, deadline, now, cancellation)
            : await RemindOfAbsence.Fire(work, deadline, policy, now, cancellation);
        return outcome.Changed;
    });
}

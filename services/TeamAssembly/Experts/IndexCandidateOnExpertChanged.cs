using MassTransit;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Assemblies;

namespace OtPlatform.TeamAssembly.Experts;

/// <summary>Keeps the local copy of the pool: who can be asked, and how many of their hours are given away. A gap that the change might close is looked at again.</summary>
public sealed class IndexCandidateOnExpertChanged(Inbox inbox, TimeProvider clock)
    : IConsumer<ExpertRegistered>, IConsumer<ExpertAvailabilitySet>, IConsumer<AgreementRecorded>, IConsumer<EmployerConsentRecorded>, IConsumer<ExpertSuspended>,
        IConsumer<CapacityReserved>, IConsumer<CapacityReleased>, IConsumer<CapacityLapsed>
{
    public Task Consume(ConsumeContext<ExpertRegistered> context) => Change(context, context.Message.ExpertId, known => new CandidateEntry
    {
        Id = context.Message.ExpertId,
        Sector = context.Message.Sector,
        Profession = context.Message.Profession,
        Organisation = context.Message.Organisation,
        Engagement = context.Message.Engagement,
        County = context.Message.County,
        Area = context.Message.Area,
        UnitId = context.Message.UnitId,
        Topics = context.Message.Topics,
        Languages = context.Message.Languages,
        Channels = context.Message.Channels,
        WeeklyHours = context.Message.WeeklyHours,
        AgreementFrom = context.Message.AgreementFrom,
        AgreementUntil = context.Message.AgreementUntil,
        EmployerConsents = context.Message.EmployerConsents,
        Held = known?.Held ?? [],
    });

    public Task Consume(ConsumeContext<ExpertAvailabilitySet> context) => Change(context, context.Message.ExpertId, known => known! with
    {
        WeeklyHours = context.Message.WeeklyHours,
        Languages = context.Message.Languages,
        Channels = context.Message.Channels,
    });

    public Task Consume(ConsumeContext<AgreementRecorded> context) =>
        Change(context, context.Message.ExpertId, known => known! with { AgreementFrom = context.Message.From, AgreementUntil = context.Message.Until });

    public Task Consume(ConsumeContext<EmployerConsentRecorded> context) =>
        Change(context, context.Message.ExpertId, known => known! with { EmployerConsents = context.Message.Consents });

    public Task Consume(ConsumeContext<ExpertSuspended> context) => Change(context, context.Message.ExpertId, known => known! with { Suspended = true });

    public Task Consume(ConsumeContext<CapacityReserved> context) => Change(context, context.Message.ExpertId, known => known! with
    {
        Held = [.. known.Held.Where(held => held.ReservationId != context.Message.ReservationId), new HeldHours(context.Message.ReservationId, context.Message.AssemblyId, context.Message.Weeks)],
    });

    public Task Consume(ConsumeContext<CapacityReleased> context) =>
        Change(context, context.Message.ExpertId, known => known! with { Held = Without(known.Held, context.Message.ReservationId, context.Message.FromWeek) });

    public Task Consume(ConsumeContext<CapacityLapsed> context) =>
        Change(context, context.Message.ExpertId, known => known! with { Held = Without(known.Held, context.Message.ReservationId, null) });

    private Task Change<TMessage>(ConsumeContext<TMessage> context, Guid expert, Func<CandidateEntry?, CandidateEntry> change)
        where TMessage : class =>
        inbox.Once(context, nameof(IndexCandidateOnExpertChanged), async work =>
        {
            var known = await work.Load<CandidateEntry>(expert, context.CancellationToken);
            if (known is null && context.Message is (CapacityReleased or CapacityLapsed))
            {
                return new Outcome<CandidateEntry>(null!, 0, null, false);
            }

            if (known is null && context.Message is not ExpertRegistered)
            {
                return new Outcome<CandidateEntry>(null!, 0, new Rejection("team-assembly.expert-unknown", "The expert has not been registered.", RejectionKind.NotFound), false);
            }

            var changed = change(known);
            if (context.Message is not (CapacityReserved or ExpertSuspended))
            {
                changed = changed with { ChangedAt = clock.GetUtcNow() };
                await OpenGaps.LookAgain(work, gap => OpenGaps.MightClose(changed, gap), clock.GetUtcNow(), context.CancellationToken);
            }

            work.Store(changed);
            return new Outcome<CandidateEntry>(changed, 0, null, true);
        });

    private static IReadOnlyList<HeldHours> Without(IReadOnlyList<HeldHours> held, Guid reservation, DateOnly? fromWeek) =>
    [
        .. held
            .Select(hours => hours.ReservationId == reservation ? hours with { Weeks = [.. hours.Weeks.Where(week => fromWeek is { } from && week.Monday < from)] } : hours)
            .Where(hours => hours.Weeks.Count > 0),
    ];
}

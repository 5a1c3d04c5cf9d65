using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The client's words were erased: what the case holds of one client or one worker goes too, for good (R8). Its own codes and dates stay; in another's case they count no more.</summary>
public sealed class EraseCaseOnConsultationErased(Inbox inbox, AreaPolicies policies, TimeProvider clock) : IConsumer<ConsultationErased>
{
    public sealed record Command(DateTimeOffset ErasedAt);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Erased: true } => Decision<TriageEvent>.Nothing,
        _ => new CaseErased(state.Id, command.ErasedAt),
    };

    /// <summary>The event without what an erasure takes out.</summary>
    public static TriageEvent Redacted(TriageEvent happened) => happened switch
    {
        CaseAssessed e => e with { Assessment = Redacted(e.Assessment) },
        CaseOpened e => e with { Request = Redacted(e.Request) },
        RequestJoined e => e with { Request = Redacted(e.Request) },
        InformationReceived e => e with { Request = Redacted(e.Request) },
        RequestCorrected e => e with { Request = Redacted(e.Request) },
        ScreeningRecorded e => e with { Screening = e.Screening.WithoutAnswers() },
        ProfileRecorded e => e with { Profile = e.Profile.WithoutResult() },
        ResponsibleWorkerChanged e => e with { Ref = string.Empty },
        RouteDecided { Matter: { } matter } e => e with { Matter = matter with { ResponsibleWorkerRef = null } },
        _ => happened,
    };

    public Task Consume(ConsumeContext<ConsultationErased> context)
    {
        var (id, command) = (context.Message.ConsultationId, new Command(context.Message.ErasedAt));
        return inbox.Once(context, nameof(EraseCaseOnConsultationErased), async work =>
        {
            var outcome = await JointMatter.Leave(
                work, id, state => Decide(state, command), new JointMatter.Parting(CaseUnlinked.ByPlatform, CloseCaseOnConsultationWithdrawn.Withdrawn, Waits: true, policies.For, clock.GetUtcNow(), TakesFacts: true), context.CancellationToken);
            await Redact<CaseOpened>(work, id, context.CancellationToken);
            await Redact<CaseAssessed>(work, id, context.CancellationToken);
            await Redact<RequestJoined>(work, id, context.CancellationToken);
            await Redact<InformationReceived>(work, id, context.CancellationToken);
            await Redact<RequestCorrected>(work, id, context.CancellationToken);
            await Redact<ScreeningRecorded>(work, id, context.CancellationToken);
            await Redact<ProfileRecorded>(work, id, context.CancellationToken);
            await Redact<ResponsibleWorkerChanged>(work, id, context.CancellationToken);
            await Redact<RouteDecided>(work, id, context.CancellationToken);
            work.EmptyParked(id);
            return outcome;
        });
    }

    /// <summary>The assessment without what each answered.</summary>
    public static Assessment Redacted(Assessment assessment) => assessment with { Facts = assessment.Facts with { Screenings = Redacted(assessment.Facts.Screenings) } };

    private static Task Redact<T>(Work work, Guid id, CancellationToken cancellation)
        where T : TriageEvent => work.Redact<T>(id, happened => (T)Redacted(happened), cancellation);

    private static CaseRequest Redacted(CaseRequest request) => request with { ResponsibleWorkerRef = null, MatterKey = null, Screenings = Redacted(request.Screenings), Profiles = Redacted(request.Profiles) };

    internal static List<Profile>? Redacted(IReadOnlyList<Profile>? profiles) => profiles?.Select(profile => profile.WithoutResult()).ToList();

    private static List<Screening>? Redacted(IReadOnlyList<Screening>? screenings) => screenings?.Select(screening => screening.WithoutAnswers()).ToList();
}

using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>The expert's organisation agrees to give working time from a day on, until another or open-ended.</summary>
public static class RecordAgreement
{
    public sealed record Command(Guid ExpertId, Agreement Agreement, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Facts.Agreement: { } known } when known == command.Agreement => Decision<ExpertEvent>.Nothing,
        _ => new AgreementRecorded(command.ExpertId, command.Agreement, command.Now),
    };
}

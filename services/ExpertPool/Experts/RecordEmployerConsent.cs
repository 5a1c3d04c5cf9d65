using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Whether the employer gives working time for detachments (C-76).</summary>
public static class RecordEmployerConsent
{
    public sealed record Command(Guid ExpertId, bool Consents, DateTimeOffset Now);

    public static Decision<ExpertEvent> Decide(Expert state, Command command) => state switch
    {
        { Facts: null } => Expert.NotRegistered,
        { Facts: { } known } when known.EmployerConsents == command.Consents => Decision<ExpertEvent>.Nothing,
        _ => new EmployerConsentRecorded(command.ExpertId, command.Consents, command.Now),
    };
}

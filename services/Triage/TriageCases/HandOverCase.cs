using System.Text.RegularExpressions;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// Who works on the case hands it over to a colleague, with a note in the vault. It is the colleague's claim then, and ends as any other:
/// nothing waits for a colleague who does not come (R2).
/// </summary>
public static partial class HandOverCase
{
    public const string HandedOver = "handedOver";

    public static readonly Rejection NotYours = new("triage.case-not-yours", "Only who works on the case hands it over.");

    /// <param name="To">Subject of the colleague's token.</param>
    /// <param name="NoteTextId">What the colleague should know, in the vault; null for nothing.</param>
    public sealed record Command(string HandedOverBy, string To, Guid? NoteTextId, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { Claim: { } theirs } when theirs.By == command.To && theirs.EndsAt > command.Now => Decision<TriageEvent>.Nothing,
        { Claim: { } held } when held.KeepsOut(command.HandedOverBy, command.Now) => ClaimCase.HeldBy(held),
        { Claim: { } own } when own.By == command.HandedOverBy && own.EndsAt > command.Now => new CaseClaimed(
            state.Id, state.Area, command.To, own.By, HandedOver, command.Now, ClaimCase.EndsAt(state, command.Policy, command.Now), command.NoteTextId),
        _ => NotYours,
    };

    /// <exception cref="InvalidInputException">It is nobody's subject.</exception>
    internal static string Colleague(string to) => Subject().IsMatch(to) ? to : throw new InvalidInputException("to", "The subject of a colleague's token.");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subject();
}

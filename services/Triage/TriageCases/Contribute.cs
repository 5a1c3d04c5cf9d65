using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>
/// An invited expert adds marks and what they have written into the vault. The marks are weighed at once with all others and take none
/// away; nothing is decided by it. What they add later adds to that.
/// </summary>
public static class Contribute
{
    public static readonly Rejection NotInvited = new("triage.assessor-unknown", "You are not invited to the assessment of a case under this id.", RejectionKind.NotFound);
    public static readonly Rejection TimeIsOver = new("triage.assessment-time-over", "The time for contributing to the assessment is over.");

    /// <param name="Marks">Codes of the catalogue; empty for none.</param>
    /// <param name="TextId">In the vault; null for nothing.</param>
    public sealed record Command(Guid ExpertId, IReadOnlyList<string> Marks, Guid? TextId, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => (state, state.Assessors.LastOrDefault(assessor => assessor.ExpertId == command.ExpertId)) switch
    {
        ({ Status: CaseStatus.NotOpened }, _) => TriageCase.NotOpened,
        (_, null) => NotInvited,
        (_, { } assessor) when IsIn(assessor, command) => Decision<TriageEvent>.Nothing,
        ({ Status: CaseStatus.Closed }, _) => TriageCase.AlreadyClosed,
        ({ Lead: not null }, _) => TriageCase.AlreadyLinked,
        ({ MayBeDecided: false }, _) => TriageCase.AlreadyDecided,
        (_, { } assessor) when !assessor.MayAssess(command.Now) => TimeIsOver,
        (_, { } assessor) => Contributed(state, assessor, command),
    };

    private static List<TriageEvent> Contributed(TriageCase state, Assessor assessor, Command command)
    {
        var contributed = new AssessmentContributed(state.Id, state.Area, assessor.ExpertId, assessor.InvitationId, command.Marks, command.TextId, command.Now);
        return [contributed, .. AssessCase.Weighed(TriageCase.Evolve(state, contributed), command.Policy, command.Now)];
    }

    private static bool IsIn(Assessor assessor, Command command) =>
        assessor.ContributedAt is not null && command.Marks.All(assessor.Marks.Contains) && (command.TextId is null || command.TextId == assessor.TextId);

    /// <exception cref="InvalidInputException">A mark is of no list, or nothing is said.</exception>
    internal static (IReadOnlyList<string> Marks, Guid? TextId) Known(IEnumerable<string> marks, string textId, Catalogue catalogue)
    {
        IReadOnlyList<string> known = [.. marks.Select((mark, at) => catalogue.Codes.Marks.Contains(mark) ? mark : throw new InvalidInputException($"marks[{at}]", "Not a known code of this list.")).Distinct()];
        Guid? text = textId.Length == 0 ? null : Guid.TryParse(textId, out var given) ? given : throw new InvalidInputException("text_id", "A UUID is required.");
        return known.Count > 0 || text is not null ? (known, text) : throw new InvalidInputException("marks", "Required.");
    }
}

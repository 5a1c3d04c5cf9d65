using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="Instrument">Code of an instrument of the catalogue.</param>
/// <param name="Version">Which one was filled in; null for the newest.</param>
/// <param name="Answers">Answer by item; what nobody could answer is left out.</param>
/// <param name="Participants">Roles of those who filled it in together (C-26).</param>
public sealed record ScreeningBody(string? Instrument, int? Version, IReadOnlyDictionary<string, int>? Answers, IReadOnlyList<string?>? Participants);

/// <summary>
/// What several have filled in together on a matter that is still to be decided: its result and the marks that it implies are weighed at
/// once. It advises: neither does it decide, nor does it change whose turn it is and by when. A later one of the same instrument takes
/// the place of the one before.
/// </summary>
public static class RecordScreening
{
    public sealed record Command(Screening Screening, string RecordedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.RecordedBy, command.Now) => ClaimCase.HeldBy(claim),
        { Own.Screenings: { } known } when known.Contains(command.Screening) => Decision<TriageEvent>.Nothing,
        _ => Recorded(state, command),
    };

    private static List<TriageEvent> Recorded(TriageCase state, Command command)
    {
        var recorded = new ScreeningRecorded(state.Id, command.Screening, command.RecordedBy, command.Now);
        return [recorded, .. AssessCase.Weighed(TriageCase.Evolve(state, recorded), command.Policy, command.Now)];
    }

    public static void MapRecordScreening(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<ScreeningBody>("/{id:guid}/screenings", (body, commanding) =>
        {
            var command = new Command(Scored(body, commanding.Catalogue, "$."), commanding.By, commanding.Policy, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("RecordScreening")
            .WithSummary("Record what several have filled in together. Needs If-Match.");

    /// <summary>Scores what was filled in.</summary>
    /// <param name="prefix">Of the fields' names where something is wrong.</param>
    /// <exception cref="InvalidInputException">It is of no instrument, answers nothing, or goes beyond its scale.</exception>
    internal static Screening Scored(ScreeningBody body, Catalogue catalogue, string prefix)
    {
        var versions = catalogue.Instruments.Where(known => known.Code == body.Instrument).ToList();
        if (versions.Count == 0)
        {
            throw new InvalidInputException($"{prefix}instrument", "Not a known code of this list.");
        }

        var instrument = body.Version is null ? versions.MaxBy(known => known.Version) : versions.Find(known => known.Version == body.Version);
        if (instrument is null)
        {
            throw new InvalidInputException($"{prefix}version", "Not a known version of the instrument.");
        }

        if (body.Answers is not { Count: > 0 } answers)
        {
            throw new InvalidInputException($"{prefix}answers", "Required.");
        }

        foreach (var (code, answer) in answers)
        {
            if (instrument.Items.FirstOrDefault(item => item.Code == code)?.Allows(answer) != true)
            {
                throw new InvalidInputException($"{prefix}answers.{code}", "Not an answer of this item's scale.");
            }
        }

        var participants = (body.Participants ?? []).Select((role, at) =>
            role is not null && catalogue.Codes.RequesterRoles.Contains(role) ? role : throw new InvalidInputException($"{prefix}participants[{at}]", "Not a known code of this list.")).Distinct().ToList();
        return Screening.Scored(new ScreeningAnswers(instrument.Code, instrument.Version, answers, participants), instrument);
    }
}

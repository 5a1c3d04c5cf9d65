using System.Globalization;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.TriageCases;

/// <summary>A result of another's tool on the matter, for example of Suuntima (asiakasprofilointi, C-29). Advice only: it is not weighed.</summary>
/// <param name="Tool">Code of the tool.</param>
/// <param name="Source">Code of the unit that made it.</param>
/// <param name="Result">The tool's own code of what it came to.</param>
/// <param name="NetworkCoordinator">Whether it says that a network coordinator is needed; null when it says nothing of that.</param>
public sealed record Profile(string Tool, string Source, DateOnly MadeOn, string Result, bool? NetworkCoordinator)
{
    /// <summary>That there was one, and nothing of the client.</summary>
    public Profile WithoutResult() => this with { Source = string.Empty, Result = string.Empty, NetworkCoordinator = null };
}

/// <param name="Tool">Code of the tool, for example <c>suuntima</c>.</param>
/// <param name="Source">Code of the unit that made it.</param>
/// <param name="MadeOn">When.</param>
/// <param name="Result">The tool's own code of what it came to.</param>
/// <param name="NetworkCoordinator">Whether it says that a network coordinator is needed; null when it says nothing of that.</param>
public sealed record RecordProfileBody(string? Tool, string? Source, DateOnly? MadeOn, string? Result, bool? NetworkCoordinator);

/// <summary>
/// What an outside tool came to stands in the case, with who made it and when. It decides nothing, is not weighed and moves no date.
/// A later one of the same tool and source takes the place of the one before.
/// </summary>
public static class RecordProfile
{
    public sealed record Command(Profile Profile, string RecordedBy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { MayBeDecided: false } => TriageCase.AlreadyDecided,
        { IsDanger: false, Claim: { } claim } when claim.KeepsOut(command.RecordedBy, command.Now) => ClaimCase.HeldBy(claim),
        { Own.Profiles: { } known } when known.Contains(command.Profile) => Decision<TriageEvent>.Nothing,
        _ => new ProfileRecorded(state.Id, command.Profile, command.RecordedBy, command.Now),
    };

    public static void MapRecordProfile(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<RecordProfileBody>("/{id:guid}/profiles", (body, commanding) =>
        {
            var command = new Command(Known(body, "$.", "madeOn", commanding.Now), commanding.By, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("RecordProfile")
            .WithSummary("Record what an outside tool came to. Needs If-Match.");

    /// <param name="prefix">Of the fields' names where something is wrong.</param>
    /// <param name="day">Name of the field of the day.</param>
    /// <exception cref="InvalidInputException">Something is missing, is more than a code, or is yet to come.</exception>
    internal static Profile Known(RecordProfileBody body, string prefix, string day, DateTimeOffset now)
    {
        var (tool, source, result) = (CaseCommands.ShortCode(body.Tool, $"{prefix}tool"), CaseCommands.ShortCode(body.Source, $"{prefix}source"), CaseCommands.ShortCode(body.Result, $"{prefix}result"));
        var madeOn = body.MadeOn ?? throw new InvalidInputException($"{prefix}{day}", "Required.");
        // In Finland the next day begins hours before it does in UTC.
        return madeOn <= DateOnly.FromDateTime(now.UtcDateTime.AddHours(3))
            ? new Profile(tool, source, madeOn, result, body.NetworkCoordinator)
            : throw new InvalidInputException($"{prefix}{day}", "The day is yet to come.");
    }

    /// <exception cref="InvalidInputException">It is no day.</exception>
    internal static DateOnly? Day(string text, string field) => text.Length == 0
        ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new InvalidInputException(field, "A day is required, for example 2027-01-01.");
}

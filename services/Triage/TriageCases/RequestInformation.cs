using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="Asked">Some of <see cref="RequestInformation.Codes"/>.</param>
public sealed record RequestInformationBody(IReadOnlyList<string?>? Asked);

/// <summary>
/// A coordinator asks the requester for what is missing before the matter can be decided (C-01). The next step is the requester's; the
/// coordinators may still decide, and have it back when the date passes. Danger waits for no answer. Their own words go as a message.
/// </summary>
public static class RequestInformation
{
    /// <summary>What a requester can be asked for; each is a field of what they may add.</summary>
    public static readonly IReadOnlyList<string> Codes = ["situation", "triedSoFar", "topics", "involvedServices", Assessment.LegalBasis];

    public static readonly Rejection DangerWaitsForNobody = new("triage.danger-waits-for-nobody", "There is danger: decide now, and ask with a message.");

    public sealed record Command(IReadOnlyList<string> Asked, string RequestedBy, AreaPolicy Policy, DateTimeOffset Now);

    public static Decision<TriageEvent> Decide(TriageCase state, Command command) => state switch
    {
        { Status: CaseStatus.NotOpened } => TriageCase.NotOpened,
        { Status: CaseStatus.Closed } => TriageCase.AlreadyClosed,
        { Lead: not null } => TriageCase.AlreadyLinked,
        { Status: CaseStatus.RouteDecided } => TriageCase.AlreadyDecided,
        { IsDanger: true } => DangerWaitsForNobody,
        { Claim: { } claim } when claim.KeepsOut(command.RequestedBy, command.Now) => ClaimCase.HeldBy(claim),
        { Status: CaseStatus.AwaitingInformation } when command.Asked.All(state.AskedFor.Contains) => Decision<TriageEvent>.Nothing,
        _ => new InformationRequested(state.Id, state.Area, command.Asked, command.Now, command.Policy.InformationDue(command.Now)),
    };

    public static void MapRequestInformation(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapCaseCommand<RequestInformationBody>("/{id:guid}/information-requests", (body, commanding) =>
        {
            var command = new Command(Known(body.Asked, "$."), commanding.By, commanding.Policy, commanding.Now);
            return state => Decide(state, command);
        })
            .WithName("RequestInformation")
            .WithSummary("Ask the requester for what is missing. Needs If-Match.");

    /// <param name="prefix">Of the field's name where something is wrong.</param>
    /// <exception cref="InvalidInputException">Nothing is asked for, or something that cannot be.</exception>
    internal static IReadOnlyList<string> Known(IReadOnlyList<string?>? asked, string prefix)
    {
        if (asked is not { Count: > 0 })
        {
            throw new InvalidInputException($"{prefix}asked", "Required.");
        }

        return [.. asked.Select((code, at) => code is not null && Codes.Contains(code) ? code : throw new InvalidInputException($"{prefix}asked[{at}]", "Not a known code of this list.")).Distinct()];
    }
}

using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <param name="By">Subject of the token.</param>
/// <param name="Policy">The case's.</param>
internal sealed record Commanding(string By, AreaPolicy Policy, Catalogue Catalogue, StreamStore Streams, DateTimeOffset Now, CancellationToken Cancellation);

/// <summary>What a coordinator's commands to a case of the own area have in common over REST.</summary>
internal static partial class CaseCommands
{
    /// <param name="command">What is decided for a body; throws <see cref="InvalidInputException"/> where the body says what it may not.</param>
    public static RouteHandlerBuilder MapCaseCommand<TBody>(
        this IEndpointRouteBuilder endpoints, string pattern, Func<TBody, Commanding, Func<TriageCase, Decision<TriageEvent>>> command)
        where TBody : class =>
        endpoints.MapCaseCommand<TBody>(pattern, (body, commanding) => Task.FromResult(command(body, commanding)));

    /// <inheritdoc cref="MapCaseCommand{TBody}(IEndpointRouteBuilder, string, Func{TBody, Commanding, Func{TriageCase, Decision{TriageEvent}}})"/>
    public static RouteHandlerBuilder MapCaseCommand<TBody>(
        this IEndpointRouteBuilder endpoints, string pattern, Func<TBody, Commanding, Task<Func<TriageCase, Decision<TriageEvent>>>> command)
        where TBody : class =>
        endpoints.MapPost(pattern, async (
            Guid id, HttpContext http, StreamStore streams, AreaPolicies policies, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var caller = Caller.From(http.User);
            if (await RoutingQueue.Visible(id, caller, streams, cancellation) is not { } entry)
            {
                return Problems.Unknown();
            }

            var expected = Versions.Expected(http.Request);
            var body = StrictJson.Parse<TBody>(await StrictJson.ReadBody(http.Request, cancellation));
            var decide = await command(body, new Commanding(caller.Subject, policies.Named(entry.PolicyVersion), catalogue, streams, clock.GetUtcNow(), cancellation));
            var outcome = await streams.Decide(
                TriageCase.Aggregate, id, RoutingQueue.StillIn(entry.Area, decide), new Origin(caller.Subject, id.ToString(), http.TraceIdentifier), cancellation, expected);
            return outcome.Rejection is { } rejection ? Problems.Of(rejection) : RoutingQueue.Answer(http, outcome.View as RoutingQueueEntry ?? entry);
        })
            .RequireAuthorization(Scopes.QueuesAct)
            .Accepts<TBody>("application/json")
            .Produces<RoutingQueueEntry>();

    /// <summary>A code that no list of the catalogue knows, because others keep it; never as long a number as stands in an identity code.</summary>
    /// <exception cref="InvalidInputException">There is none, or it is more than a code.</exception>
    public static string ShortCode(string? value, string field) => value is not { Length: > 0 }
        ? throw new InvalidInputException(field, "Required.")
        : Code().IsMatch(value) ? value : throw new InvalidInputException(field, "A code: small letters, digits and hyphens, 1 to 64 characters, and no long number.");

    [GeneratedRegex(@"^(?!.*[0-9]{6})[a-z0-9][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}

using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <summary>Somebody says which organisation or unit knows more of some matters, or says it anew; the newest registration holds, and takes up again what had ended.</summary>
public static class RegisterKnowledgeHolder
{
    public sealed record Command(Guid HolderId, KnowledgeHolderFacts Facts, DateTimeOffset Now);

    public static Decision<KnowledgeHolderEvent> Decide(KnowledgeHolder state, Command command) => state switch
    {
        { Facts: { } known, EndedAt: null } when known.SameAs(command.Facts) => Decision<KnowledgeHolderEvent>.Nothing,
        _ => new KnowledgeHolderRegistered(command.HolderId, command.Facts, command.Now),
    };

    public static void MapRegisterKnowledgeHolder(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/", async (HttpContext http, StreamStore streams, Catalogue catalogue, TimeProvider clock, CancellationToken cancellation) =>
        {
            var command = From(StrictJson.Parse<KnowledgeHolderBody>(await StrictJson.ReadBody(http.Request, cancellation)), catalogue, clock);
            var outcome = await streams.Decide(
                KnowledgeHolder.Aggregate, command.HolderId, state => Decide(state, command), new Origin(Caller.From(http.User).Subject, command.HolderId.ToString(), http.TraceIdentifier), cancellation);
            var entry = await KnowledgeHolderDirectory.After(outcome, command.HolderId, streams, cancellation);
            http.Response.Headers.Location = $"/v1/knowledge-holders/{command.HolderId}";
            return KnowledgeHolderDirectory.Answer(http, entry, clock, outcome is { Changed: true, Version: 1 } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("RegisterKnowledgeHolder")
            .WithSummary("Register an organisation or unit that has more exact knowledge, or register one anew. The same facts again change nothing.")
            .Accepts<KnowledgeHolderBody>("application/json")
            .Produces<KnowledgeHolderAnswer>(StatusCodes.Status201Created)
            .Produces<KnowledgeHolderAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest);

    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    internal static Command From(KnowledgeHolderBody body, Catalogue catalogue, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var id = body.HolderId is { Length: > 0 } given
            ? Guid.TryParse(given, out var chosen) && chosen != Guid.Empty ? chosen : throw new InvalidInputException("$.holderId", "A UUID.")
            : Ids.New(now);
        return new Command(id, KnowledgeHolderRules.Facts(body, catalogue, DateOnly.FromDateTime(now.UtcDateTime)), now);
    }
}

using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <param name="ReasonCode">A code of the caller's own, for example <c>closed-down</c>.</param>
public sealed record EndKnowledgeHolderBody(string? ReasonCode);

/// <summary>Nobody is pointed to it any more until it is registered anew. Whoever was pointed to it before still sees it.</summary>
public static class EndKnowledgeHolder
{
    public sealed record Command(Guid HolderId, string ReasonCode, DateTimeOffset Now);

    public static Decision<KnowledgeHolderEvent> Decide(KnowledgeHolder state, Command command) => state switch
    {
        { Facts: null } => KnowledgeHolder.NotRegistered,
        { EndedAt: not null } => Decision<KnowledgeHolderEvent>.Nothing,
        _ => new KnowledgeHolderEnded(command.HolderId, command.ReasonCode, command.Now),
    };

    public static void MapEndKnowledgeHolder(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/{id:guid}/end", async (Guid id, HttpContext http, StreamStore streams, TimeProvider clock, CancellationToken cancellation) =>
        {
            var body = StrictJson.Parse<EndKnowledgeHolderBody>(await StrictJson.ReadBody(http.Request, cancellation));
            var command = new Command(id, BodyRules.ReasonCode(body.ReasonCode), clock.GetUtcNow());
            var outcome = await streams.Decide(KnowledgeHolder.Aggregate, id, state => Decide(state, command), new Origin(Caller.From(http.User).Subject, id.ToString(), http.TraceIdentifier), cancellation);
            return outcome.Rejection is { } rejection ? Problems.Of(rejection) : KnowledgeHolderDirectory.Answer(http, await KnowledgeHolderDirectory.After(outcome, id, streams, cancellation), clock);
        })
            .RequireAuthorization(Scopes.ExpertsWrite)
            .WithName("EndKnowledgeHolder")
            .WithSummary("Nobody is pointed to it any more, until it is registered anew.")
            .Accepts<EndKnowledgeHolderBody>("application/json")
            .Produces<KnowledgeHolderAnswer>();
}

/// <summary>The features of the holders of knowledge.</summary>
public static class KnowledgeHolderFeatures
{
    public static void MapKnowledgeHolders(this IEndpointRouteBuilder endpoints)
    {
        var holders = endpoints.MapGroup("/v1/knowledge-holders").WithTags("Knowledge holders");
        holders.MapKnowledgeHolderDirectory();
        holders.MapRegisterKnowledgeHolder();
        holders.MapEndKnowledgeHolder();
    }

    public static void Documents(Marten.MartenRegistry schema) => schema.For<KnowledgeHolderEntry>();
}

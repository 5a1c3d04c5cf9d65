using System.Globalization;
using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <summary>otplatform.expertpool.v1.Catalogue; each method stands in its feature's file. The rules are those of REST.</summary>
public sealed partial class CatalogueService(StreamStore streams, Catalogue catalogue, TimeProvider clock) : Wire.Catalogue.CatalogueBase
{
    private DateOnly Today => KnowledgeHolderDirectory.Today(clock);

    private async Task<Wire.KnowledgeHolder> Answer(Guid id, Func<KnowledgeHolder, Decision<KnowledgeHolderEvent>> decide, ServerCallContext context)
    {
        var origin = new Origin(Caller.From(context.GetHttpContext().User).Subject, id.ToString(), context.GetHttpContext().TraceIdentifier);
        var outcome = await streams.Decide(KnowledgeHolder.Aggregate, id, decide, origin, context.CancellationToken);
        return outcome.Rejection is { } rejection ? throw new RejectedException(rejection) : Of(await KnowledgeHolderDirectory.After(outcome, id, streams, context.CancellationToken));
    }

    private Wire.KnowledgeHolder Of(KnowledgeHolderEntry entry) => new()
    {
        HolderId = entry.Id.ToString(),
        Name = new Wire.Name { Fi = entry.Facts.Name.Fi, Sv = entry.Facts.Name.Sv, En = entry.Facts.Name.En },
        Country = entry.Facts.Country,
        Topics = { entry.Facts.Topics },
        Languages = { entry.Facts.Languages },
        Contact = entry.Facts.Contact,
        ValidUntil = entry.Facts.ValidUntil.ToString("O", CultureInfo.InvariantCulture),
        InForce = entry.IsInForce(Today),
        Version = entry.Version,
    };
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

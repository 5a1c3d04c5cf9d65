using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool;

/// <summary>otplatform.expertpool.v1.Catalogue. The rules are those of REST.</summary>
public sealed class CatalogueService(StreamStore streams, Catalogue catalogue, TopicCopies topics, TimeProvider clock) : Wire.Catalogue.CatalogueBase
{
    private DateOnly Today => KnowledgeHolderDirectory.Today(clock);

    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.ListResponse> List(Wire.ListRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var wanted = new WantedPage(request.Topic, request.AlsoEnded, request.PageToken, request.PageSize == 0 ? null : request.PageSize, "page_token", "page_size");
        switch (request.List)
        {
            case "knowledgeHolders":
                var (holders, nextHolders) = await KnowledgeHolderDirectory.Page(wanted, streams, catalogue, Today, context.CancellationToken);
                return new Wire.ListResponse { KnowledgeHolders = { holders.Select(Of) }, NextPageToken = nextHolders ?? string.Empty };
            case "standingTeams":
                var (teams, nextTeams) = await StandingTeamDirectory.Page(wanted, streams, catalogue, context.CancellationToken);
                return new Wire.ListResponse { StandingTeams = { teams.Select(Of) }, NextPageToken = nextTeams ?? string.Empty };
            case "topics":
                var (known, nextTopics) = TopicList.Page(wanted, catalogue, Today);
                return new Wire.ListResponse { Topics = { known.Select(topic => TopicList.Of(topic, Today)) }, NextPageToken = nextTopics ?? string.Empty };
            default:
                throw new InvalidInputException("list", "Not a known code of this list.");
        }
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.KnowledgeHolder> RegisterKnowledgeHolder(Wire.RegisterKnowledgeHolderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new KnowledgeHolderBody
        {
            HolderId = request.HolderId,
            Name = NameOf(request.Name),
            Country = request.Country,
            Topics = request.Topics,
            Languages = request.Languages,
            Contact = request.Contact,
            ValidUntil = request.ValidUntil,
        };
        var command = KnowledgeHolders.RegisterKnowledgeHolder.From(body, catalogue, clock);
        return Holder(command.HolderId, state => KnowledgeHolders.RegisterKnowledgeHolder.Decide(state, command), context);
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.KnowledgeHolder> EndKnowledgeHolder(Wire.EndKnowledgeHolderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = new EndKnowledgeHolder.Command(Id("$.holderId", request.HolderId), BodyRules.ReasonCode(request.ReasonCode), clock.GetUtcNow());
        return Holder(command.HolderId, state => KnowledgeHolders.EndKnowledgeHolder.Decide(state, command), context);
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override async Task<Wire.StandingTeam> DefineStandingTeam(Wire.DefineStandingTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new StandingTeamBody(request.TeamId, NameOf(request.Name), request.Members, request.Topics, request.Areas);
        var command = await StandingTeams.DefineStandingTeam.From(body, streams, catalogue, clock, context.CancellationToken);
        return await Team(command.TeamId, state => StandingTeams.DefineStandingTeam.Decide(state, command), context);
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.StandingTeam> DissolveStandingTeam(Wire.DissolveStandingTeamRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = new DissolveStandingTeam.Command(Id("$.teamId", request.TeamId), BodyRules.ReasonCode(request.ReasonCode), clock.GetUtcNow());
        return Team(command.TeamId, state => StandingTeams.DissolveStandingTeam.Decide(state, command), context);
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Topic> DefineTopic(Wire.DefineTopicRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new TopicBody(request.Code, NameOf(request.Name), request.Class, request.RareByDefault, request.Level, request.ImpliesMarks, request.Sectors, request.Urgency, request.ValidFrom);
        var command = Topics.DefineTopic.From(body, catalogue, clock.GetUtcNow());
        return Topic(command.TopicId, command.Topic.Code, state => Topics.DefineTopic.Decide(state, command), context);
    }

    [Authorize(Scopes.ExpertsWrite)]
    public override Task<Wire.Topic> RetireTopic(Wire.RetireTopicRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var command = Topics.RetireTopic.From(request.Code, request.LastDay, catalogue, clock.GetUtcNow());
        return Topic(command.TopicId, command.Code, state => Topics.RetireTopic.Decide(state, command), context);
    }

    private static Guid Id(string path, string id) => Guid.TryParse(id, out var known) ? known : throw new InvalidInputException(path, "A UUID.");

    private static NameBody? NameOf(Wire.Name? name) => name is null ? null : new NameBody(name.Fi, name.Sv, name.En);

    private static Wire.Name Of(Label name) => new() { Fi = name.Fi, Sv = name.Sv, En = name.En };

    private static Origin OriginOf(ServerCallContext context, Guid id) => new(Caller.From(context.GetHttpContext().User).Subject, id.ToString(), context.GetHttpContext().TraceIdentifier);

    private static Wire.StandingTeam Of(StandingTeamAnswer team) => new()
    {
        TeamId = team.TeamId.ToString(),
        Name = Of(team.Name),
        Members = { team.Members.Select(member => member.ToString()) },
        Away = { team.Away.Select(member => member.ToString()) },
        Topics = { team.Topics },
        Areas = { team.Areas },
        Dissolved = team.Dissolved,
        Version = team.Version,
    };

    private async Task<Wire.KnowledgeHolder> Holder(Guid id, Func<KnowledgeHolder, Decision<KnowledgeHolderEvent>> decide, ServerCallContext context)
    {
        var outcome = await streams.Decide(KnowledgeHolder.Aggregate, id, decide, OriginOf(context, id), context.CancellationToken);
        return outcome.Rejection is { } rejection ? throw new RejectedException(rejection) : Of(await KnowledgeHolderDirectory.After(outcome, id, streams, context.CancellationToken));
    }

    private async Task<Wire.StandingTeam> Team(Guid id, Func<StandingTeam, Decision<StandingTeamEvent>> decide, ServerCallContext context)
    {
        var outcome = await streams.Decide(StandingTeam.Aggregate, id, decide, OriginOf(context, id), context.CancellationToken);
        return outcome.Rejection is { } rejection ? throw new RejectedException(rejection) : Of(await StandingTeamDirectory.After(outcome, id, streams, context.CancellationToken));
    }

    private async Task<Wire.Topic> Topic(Guid id, string code, Func<CatalogueTopic, Decision<TopicEvent>> decide, ServerCallContext context)
    {
        var outcome = await streams.Decide(CatalogueTopic.Aggregate, id, decide, OriginOf(context, id), context.CancellationToken);
        if (outcome.Rejection is { } rejection)
        {
            throw new RejectedException(rejection);
        }

        await topics.Learn(context.CancellationToken);
        return TopicList.Of(catalogue.Topics.Single(known => known.Code == code), Today);
    }

    private Wire.KnowledgeHolder Of(KnowledgeHolderEntry entry) => new()
    {
        HolderId = entry.Id.ToString(),
        Name = Of(entry.Facts.Name),
        Country = entry.Facts.Country,
        Topics = { entry.Facts.Topics },
        Languages = { entry.Facts.Languages },
        Contact = entry.Facts.Contact,
        ValidUntil = entry.Facts.ValidUntil.ToString("O", CultureInfo.InvariantCulture),
        InForce = entry.IsInForce(Today),
        Version = entry.Version,
    };
}

using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Grpc;
using OtPlatform.Protos.ExpertPool.V1;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using Team = OtPlatform.Protos.TeamAssembly.V1.Team;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The services that the console calls, as a test wants them: a real gRPC server on the contracts' own protos that answers what it is told to.</summary>
internal sealed class Owners : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<string, Func<object, object>> _answers = [];
    private readonly ConcurrentQueue<Asked> _asked = [];

    private Owners(WebApplication server) => _server = server;

    public string Address => _server.Urls.Single();

    /// <summary>Every call so far, oldest first.</summary>
    public IReadOnlyList<Asked> Calls => [.. _asked];

    public static async Task<Owners> Start()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        Owners? owners = null;
        builder.Services.AddSingleton(_ => owners!);
        var server = builder.Build();
        owners = new Owners(server);
        server.MapGrpcService<CasesService>();
        server.MapGrpcService<PoliciesService>();
        server.MapGrpcService<InstrumentsService>();
        server.MapGrpcService<TeamsService>();
        server.MapGrpcService<NarrativesService>();
        server.MapGrpcService<ConsultationsService>();
        server.MapGrpcService<ExpertsService>();
        await server.StartAsync();
        return owners;
    }

    /// <summary>From now on this is the answer to requests of this kind about this id.</summary>
    public void Answer<TRequest>(string id, Func<TRequest, object> answer) => _answers[$"{typeof(TRequest).FullName}:{id}"] = request => answer((TRequest)request);

    public void Refuse<TRequest>(string id, StatusCode status, string code) => Answer<TRequest>(id, _ => throw GrpcProblems.Of(status, code, "No."));

    /// <summary>The case of a consultation, as Triage would tell it to a coordinator who has to decide.</summary>
    /// <summary>Also a holder of knowledge may be chosen, of whom two are known.</summary>
    public void MayPoint(Guid id, params Protos.Triage.V1.KnowledgeHolder[] known) => Answer<Protos.Triage.V1.GetCaseRequest>(id.ToString(), _ => new TriageCase
    {
        Id = id.ToString(),
        Area = "sisa",
        Status = "awaitingConfirmation",
        RecommendedRoute = "hybridTeam",
        Topics = { "adoption" },
        AllowedRoutes = { "hybridTeam", "knowledgeHolder" },
        OverrideReasons = { "local-knowledge", "other" },
        KnowledgeHolders = { known },
        Version = 6,
    });

    public void AwaitsDecision(Guid id, long version = 4) => Answer<Protos.Triage.V1.GetCaseRequest>(id.ToString(), _ => new TriageCase
    {
        Id = id.ToString(),
        Area = "sisa",
        Status = "awaitingConfirmation",
        RecommendedRoute = "hybridTeam",
        AllowedRoutes = { "hybridTeam", "expertConsultation", "specialLevel" },
        OverrideReasons = { "local-knowledge", "other" },
        Version = version,
    });

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    /// <param name="asked">What was asked, where another message stands for the question.</param>
    private Task<TResponse> Reply<TResponse>(IMessage request, string id, ServerCallContext context, IMessage? asked = null)
    {
        _asked.Enqueue(new Asked(asked ?? request, context.RequestHeaders.GetValue("authorization")));
        return _answers.TryGetValue($"{request.GetType().FullName}:{id}", out var answer)
            ? Task.FromResult((TResponse)answer(request))
            : throw GrpcProblems.Of(StatusCode.NotFound, "platform.not-found", "Nothing is known.");
    }

    /// <summary>The same bit by bit: the answer is all of them.</summary>
    private async Task Tell(IMessage request, string code, IServerStreamWriter<WhatIfProgress> stream, ServerCallContext context)
    {
        await foreach (var soFar in await Reply<IAsyncEnumerable<WhatIfProgress>>(request, code, context))
        {
            await stream.WriteAsync(soFar, context.CancellationToken);
        }
    }

    /// <param name="Authorization">The token that came with it.</param>
    internal sealed record Asked(IMessage Request, string? Authorization);

    internal sealed class CasesService(Owners owners) : TriageCases.TriageCasesBase
    {
        public override Task<TriageCase> Claim(ClaimRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> HandOver(HandOverRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> ProposeTransfer(ProposeTransferRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> DecideTransfer(DecideTransferRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> AcceptTransfer(AcceptTransferRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> ReturnTransfer(ReturnTransferRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> RecordScreening(RecordScreeningRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> RecordProfile(RecordProfileRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> SetNetworkCoordinator(SetNetworkCoordinatorRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> InviteAssessor(InviteAssessorRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> Contribute(ContributeRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> RequestInformation(RequestInformationRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> Release(ReleaseRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> Get(Protos.Triage.V1.GetCaseRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<CaseExplanation> Explain(Protos.Triage.V1.GetCaseRequest request, ServerCallContext context) =>
            owners.Reply<CaseExplanation>(new CaseExplanation(), request.Id, context, request);

        public override Task<TriageCase> DecideRoute(DecideRouteRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> ProposeReferral(ProposeReferralRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> LinkCases(LinkCasesRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> UnlinkCase(UnlinkCaseRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> AcceptReferral(AcceptReferralRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);

        public override Task<TriageCase> ReturnReferral(ReturnReferralRequest request, ServerCallContext context) => owners.Reply<TriageCase>(request, request.Id, context);
    }

    internal sealed class PoliciesService(Owners owners) : Policies.PoliciesBase
    {
        public override Task<Policy> Get(GetPolicyRequest request, ServerCallContext context) => owners.Reply<Policy>(request, request.Code, context);

        public override Task<Policy> Draft(DraftPolicyRequest request, ServerCallContext context) => owners.Reply<Policy>(request, request.Code, context);

        public override Task<PolicyFaults> Validate(ValidatePolicyRequest request, ServerCallContext context) => owners.Reply<PolicyFaults>(request, request.Code, context);

        public override Task WhatIf(WhatIfRequest request, IServerStreamWriter<WhatIfProgress> responseStream, ServerCallContext context) => owners.Tell(request, request.Code, responseStream, context);

        public override Task<Policy> Publish(PublishPolicyRequest request, ServerCallContext context) => owners.Reply<Policy>(request, request.Code, context);
    }

    internal sealed class InstrumentsService(Owners owners) : Instruments.InstrumentsBase
    {
        public override Task<ListInstrumentsResponse> List(ListInstrumentsRequest request, ServerCallContext context) => owners.Reply<ListInstrumentsResponse>(request, string.Empty, context);

        public override Task<Instrument> Get(GetInstrumentRequest request, ServerCallContext context) => owners.Reply<Instrument>(request, request.Code, context);

        public override Task<Instrument> Draft(DraftInstrumentRequest request, ServerCallContext context) => owners.Reply<Instrument>(request, request.Code, context);

        public override Task<PolicyFaults> Validate(ValidateInstrumentRequest request, ServerCallContext context) => owners.Reply<PolicyFaults>(request, request.Code, context);

        public override Task WhatIf(WhatIfInstrumentRequest request, IServerStreamWriter<WhatIfProgress> responseStream, ServerCallContext context) => owners.Tell(request, request.Code, responseStream, context);

        public override Task<Instrument> Publish(PublishInstrumentRequest request, ServerCallContext context) => owners.Reply<Instrument>(request, request.Code, context);
    }

    internal sealed class TeamsService(Owners owners) : Teams.TeamsBase
    {
        public override Task<Team> Get(GetTeamRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.Id, context);

        public override Task<TeamExplanation> Explain(GetTeamRequest request, ServerCallContext context) => owners.Reply<TeamExplanation>(new TeamExplanation(), request.Id, context);

        public override Task<ListInvitationsResponse> ListInvitations(ListInvitationsRequest request, ServerCallContext context) => owners.Reply<ListInvitationsResponse>(request, string.Empty, context);

        public override Task<Team> Invite(InviteRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.Id, context);

        public override Task<Team> AcceptInvitation(AcceptInvitationRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.InvitationId, context);

        public override Task<Team> DeclineInvitation(DeclineInvitationRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.InvitationId, context);

        public override Task<Team> AnswerConsultation(AnswerConsultationRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.Id, context);

        public override Task<Team> Disband(DisbandRequest request, ServerCallContext context) => owners.Reply<Team>(request, request.Id, context);
    }

    internal sealed class ExpertsService(Owners owners) : Experts.ExpertsBase
    {
        public override Task<SearchResponse> Search(SearchRequest request, ServerCallContext context) => owners.Reply<SearchResponse>(request, request.Topic, context);

        public override Task<Expert> Get(GetExpertRequest request, ServerCallContext context) => owners.Reply<Expert>(request, request.ExpertId, context);

        public override Task<CoverageResponse> Coverage(CoverageRequest request, ServerCallContext context) => owners.Reply<CoverageResponse>(request, request.Area, context);

        public override Task<GapsResponse> Gaps(GapsRequest request, ServerCallContext context) => owners.Reply<GapsResponse>(request, request.Area, context);
    }

    internal sealed class NarrativesService(Owners owners) : Narratives.NarrativesBase
    {
        public override Task<PutNarrativeResponse> Put(PutNarrativeRequest request, ServerCallContext context) => owners.Reply<PutNarrativeResponse>(request, request.ConsultationId, context);

        public override Task<ReadNarrativeResponse> Read(ReadNarrativeRequest request, ServerCallContext context) => owners.Reply<ReadNarrativeResponse>(request, request.ConsultationId, context);
    }

    internal sealed class ConsultationsService(Owners owners) : Consultations.ConsultationsBase
    {
        public override Task<SendMessageResponse> SendMessage(SendMessageRequest request, ServerCallContext context) => owners.Reply<SendMessageResponse>(request, request.Id, context);
    }
}

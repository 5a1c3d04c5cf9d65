using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using OtPlatform.Platform.Grpc;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using Team = OtPlatform.Protos.TeamAssembly.V1.Team;

namespace OtPlatform.Coordination.Console;

/// <summary>The gRPC addresses of the services that own what the console shows and changes.</summary>
public sealed record OwnersOptions
{
    public required Uri Intake { get; init; }

    public required Uri Triage { get; init; }

    public required Uri TeamAssembly { get; init; }

    public required Uri ExpertPool { get; init; }
}

/// <summary>Why an owner did not do or show what was asked.</summary>
public enum RefusalKind
{
    Unknown,
    NotAllowed,
    SignedOut,
    Rule,
    Stale,
    Invalid,
    Unavailable,
}

/// <param name="Code">The owner's own code of the rule, where it gave one.</param>
public sealed record Refusal(RefusalKind Kind, string? Code = null);

/// <summary>What an owner answered: a value or why there is none.</summary>
public sealed record Answer<T>(T? Value, Refusal? Refusal)
    where T : class;

/// <summary>Asks the owners in the name of the person who is signed in.</summary>
public sealed class Owners(
    TriageCases.TriageCasesClient cases, Teams.TeamsClient teams, Narratives.NarrativesClient narratives, Protos.Intake.V1.Consultations.ConsultationsClient consultations)
{
    public Task<Answer<TriageCase>> Case(HttpContext http, Guid id) => Ask(http, options => cases.GetAsync(new Protos.Triage.V1.GetCaseRequest { Id = id.ToString() }, options));

    /// <param name="language">Of its sentences.</param>
    public Task<Answer<CaseExplanation>> CaseExplanation(HttpContext http, Guid id, string language) => Ask(http, options => cases.ExplainAsync(new Protos.Triage.V1.GetCaseRequest { Id = id.ToString(), Language = language }, options));

    public Task<Answer<TriageCase>> DecideRoute(HttpContext http, DecideRouteRequest request) => Ask(http, options => cases.DecideRouteAsync(request, options));

    public Task<Answer<TriageCase>> Claim(HttpContext http, ClaimRequest request) => Ask(http, options => cases.ClaimAsync(request, options));

    public Task<Answer<TriageCase>> Release(HttpContext http, Guid id) => Ask(http, options => cases.ReleaseAsync(new ReleaseRequest { Id = id.ToString() }, options));

    /// <param name="note">What the colleague should know; it is put into the vault first.</param>
    public async Task<Answer<TriageCase>> HandOver(HttpContext http, HandOverRequest request, string? note)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (note is null)
        {
            request.NoteTextId = string.Empty;
        }
        else if (await Kept(http, request.Id, request.NoteTextId, note) is { } refused)
        {
            return new Answer<TriageCase>(null, refused);
        }

        return await Ask(http, options => cases.HandOverAsync(request, options));
    }

    public Task<Answer<SendMessageResponse>> SendMessage(HttpContext http, SendMessageRequest request) => Ask(http, options => consultations.SendMessageAsync(request, options));

    /// <param name="message">In the coordinator's own words, before the codes; null for none.</param>
    public async Task<Answer<TriageCase>> RequestInformation(HttpContext http, RequestInformationRequest request, SendMessageRequest? message) =>
        message is not null && (await SendMessage(http, message)).Refusal is { } refused
            ? new Answer<TriageCase>(null, refused)
            : await Ask(http, options => cases.RequestInformationAsync(request, options));

    public Task<Answer<TriageCase>> ProposeReferral(HttpContext http, ProposeReferralRequest request) => Ask(http, options => cases.ProposeReferralAsync(request, options));

    public Task<Answer<TriageCase>> AcceptReferral(HttpContext http, Guid id) => Ask(http, options => cases.AcceptReferralAsync(new AcceptReferralRequest { Id = id.ToString() }, options));

    public Task<Answer<TriageCase>> ReturnReferral(HttpContext http, Guid id, string reason) => Ask(http, options => cases.ReturnReferralAsync(new ReturnReferralRequest { Id = id.ToString(), ReasonCode = reason }, options));

    public Task<Answer<TriageCase>> LinkCases(HttpContext http, LinkCasesRequest request) => Ask(http, options => cases.LinkCasesAsync(request, options));

    public Task<Answer<TriageCase>> UnlinkCase(HttpContext http, UnlinkCaseRequest request) => Ask(http, options => cases.UnlinkCaseAsync(request, options));

    public Task<Answer<TriageCase>> RecordScreening(HttpContext http, RecordScreeningRequest request) => Ask(http, options => cases.RecordScreeningAsync(request, options));

    public Task<Answer<TriageCase>> RecordProfile(HttpContext http, RecordProfileRequest request) => Ask(http, options => cases.RecordProfileAsync(request, options));

    public Task<Answer<TriageCase>> SetNetworkCoordinator(HttpContext http, SetNetworkCoordinatorRequest request) => Ask(http, options => cases.SetNetworkCoordinatorAsync(request, options));

    public Task<Answer<TriageCase>> InviteAssessor(HttpContext http, InviteAssessorRequest request) => Ask(http, options => cases.InviteAssessorAsync(request, options));

    /// <param name="text">What the expert writes; it is put into the vault first. Null for nothing.</param>
    public async Task<Answer<TriageCase>> Contribute(HttpContext http, ContributeRequest request, string? text)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (text is null)
        {
            request.TextId = string.Empty;
        }
        else if (await Kept(http, request.Id, request.TextId, text) is { } refused)
        {
            return new Answer<TriageCase>(null, refused);
        }

        return await Ask(http, options => cases.ContributeAsync(request, options));
    }

    public Task<Answer<TriageCase>> ProposeTransfer(HttpContext http, ProposeTransferRequest request) => Ask(http, options => cases.ProposeTransferAsync(request, options));

    public Task<Answer<TriageCase>> DecideTransfer(HttpContext http, DecideTransferRequest request) => Ask(http, options => cases.DecideTransferAsync(request, options));

    public Task<Answer<TriageCase>> AcceptTransfer(HttpContext http, Guid id) => Ask(http, options => cases.AcceptTransferAsync(new AcceptTransferRequest { Id = id.ToString() }, options));

    public Task<Answer<TriageCase>> ReturnTransfer(HttpContext http, Guid id, string reason) => Ask(http, options => cases.ReturnTransferAsync(new ReturnTransferRequest { Id = id.ToString(), ReasonCode = reason }, options));

    public Task<Answer<Team>> Team(HttpContext http, Guid id) => Ask(http, options => teams.GetAsync(new GetTeamRequest { Id = id.ToString() }, options));

    public Task<Answer<TeamExplanation>> TeamExplanation(HttpContext http, Guid id) => Ask(http, options => teams.ExplainAsync(new GetTeamRequest { Id = id.ToString() }, options));

    public Task<Answer<ListInvitationsResponse>> Invitations(HttpContext http) => Ask(http, options => teams.ListInvitationsAsync(new ListInvitationsRequest(), options));

    public Task<Answer<Team>> Invite(HttpContext http, InviteRequest request) => Ask(http, options => teams.InviteAsync(request, options));

    public Task<Answer<Team>> AcceptInvitation(HttpContext http, Guid id) => Ask(http, options => teams.AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = id.ToString() }, options));

    public Task<Answer<Team>> DeclineInvitation(HttpContext http, Guid id, string reason) => Ask(http, options => teams.DeclineInvitationAsync(new DeclineInvitationRequest { InvitationId = id.ToString(), ReasonCode = reason }, options));

    public Task<Answer<Team>> AnswerConsultation(HttpContext http, AnswerConsultationRequest request) => Ask(http, options => teams.AnswerConsultationAsync(request, options));

    public Task<Answer<Team>> Disband(HttpContext http, Guid id, string outcome) => Ask(http, options => teams.DisbandAsync(new DisbandRequest { Id = id.ToString(), OutcomeCode = outcome }, options));

    /// <param name="purpose">Why; written to the access log with the reading.</param>
    public Task<Answer<ReadNarrativeResponse>> Words(HttpContext http, Guid id, string purpose) => Ask(http, options => narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = purpose }, options));

    /// <summary>Puts a note into the vault; null when it is there.</summary>
    private async Task<Refusal?> Kept(HttpContext http, string consultation, string textId, string text) =>
        (await Ask(http, options => narratives.PutAsync(new PutNarrativeRequest { ConsultationId = consultation, TextId = textId, Kind = "note", Text = text }, options))).Refusal;

    internal static async Task<Answer<T>> Ask<T>(HttpContext http, Func<CallOptions, AsyncUnaryCall<T>> call)
        where T : class
    {
        var options = await InOwnName(http);
        try
        {
            using var answer = call(options);
            return new Answer<T>(await answer.ResponseAsync, null);
        }
        catch (RpcException refused) when (!http.RequestAborted.IsCancellationRequested)
        {
            return new Answer<T>(null, RefusalOf(refused));
        }
    }

    /// <summary>An answer that comes bit by bit; a refusal is the last of them.</summary>
    internal static async IAsyncEnumerable<Answer<T>> Follow<T>(HttpContext http, Func<CallOptions, AsyncServerStreamingCall<T>> call)
        where T : class
    {
        using var answers = call(await InOwnName(http));
        while (true)
        {
            Answer<T>? next;
            try
            {
                next = await answers.ResponseStream.MoveNext(http.RequestAborted) ? new Answer<T>(answers.ResponseStream.Current, null) : null;
            }
            catch (RpcException refused) when (!http.RequestAborted.IsCancellationRequested)
            {
                next = new Answer<T>(null, RefusalOf(refused));
            }

            if (next is null)
            {
                yield break;
            }

            yield return next;
            if (next.Refusal is not null)
            {
                yield break;
            }
        }
    }

    private static async Task<CallOptions> InOwnName(HttpContext http)
    {
        var token = await http.GetTokenAsync(ConsoleSession.Scheme, ConsoleSession.AccessToken);
        return new CallOptions(new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: http.RequestAborted);
    }

    private static Refusal RefusalOf(RpcException refused) => new(KindOf(refused.StatusCode), GrpcProblems.CodeOf(refused));

    private static RefusalKind KindOf(StatusCode code) => code switch
    {
        StatusCode.NotFound => RefusalKind.Unknown,
        StatusCode.PermissionDenied => RefusalKind.NotAllowed,
        StatusCode.Unauthenticated => RefusalKind.SignedOut,
        StatusCode.FailedPrecondition => RefusalKind.Rule,
        StatusCode.Aborted => RefusalKind.Stale,
        StatusCode.InvalidArgument => RefusalKind.Invalid,
        _ => RefusalKind.Unavailable,
    };
}

using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.Intake.V1;

namespace OtPlatform.Intake.Consultations;

/// <summary>otplatform.intake.v1.Consultations: the partner API over gRPC. It says the same as the JSON bodies, and the same code decides.</summary>
public sealed class ConsultationsService(
    Submissions submissions, RequestersDesk desk, StreamStore streams, Catalogue catalogue, IntakePolicy policy, RequestersWords words, LaterWords laterWords, OthersMessages others, FeedReader feed, TimeProvider clock) : Wire.Consultations.ConsultationsBase
{
    private static readonly Rejection Unknown = new(Problems.NotFound, "Nothing is known under this id.", RejectionKind.NotFound);

    [Authorize(Scopes.ConsultationsWrite)]
    public override async Task<Wire.Consultation> Submit(Wire.SubmitRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = JsonSerializer.SerializeToUtf8Bytes(ConsultationMessages.Body(request.Submission ?? new Wire.Submission()), StrictJson.Options);
        var (acknowledged, refusal) = await submissions.Submit(CallerOf(context), request.IdempotencyKey, () => Task.FromResult(body), CauseOf(context), context.CancellationToken);
        return refusal switch
        {
            null => ConsultationMessages.Of(JsonSerializer.Deserialize<ConsultationAnswer>(acknowledged!.Answer, StrictJson.Options)!),
            _ when Submissions.IsForbidden(refusal) => throw GrpcProblems.Of(StatusCode.PermissionDenied, refusal),
            _ when refusal == Submissions.InProgress => throw GrpcProblems.Of(StatusCode.Aborted, refusal),
            _ => throw new RejectedException(refusal),
        };
    }

    [Authorize(Scopes.ConsultationsRead)]
    public override async Task<Wire.Consultation> Get(Wire.GetConsultationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var view = await desk.Visible(Id(request.Id), caller, context.CancellationToken) ?? throw new RejectedException(Unknown);
        return ConsultationMessages.Of(await desk.Show(view, caller, context.CancellationToken));
    }

    [Authorize(Scopes.ConsultationsRead)]
    public override async Task<Wire.ListConsultationsResponse> List(Wire.ListConsultationsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var page = await ReadConsultation.Page(
            CallerOf(context),
            new PageOf(
                request.Status.Length == 0 ? null : request.Status,
                request.PageToken.Length == 0 ? null : request.PageToken,
                request.PageSize == 0 ? null : request.PageSize,
                Named: PageFields.OfMessage),
            streams,
            catalogue,
            words,
            context.CancellationToken);
        return new Wire.ListConsultationsResponse { Consultations = { page.Items.Select(ConsultationMessages.Of) }, NextPageToken = page.Next ?? string.Empty };
    }

    [Authorize(Scopes.ConsultationsWrite)]
    public override async Task<Wire.Consultation> AddInformation(Wire.AddInformationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var view = await desk.Own(Id(request.Id), caller, context.CancellationToken) ?? throw new RejectedException(Unknown);
        var body = JsonSerializer.SerializeToUtf8Bytes(ConsultationMessages.Body(request), StrictJson.Options);
        var written = await Consultations.AddInformation.Add(
            body, view, caller, CauseOf(context), Expected(request.ExpectedVersion), desk, catalogue, policy, clock, context.CancellationToken);
        return await Answer(written, caller, context.CancellationToken);
    }

    [Authorize(Scopes.ConsultationsWrite)]
    public override async Task<Wire.Consultation> Withdraw(Wire.WithdrawRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var view = await desk.Own(Id(request.Id), caller, context.CancellationToken) ?? throw new RejectedException(Unknown);
        var written = await WithdrawConsultation.Withdraw(desk, view, caller, CauseOf(context), Expected(request.ExpectedVersion), context.CancellationToken);
        return await Answer(written, caller, context.CancellationToken);
    }

    [Authorize(Scopes.ConsultationsRead)]
    public override async Task Watch(Wire.WatchConsultationsRequest request, IServerStreamWriter<Wire.ConsultationChange> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        var caller = CallerOf(context);
        await foreach (var entry in feed.Resume(request.AfterPosition, context.CancellationToken))
        {
            if (await desk.Visible(entry.StreamId, caller, context.CancellationToken) is { } view)
            {
                await responseStream.WriteAsync(
                    new Wire.ConsultationChange
                    {
                        Position = entry.Id,
                        What = entry.What,
                        Consultation = ConsultationMessages.Of(words.Render(view, caller)),
                        At = entry.At.ToTimestamp(),
                        Traceparent = entry.Traceparent ?? string.Empty,
                    },
                    context.CancellationToken);
            }
        }
    }

    [Authorize(Scopes.ConsultationsWrite)]
    public override async Task<Wire.Consultation> ReportSafety(Wire.ReportSafetyRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var view = await desk.Own(Id(request.Id), caller, context.CancellationToken) ?? throw new RejectedException(Unknown);
        var body = JsonSerializer.SerializeToUtf8Bytes(ConsultationMessages.Body(request), StrictJson.Options);
        var written = await laterWords.Take(Consultations.ReportSafety.Word, body, view, caller, CauseOf(context), Expected(request.ExpectedVersion), context.CancellationToken);
        return await Answer(written, caller, context.CancellationToken);
    }

    [Authorize]
    public override async Task<Wire.SendMessageResponse> SendMessage(Wire.SendMessageRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        var (id, textId) = (Id(request.Id), Guid.TryParse(request.MessageId, out var chosen) ? chosen : throw new InvalidInputException("message_id", "A UUID is required."));
        CheckText(request.Text);
        var view = await streams.Load<RequestersView>(id, context.CancellationToken);
        if (view is null || WritesAs(caller, view) is not { } from)
        {
            throw new RejectedException(Unknown);
        }

        var refused = await others.Send(view, from, textId, request.Text, new Origin(caller.Subject, id.ToString(), CauseOf(context)), context.CancellationToken);
        return refused is null ? new Wire.SendMessageResponse { MessageId = textId.ToString() } : throw new RejectedException(refused);
    }

    /// <summary>The area's coordinators, and an expert who may read the case's words; null for anybody else.</summary>
    private string? WritesAs(Caller caller, RequestersView view)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return caller.Claim(ClaimNames.Area) == view.Area && Caller.HasScope(caller.Principal, Scopes.QueuesAct) ? Consultations.SendMessage.Coordinator
            : Guid.TryParse(caller.Claim(ClaimNames.Expert), out var expert) && Caller.HasScope(caller.Principal, Scopes.TeamsAct)
                && view.Access.Any(access => access.ExpertId == expert && access.Until >= today) ? "expert"
            : null;
    }

    private static void CheckText(string text)
    {
        if (SubmissionRules.FaultOf(text, required: true) is { } fault)
        {
            throw new InvalidInputException("text", fault);
        }

        if (PersonalIdentityCode.IsIn(text))
        {
            throw new InvalidInputException("text", "A personal identity code. Use the case key instead; nothing of this text was kept.");
        }
    }

    private async Task<Wire.Consultation> Answer(Written written, Caller caller, CancellationToken cancellation) =>
        written.Rejection is { } rejection ? throw new RejectedException(rejection) : ConsultationMessages.Of(await desk.Show(written.View, caller, cancellation));

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private static string CauseOf(ServerCallContext context) => context.GetHttpContext().TraceIdentifier;

    private static Guid Id(string value) => Guid.TryParse(value, out var id) ? id : throw new InvalidInputException("id", "A UUID is required.");

    private static long Expected(long version) => version > 0 ? version : throw new VersionRequiredException();
}

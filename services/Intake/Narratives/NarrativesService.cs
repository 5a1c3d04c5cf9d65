using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using Wire = OtPlatform.Protos.Intake.V1;

namespace OtPlatform.Intake.Narratives;

/// <summary>otplatform.intake.v1.Narratives: who may put words into the vault, and who may read them there.</summary>
[Authorize]
public sealed class NarrativesService(StreamStore streams, Vault vault, Erasures erasures, TimeProvider clock) : Wire.Narratives.NarrativesBase
{
    private static readonly Rejection Unknown = new(Problems.NotFound, "Nothing is known under this id.", RejectionKind.NotFound);
    private static readonly Rejection Differs = new("intake.narrative-differs", "Another text stands under this id.");
    private static readonly string[] Kinds = ["answer", "reason", "note"];
    private static readonly string[] Purposes = ["triage", "teamwork", "answering", "audit"];

    public override async Task<Wire.PutNarrativeResponse> Put(Wire.PutNarrativeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context, Scopes.TeamsAct, Scopes.QueuesAct);
        var (id, textId) = (Id(request.ConsultationId, "consultation_id"), Id(request.TextId, "text_id"));
        CheckText(request);
        var view = await streams.Load<RequestersView>(id, context.CancellationToken);
        if (ExpertOf(caller) is { } writing && (view is null || !HasPart(view, writing)))
        {
            // Their part in the consultation may not have arrived here yet; whoever has none learns nothing by it.
            throw GrpcProblems.Of(StatusCode.Aborted, Problems.StaleVersion, "You have no part in this consultation, or not yet. Try again.");
        }

        if (view is null || !MayPut(view, caller))
        {
            throw new RejectedException(Unknown);
        }

        if (view.Erased is not null)
        {
            throw new RejectedException(Consultation.AlreadyErased);
        }

        await streams.InOneTransaction(
            new Origin(caller.Subject, id.ToString(), context.GetHttpContext().TraceIdentifier),
            async work =>
            {
                if (await work.Load<VaultText>(textId, context.CancellationToken) is not { } known)
                {
                    work.Insert(await vault.Seal(id, textId, request.Kind, request.Text, context.CancellationToken));
                }
                else if (known.Owner != id || known.Kind != request.Kind || !await vault.Says(known, request.Text, context.CancellationToken))
                {
                    throw new RejectedException(Differs);
                }

                return true;
            },
            context.CancellationToken);
        return new Wire.PutNarrativeResponse { TextId = textId.ToString() };
    }

    public override async Task<Wire.ReadNarrativeResponse> Read(Wire.ReadNarrativeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context, Scopes.NarrativeRead, Scopes.ConsultationsRead);
        var id = Id(request.ConsultationId, "consultation_id");
        Guid? textId = request.TextId.Length == 0 ? null : Id(request.TextId, "text_id");
        if (!Purposes.Contains(request.Purpose))
        {
            throw new InvalidInputException("purpose", "Say what the words are read for: triage, teamwork, answering or audit.");
        }

        var view = await streams.Load<RequestersView>(id, context.CancellationToken);
        if (view is null || !MayRead(view, caller))
        {
            throw new RejectedException(Unknown);
        }

        if (view.Erased is { } erased)
        {
            return new Wire.ReadNarrativeResponse { ErasedAt = Timestamp.FromDateTimeOffset(erased.At) };
        }

        var texts = await vault.ReadOf(
            id, text => (textId is null || text.Id == textId) && MayRead(text.Kind, text.Id, view, caller), request.Purpose, caller.Subject, context.CancellationToken);
        if (texts.Count == 0 && await vault.IsUnreadable(id, context.CancellationToken))
        {
            // After a restore from before the erasure, or from before the master key went: the words are there, and nobody can open them.
            throw new RejectedException(DataKeys.Destroyed);
        }

        if (texts.Count == 0 && view.ClosedToOthersAt is not null && IsOfOthers(caller))
        {
            throw new RejectedException(Consultation.WordsClosed);
        }

        if (textId is not null && texts.Count == 0)
        {
            throw new RejectedException(Unknown);
        }

        return new Wire.ReadNarrativeResponse { Narratives = { texts.Select(text => new Wire.Narrative { TextId = text.Id.ToString(), Kind = text.Kind, Text = text.Text }) } };
    }

    public override async Task<Wire.EraseNarrativesResponse> Erase(Wire.EraseNarrativesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context, Scopes.ConsultationsWrite);
        var view = await streams.Load<RequestersView>(Id(request.ConsultationId, "consultation_id"), context.CancellationToken);
        if (view is null || caller.Claim(ClaimNames.Organisation) != view.Organisation)
        {
            throw new RejectedException(Unknown);
        }

        var expected = request.ExpectedVersion > 0 ? request.ExpectedVersion : throw new VersionRequiredException();
        var written = await erasures.Erase(view, caller, context.GetHttpContext().TraceIdentifier, expected, context.CancellationToken);
        return written is { Rejection: { } rejection }
            ? throw new RejectedException(rejection)
            : new Wire.EraseNarrativesResponse { ErasedAt = Timestamp.FromDateTimeOffset(written.View.Erased!.At), CompleteBy = Timestamp.FromDateTimeOffset(written.View.Erased.CompleteBy) };
    }

    private static bool MayPut(RequestersView view, Caller caller) =>
        caller.Claim(ClaimNames.Area) is { } area ? area == view.Area : ExpertOf(caller) is not null;

    /// <summary>The requesting side reads its own words and the answer that was given, not what others note down; the others what no consent's end has closed.</summary>
    private static bool MayRead(string kind, Guid textId, RequestersView view, Caller caller) =>
        IsOfOthers(caller) ? view.IsOpenToOthers(textId) : !Kinds.Contains(kind) || textId == view.Answer?.TextId;

    private static bool IsOfOthers(Caller caller) => Caller.HasScope(caller.Principal, Scopes.NarrativeRead);

    private bool MayRead(RequestersView view, Caller caller)
    {
        if (!IsOfOthers(caller))
        {
            return caller.Claim(ClaimNames.Area) is null && (caller.Claim(ClaimNames.Organisation) == view.Organisation || (view.Responsible is Accountable.KeyPerson && PassOn.IsKeyPerson(caller, view)));
        }

        return caller.Claim(ClaimNames.Area) is { } area ? area == view.Area : ExpertOf(caller) is { } expert && HasPart(view, expert);
    }

    private bool HasPart(RequestersView view, Guid expert)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return view.Access.Any(access => access.ExpertId == expert && access.Until >= today);
    }

    private static Guid? ExpertOf(Caller caller) => Guid.TryParse(caller.Claim(ClaimNames.Expert), out var expert) ? expert : null;

    private static Caller CallerOf(ServerCallContext context, params string[] oneOf)
    {
        var principal = context.GetHttpContext().User;
        return oneOf.Any(scope => Caller.HasScope(principal, scope))
            ? Caller.From(principal)
            : throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this.");
    }

    private static Guid Id(string value, string field) => Guid.TryParse(value, out var id) ? id : throw new InvalidInputException(field, "A UUID is required.");

    private static void CheckText(Wire.PutNarrativeRequest request)
    {
        var errors = new Dictionary<string, Message>();
        if (!Kinds.Contains(request.Kind))
        {
            errors["kind"] = "Not a known code: answer, reason or note.";
        }

        if (SubmissionRules.FaultOf(request.Text, required: true) is { } fault)
        {
            errors["text"] = fault;
        }
        else if (PersonalIdentityCode.IsIn(request.Text))
        {
            errors["text"] = "A personal identity code. Use the case key instead; nothing of this text was kept.";
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }
}

using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>otplatform.triage.v1.Policies. Whoever reads the queues reads the policies; an editor changes the own area's, or the defaults when of no area.</summary>
public sealed class PoliciesService(StreamStore streams, PolicyRules rules, PolicyBook book, AreaPolicies policies, KeepPolicies keep, WhatIf whatIf, TimeProvider clock) : Wire.Policies.PoliciesBase
{
    private const int LargestDocument = 256 * 1024;

    [Authorize]
    public override async Task<Wire.Policy> Get(Wire.GetPolicyRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = CallerOf(context);
        if (!Caller.HasScope(caller.Principal, Scopes.QueuesRead) && !Caller.HasScope(caller.Principal, Scopes.PoliciesWrite))
        {
            throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this.");
        }

        return Message(await Record(Code(request.Code), context.CancellationToken), request.Version);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.Policy> Draft(Wire.DraftPolicyRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (code, caller, now) = (OwnCode(request.Code, context), CallerOf(context), clock.GetUtcNow());
        if (!PolicyBook.IsDocument(Small(request.DocumentJson)))
        {
            throw new InvalidInputException("document_json", "A JSON object is required.");
        }

        var command = new DraftPolicy.Command(code, Ids.New(now), request.DocumentJson, request.ReasonCode, Reasons(code), caller.Subject, now);
        return Message(await Change(code, state => DraftPolicy.Decide(state, command), request.ExpectedVersion, context), 0);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.PolicyFaults> Validate(Wire.ValidatePolicyRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var code = OwnCode(request.Code, context);
        return new Wire.PolicyFaults { Faults = { (await Faults(code, request.DocumentJson, context.CancellationToken)).Faults.Select(fault => new Wire.PolicyFault { Path = fault.Path, Message = fault.Message }) } };
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task WhatIf(Wire.WhatIfRequest request, IServerStreamWriter<Wire.WhatIfProgress> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        var code = OwnCode(request.Code, context);
        var (content, faults) = await Faults(code, request.DocumentJson, context.CancellationToken);
        if (faults.Count > 0)
        {
            throw new RejectedException(PublishPolicy.Faulty);
        }

        await Tell(whatIf.Run(code, content, context.CancellationToken), responseStream, CallerOf(context).Claim(ClaimNames.Area), context.CancellationToken);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.Policy> Publish(Wire.PublishPolicyRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (code, caller, now) = (OwnCode(request.Code, context), CallerOf(context), clock.GetUtcNow());
        if (!DateOnly.TryParseExact(request.EffectiveFrom, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            throw new InvalidInputException("effective_from", "A day is required, for example 2027-01-01.");
        }

        if (!Guid.TryParse(request.DraftId, out var draft))
        {
            throw new InvalidInputException("draft_id", "A UUID is required.");
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(InForce(code, now).Rules.WorkingHours.TimeZone);
        var command = new PublishPolicy.Command(
            draft,
            day,
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).Date),
            new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone), TimeSpan.Zero),
            content => rules.Faults(code, content, now),
            caller.Subject,
            now);
        return Message(await Change(code, state => PublishPolicy.Decide(state, command), request.ExpectedVersion, context), 0);
    }

    /// <summary>Streams how far it has come, and the whole at last.</summary>
    /// <param name="area">Whose examples are named; null for none.</param>
    internal static async Task Tell(IAsyncEnumerable<WhatIfSoFar> told, IServerStreamWriter<Wire.WhatIfProgress> responseStream, string? area, CancellationToken cancellation)
    {
        Wire.WhatIfProgress? last = null;
        await foreach (var soFar in told.WithCancellation(cancellation))
        {
            last = Message(soFar, area);
            await responseStream.WriteAsync(last, cancellation);
        }

        last!.Finished = true;
        await responseStream.WriteAsync(last, cancellation);
    }

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private static string Small(string document) => document.Length <= LargestDocument ? document : throw new InvalidInputException("document_json", "The document is too large.");

    private async Task<PolicyRecord> Change(string code, Func<PolicyHistory, Decision<PolicyEvent>> decide, long expected, ServerCallContext context)
    {
        var origin = new Origin(CallerOf(context).Subject, code, context.GetHttpContext().TraceIdentifier);
        var outcome = await keep.Alone(code, decide, expected > 0 ? expected : null, origin, context.CancellationToken);
        return outcome.Rejection is { } rejection
            ? throw new RejectedException(rejection)
            : outcome.View as PolicyRecord ?? await Record(code, context.CancellationToken);
    }

    private async Task<(string Content, IReadOnlyList<PolicyFault> Faults)> Faults(string code, string document, CancellationToken cancellation)
    {
        await keep.Learn(cancellation);
        var content = Small(document).Length > 0 ? document : (await Record(code, cancellation)).Draft?.Content ?? throw new RejectedException(PublishPolicy.NothingDrafted);
        return (content, rules.Faults(code, content, clock.GetUtcNow()));
    }

    /// <summary>An area that has no values of its own has an empty history.</summary>
    private async Task<PolicyRecord> Record(string code, CancellationToken cancellation) =>
        await streams.Load<PolicyRecord>(PolicyHistory.IdOf(code), cancellation)
        ?? new PolicyRecord { Id = PolicyHistory.IdOf(code), Code = code, Version = 0, Published = [], Newest = string.Empty };

    private AreaPolicy InForce(string code, DateTimeOffset now) => policies.Named(book.VersionAt(code, now));

    private IReadOnlyList<string> Reasons(string code) => InForce(code, clock.GetUtcNow()).Rules.Triage.PolicyReasons;

    private string Code(string code) => rules.IsCode(code) ? code : throw new InvalidInputException("code", "default, or the code of an area.");

    private string OwnCode(string code, ServerCallContext context) => (CallerOf(context).Claim(ClaimNames.Area) ?? PolicyBook.Defaults) == Code(code)
        ? code
        : throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this.");

    private static Wire.WhatIfProgress Message(WhatIfSoFar soFar, string? area) => new()
    {
        Cases = soFar.Cases,
        Done = soFar.Done,
        Changed = soFar.Changes.Values.Sum(change => change.Cases),
        Changes =
        {
            soFar.Changes.OrderByDescending(change => change.Value.Cases).ThenBy(change => change.Key.ToString(), StringComparer.Ordinal).Select(change => new Wire.RouteChange
            {
                Area = change.Key.Area,
                From = change.Key.From,
                To = change.Key.To,
                Cases = change.Value.Cases,
                Examples = { change.Key.Area == area ? change.Value.Examples.Select(id => id.ToString()) : [] },
            }),
        },
    };

    private Wire.Policy Message(PolicyRecord record, int version)
    {
        var now = clock.GetUtcNow();
        var inForce = book.VersionAt(record.Code, now);
        var wanted = version > 0 ? $"{record.Code}.{version.ToString(CultureInfo.InvariantCulture)}" : inForce.Split('+').FirstOrDefault(name => name.StartsWith($"{record.Code}.", StringComparison.Ordinal));
        var page = record.Published.FirstOrDefault(published => published.Page.Name == wanted)?.Page;
        if (version > 0 && page is null)
        {
            throw new InvalidInputException("version", "There is no such version.");
        }

        return new Wire.Policy
        {
            Code = record.Code,
            Version = record.Version,
            InForce = inForce,
            DocumentJson = page?.Content ?? string.Empty,
            DocumentVersion = page?.Version ?? 0,
            ReasonCodes = { InForce(record.Code, now).Rules.Triage.PolicyReasons },
            Draft = record.Draft is { } draft
                ? new Wire.PolicyDraft { Id = draft.Id.ToString(), DocumentJson = draft.Content, DraftedBy = draft.By, ReasonCode = draft.ReasonCode, DraftedAt = Timestamp.FromDateTimeOffset(draft.At) }
                : null,
            Versions =
            {
                record.Published.Select(published => new Wire.PolicyVersion
                {
                    Version = published.Page.Version,
                    EffectiveFrom = published.EffectiveFrom.ToString("O", CultureInfo.InvariantCulture),
                    TakesEffectAt = Timestamp.FromDateTimeOffset(published.Page.TakesEffectAt),
                    PublishedBy = published.By,
                    ReasonCode = published.ReasonCode,
                    PublishedAt = Timestamp.FromDateTimeOffset(published.At),
                }),
            },
        };
    }
}

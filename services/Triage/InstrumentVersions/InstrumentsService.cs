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
using OtPlatform.Triage.PolicyVersions;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.InstrumentVersions;

/// <summary>otplatform.triage.v1.Instruments. Whoever reads the queues reads them; they are the same for all areas, and an editor of no area changes them.</summary>
public sealed class InstrumentsService(StreamStore streams, InstrumentRules rules, Catalogue catalogue, AreaPolicies policies, PolicyBook book, KeepInstruments keep, WhatIf whatIf, TimeProvider clock)
    : Wire.Instruments.InstrumentsBase
{
    private const int LargestDocument = 256 * 1024;
    private static readonly Rejection Unknown = new(Problems.NotFound, "There is no instrument of this code.", RejectionKind.NotFound);

    [Authorize]
    public override async Task<Wire.ListInstrumentsResponse> List(Wire.ListInstrumentsRequest request, ServerCallContext context)
    {
        Readers(context);
        await keep.Learn(context.CancellationToken);
        var records = await streams.Query<InstrumentRecord>("where true order by data ->> 'code'", context.CancellationToken);
        var codes = catalogue.Instruments.Select(known => known.Code).Concat(records.Select(record => record.Code)).Distinct().Order(StringComparer.Ordinal);
        return new Wire.ListInstrumentsResponse { Instruments = { codes.Select(code => Message(records.FirstOrDefault(record => record.Code == code) ?? Empty(code), null)) } };
    }

    [Authorize]
    public override async Task<Wire.Instrument> Get(Wire.GetInstrumentRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Readers(context);
        await keep.Learn(context.CancellationToken);
        var record = await Record(Code(request.Code), context.CancellationToken);
        var versions = catalogue.Instruments.Where(known => known.Code == record.Code).ToList();
        if (versions.Count == 0 && record.Version == 0)
        {
            throw new RejectedException(Unknown);
        }

        var wanted = request.Version == 0 ? versions.MaxBy(known => known.Version) : versions.Find(known => known.Version == request.Version);
        return wanted is null && request.Version != 0 ? throw new InvalidInputException("version", "There is no such version.") : Message(record, wanted);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.Instrument> Draft(Wire.DraftInstrumentRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (code, caller, now) = (Editors(request.Code, context), CallerOf(context), clock.GetUtcNow());
        if (!PolicyBook.IsDocument(Small(request.DocumentJson)))
        {
            throw new InvalidInputException("document_json", "A JSON object is required.");
        }

        var command = new DraftInstrument.Command(code, Ids.New(now), request.DocumentJson, request.ReasonCode, Reasons(), caller.Subject, now);
        return await Change(code, state => DraftInstrument.Decide(state, command), request.ExpectedVersion, context);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.PolicyFaults> Validate(Wire.ValidateInstrumentRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (_, faults) = await Faults(Editors(request.Code, context), request.DocumentJson, context.CancellationToken);
        return new Wire.PolicyFaults { Faults = { faults.Select(fault => new Wire.PolicyFault { Path = fault.Path, Message = fault.Message }) } };
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task WhatIf(Wire.WhatIfInstrumentRequest request, IServerStreamWriter<Wire.WhatIfProgress> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var code = Editors(request.Code, context);
        var (content, faults) = await Faults(code, request.DocumentJson, context.CancellationToken);
        if (faults.Count > 0)
        {
            throw new RejectedException(PublishInstrument.Faulty);
        }

        var draft = Instrument.Parse(PublishInstrument.Stamped(content, code, 1));
        await PoliciesService.Tell(whatIf.Run(draft, policies, context.CancellationToken), responseStream, CallerOf(context).Claim(ClaimNames.Area), context.CancellationToken);
    }

    [Authorize(Scopes.PoliciesWrite)]
    public override async Task<Wire.Instrument> Publish(Wire.PublishInstrumentRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var code = Editors(request.Code, context);
        if (!Guid.TryParse(request.DraftId, out var draft))
        {
            throw new InvalidInputException("draft_id", "A UUID is required.");
        }

        await keep.Learn(context.CancellationToken);
        var shipped = catalogue.Instruments.Where(known => known.Code == code).Select(known => known.Version).Append(0).Max();
        var command = new PublishInstrument.Command(draft, shipped, content => rules.Faults(code, content), CallerOf(context).Subject, clock.GetUtcNow());
        return await Change(code, state => PublishInstrument.Decide(state, command), request.ExpectedVersion, context);
    }

    private static Caller CallerOf(ServerCallContext context) => Caller.From(context.GetHttpContext().User);

    private static string Small(string document) => document.Length <= LargestDocument ? document : throw new InvalidInputException("document_json", "The document is too large.");

    private static string Code(string code) => InstrumentRules.IsCode(code) ? code : throw new InvalidInputException("code", "Letters, digits, points, hyphens and underscores, 64 at most.");

    private static InstrumentRecord Empty(string code) => new() { Id = InstrumentHistory.IdOf(code), Code = code, Version = 0, Published = [], Newest = string.Empty };

    private static RpcException NotAllowed() => GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this.");

    private static void Readers(ServerCallContext context)
    {
        var caller = CallerOf(context).Principal;
        if (!Caller.HasScope(caller, Scopes.QueuesRead) && !Caller.HasScope(caller, Scopes.PoliciesWrite))
        {
            throw NotAllowed();
        }
    }

    private static string Editors(string code, ServerCallContext context) => CallerOf(context).Claim(ClaimNames.Area) is null ? Code(code) : throw NotAllowed();

    private async Task<Wire.Instrument> Change(string code, Func<InstrumentHistory, Decision<InstrumentEvent>> decide, long expected, ServerCallContext context)
    {
        var origin = new Origin(CallerOf(context).Subject, code, context.GetHttpContext().TraceIdentifier);
        var outcome = await streams.Decide(InstrumentHistory.Aggregate, InstrumentHistory.IdOf(code), decide, origin, context.CancellationToken, expected > 0 ? expected : null);
        if (outcome.Rejection is { } rejection)
        {
            throw new RejectedException(rejection);
        }

        await keep.Learn(context.CancellationToken);
        var record = outcome.View as InstrumentRecord ?? await Record(code, context.CancellationToken);
        return Message(record, catalogue.Instruments.Where(known => known.Code == code).MaxBy(known => known.Version));
    }

    private async Task<(string Content, IReadOnlyList<PolicyFault> Faults)> Faults(string code, string document, CancellationToken cancellation)
    {
        var content = Small(document).Length > 0 ? document : (await Record(code, cancellation)).Draft?.Content ?? throw new RejectedException(PublishInstrument.NothingDrafted);
        return (content, rules.Faults(code, content));
    }

    private async Task<InstrumentRecord> Record(string code, CancellationToken cancellation) => await streams.Load<InstrumentRecord>(InstrumentHistory.IdOf(code), cancellation) ?? Empty(code);

    private IReadOnlyList<string> Reasons() => policies.Named(book.VersionAt(PolicyBook.Defaults, clock.GetUtcNow())).Rules.Triage.PolicyReasons;

    private Wire.Instrument Message(InstrumentRecord record, Instrument? wanted) => new()
    {
        Code = record.Code,
        Version = record.Version,
        DocumentJson = wanted?.Document() ?? string.Empty,
        DocumentVersion = wanted?.Version ?? 0,
        ReasonCodes = { Reasons() },
        Draft = record.Draft is { } draft
            ? new Wire.InstrumentDraft { Id = draft.Id.ToString(), DocumentJson = draft.Content, DraftedBy = draft.By, ReasonCode = draft.ReasonCode, DraftedAt = Timestamp.FromDateTimeOffset(draft.At) }
            : null,
        Versions =
        {
            catalogue.Instruments.Where(known => known.Code == record.Code).OrderBy(known => known.Version).Select(known => record.Published.FirstOrDefault(one => one.Version == known.Version) is { } published
                ? new Wire.InstrumentVersion { Version = known.Version, Trial = known.Trial, PublishedBy = published.By, ReasonCode = published.ReasonCode, PublishedAt = Timestamp.FromDateTimeOffset(published.At) }
                : new Wire.InstrumentVersion { Version = known.Version, Trial = known.Trial, PublishedBy = PolicyPublished.ByPlatform, ReasonCode = PolicyPublished.ShippedWithProduct }),
        },
    };
}

using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Protos.Coordination.V1;
using WireEntry = OtPlatform.Protos.Coordination.V1.QueueEntry;

namespace OtPlatform.Coordination.Journal;

/// <summary>The routing queues for integrating systems: read page by page, or watched without a gap.</summary>
[Authorize(Policy = Scopes.QueuesRead)]
public sealed partial class QueuesService(RoutingQueues queues, RoutingStatistics statistics, JournalFeed feed, TimeProvider clock) : Queues.QueuesBase
{
    private const int OrdinaryPage = 50;

    public override async Task<ListQueueResponse> List(ListQueueRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var scope = Scope(context, request.Area);
        var status = StatusOf(request.Status);
        if (status is ConsultationStatus.Withdrawn or ConsultationStatus.Closed && scope.Area is null)
        {
            throw new InvalidInputException("area", "Name the area when asking for what is over.");
        }

        if (request.PageToken.Length > 0 && !Key().IsMatch(request.PageToken))
        {
            throw new InvalidInputException("page_token", "Send it as next_page_token gave it.");
        }

        var size = PageSize.Of(request.PageSize is 0 ? null : request.PageSize, OrdinaryPage, RoutingQueues.LargestPage, "page_size");
        var page = await queues.Page(scope, status, request.PageToken is { Length: > 0 } after ? after : null, size, context.CancellationToken);
        return new ListQueueResponse
        {
            Entries = { page.Entries.Select(Wire) },
            NextPageToken = page.Next ?? string.Empty,
            Position = page.Position,
            Counts = { page.Counts.ToDictionary(count => Codes.Of(count.Key), count => count.Value) },
        };
    }

    public override async Task Watch(WatchQueuesRequest request, IServerStreamWriter<QueueChange> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        var scope = Scope(context, request.Area);
        if (request.AfterPosition < 0 || request.AfterPosition > await feed.Last(context.CancellationToken))
        {
            throw new InvalidInputException("after_position", "0 or a position seen before.");
        }

        await foreach (var entry in feed.After(request.AfterPosition, context.CancellationToken))
        {
            if (entry.After is { } after && scope.Sees(after))
            {
                await responseStream.WriteAsync(Wire(entry, after), context.CancellationToken);
            }
        }
    }

    public override async Task<StatisticsResponse> Statistics(StatisticsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var area = Scope(context, request.Area).Area;
        var quarter = request.Quarter.Length == 0 ? Quarter.Of(clock.GetUtcNow()) : Quarter.Named(request.Quarter) ?? throw new InvalidInputException("quarter", "A quarter as 2026-Q4 is expected.");
        var decisions = await statistics.DecisionsIn(quarter, area, context.CancellationToken);
        var repeats = await statistics.RepeatsIn(quarter, area, context.CancellationToken);
        return new StatisticsResponse
        {
            Quarter = quarter.Name,
            From = quarter.From.ToTimestamp(),
            Until = quarter.Until.ToTimestamp(),
            SmallestGroup = RoutingStatistics.SmallestGroup,
            Decisions =
            {
                decisions.Select(known => new Protos.Coordination.V1.DecisionCount
                {
                    Area = known.Area,
                    DecidingRow = known.DecidingRow ?? string.Empty,
                    RecommendedRoute = known.Recommended ?? string.Empty,
                    Route = known.Route,
                    OverrideReason = known.Reason ?? string.Empty,
                    ByPolicy = known.ByPolicy,
                    Count = known.Count,
                    PolicyVersion = known.PolicyVersion,
                }),
            },
            Repeats =
            {
                repeats.Select(known => new Protos.Coordination.V1.RepeatCount
                {
                    Kind = known.Kind, Area = known.Area, County = known.County, Topic = known.Topic ?? string.Empty, Service = known.Service ?? string.Empty, Matters = known.Matters,
                }),
            },
        };
    }

    /// <summary>What one may not see and what does not exist answer alike.</summary>
    private static QueueScope Scope(ServerCallContext context, string area)
    {
        var caller = Caller.From(context.GetHttpContext().User);
        var scope = QueueScope.Of(caller) ?? throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token names no area.");
        return area.Length == 0 ? scope : scope.To(area) ?? throw GrpcProblems.Of(StatusCode.NotFound, Problems.NotFound, "Nothing is known of this area.");
    }

    private static ConsultationStatus? StatusOf(string code) => code.Length == 0
        ? null
        : System.Enum.GetValues<ConsultationStatus>().Where(status => Codes.Of(status) == code).Select(status => (ConsultationStatus?)status).SingleOrDefault()
            ?? throw new InvalidInputException("status", "Not a status of a consultation.");

    private static QueueChange Wire(JournalEntry entry, QueueEntry after) => new()
    {
        Position = entry.Position,
        What = entry.What,
        Entry = Wire(after),
        At = entry.At.ToTimestamp(),
        Traceparent = entry.Traceparent ?? string.Empty,
    };

    private static WireEntry Wire(QueueEntry entry) => new()
    {
        ConsultationId = entry.Id.ToString(),
        Number = entry.Number,
        Area = entry.Area,
        County = entry.County,
        Status = Codes.Of(entry.Status),
        Responsible = entry.Responsible is { } responsible ? Codes.Of(responsible) : string.Empty,
        SubmittedAt = entry.SubmittedAt.ToTimestamp(),
        DueBy = entry.DueBy?.ToTimestamp(),
        Urgency = Codes.Of(entry.Urgency),
        ImmediateDanger = entry.ImmediateDanger,
        Topics = { entry.Topics },
        Grounds = { entry.Grounds.Select(Codes.Of) },
        RecommendedRoute = entry.RecommendedRoute is { } recommended ? Codes.Of(recommended) : string.Empty,
        Route = entry.Route is { } route ? Codes.Of(route) : string.Empty,
        Bounces = entry.Bounces,
        MessageTo = entry.MessageTo ?? string.Empty,
        AnswerMessageBy = entry.AnswerMessageBy is { } answerBy ? Timestamp.FromDateTimeOffset(answerBy) : null,
    };

    [GeneratedRegex("^[01][0-2][0-9]{14}[0-9a-f]{32}$")]
    private static partial Regex Key();
}

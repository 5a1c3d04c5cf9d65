using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Coverage;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>Coverage and gaps over gRPC; the rules are those of REST.</summary>
public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.CoverageResponse> Coverage(Wire.CoverageRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        RefuseExperts(context);
        var answer = await TopicCoverage.Of(request.Topic, request.Area, streams, catalogue, Today, context.CancellationToken);
        return new Wire.CoverageResponse
        {
            Topics =
            {
                answer.Topics.Select(covered => new Wire.CoveredTopic
                {
                    Topic = covered.Topic,
                    Counties = { covered.Counties.Select(cell => new Wire.CoveredCounty { County = cell.County, Experts = cell.Experts, WeeklyHours = (double)cell.WeeklyHours }) },
                    EmptyCounties = { covered.EmptyCounties },
                    External = covered.External,
                    KnowledgeHolders = covered.KnowledgeHolders,
                }),
            },
        };
    }

    [Authorize(Scopes.ExpertsRead)]
    public override async Task<Wire.GapsResponse> Gaps(Wire.GapsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        RefuseExperts(context);
        var answer = await UncoveredNeeds.Of(request.Area, request.Since, streams, catalogue, Today, context.CancellationToken);
        return new Wire.GapsResponse { Gaps = { answer.Items.Select(Of) } };
    }

    private static Wire.Gap Of(GapRow row)
    {
        var gap = new Wire.Gap { Area = row.Area, Kind = row.Kind, Code = row.Code, Requests = row.Requests, LastFoundAt = row.LastFoundAt.ToTimestamp() };
        if (row.ExpertsNow is { } now)
        {
            gap.ExpertsNow = now;
        }

        return gap;
    }

    private static void RefuseExperts(ServerCallContext context)
    {
        if (CallerOf(context).Claim(ClaimNames.Expert) is not null)
        {
            throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "An expert reads only their own entry.");
        }
    }
}

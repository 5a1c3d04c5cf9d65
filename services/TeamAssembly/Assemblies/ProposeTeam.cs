using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>A dry run: the team that would be composed now, with its explanation. Nobody's hours are asked for.</summary>
public sealed partial class TeamsService
{
    private const int MostNeeds = 50;
    private const int LongestPeriodInWeeks = 104;

    public override async Task<TeamExplanation> Propose(ProposeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!SeesAll(CallerOf(context)) && !Caller.HasScope(CallerOf(context).Principal, Scopes.QueuesAct))
        {
            throw GrpcProblems.Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Only coordinators and integrating systems may do this.");
        }

        if (request.Needs.Count is 0 or > MostNeeds)
        {
            throw new InvalidInputException("needs", $"1 to {MostNeeds} needs.");
        }

        if (request.Needs.Any(need => need.Weeks is < 1 or > LongestPeriodInWeeks || need.WeeklyHours is not (> 0 and <= 168) || need.Kind is not ("topic" or "sector")))
        {
            throw new InvalidInputException("needs", $"Each is a topic or a sector with 1 to {LongestPeriodInWeeks} weeks and 0 to 168 weekly hours.");
        }

        if (request.Needs.Select(need => (need.Kind, need.Code)).Distinct().Count() != request.Needs.Count)
        {
            throw new InvalidInputException("needs", "Each need once.");
        }

        var area = catalogue.AreaOf(request.County)?.Code ?? throw new InvalidInputException("county", "Not a county.");
        var policy = policies.Of(area);
        var now = clock.GetUtcNow();
        var matter = new MatterFacts(ConsultationKind.ClientWork, request.County, request.Language, Urgency.Routine, Guid.Empty, "other", null, null, "statutory", null);
        var wanted = Assembly.Initial with
        {
            Area = area,
            Route = Route.HybridTeam,
            Matter = matter,
            Needs = [.. request.Needs.Select(need => new TeamNeed(need.Kind, need.Code, (decimal)need.WeeklyHours, need.Weeks, need.Once, request.Channel.Length > 0 ? request.Channel : null, request.Language))],
        };
        var experts = await streams.InOneTransaction(new Origin(CallerOf(context).Subject), work => pool.Load(work, null, context.CancellationToken), context.CancellationToken);
        return Messages.Explanation(Guid.Empty, 0, Composing.Compose(wanted, experts, policy, policy.NextMonday(now)), now, policy.Version);
    }
}

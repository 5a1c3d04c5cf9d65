using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Consultations;

/// <summary>What a coordinator brings to the judgement of a case that is still to be decided: results of outside tools, invited experts, the word on a network coordinator.</summary>
public static class AssessmentActions
{
    public static void MapAssessment(this IEndpointRouteBuilder endpoints)
    {
        Actions.Map(endpoints, "profile", (owners, http, id, typed) => owners.RecordProfile(http, Profile(id, typed)));
        Actions.Map(endpoints, "network-coordinator", (owners, http, id, typed) => owners.SetNetworkCoordinator(http, Need(id, typed)));
        Actions.Map(endpoints, "assessor", (owners, http, id, typed) => owners.InviteAssessor(http, new InviteAssessorRequest { Id = id.ToString(), ExpertId = typed.Value("expertId") ?? string.Empty, ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") }));
        endpoints.MapFillInScreening();
    }

    private static RecordProfileRequest Profile(Guid id, Typed typed)
    {
        var request = new RecordProfileRequest
        {
            Id = id.ToString(),
            Tool = typed.Value("tool") ?? string.Empty,
            Source = typed.Value("source") ?? string.Empty,
            MadeOn = typed.Value("madeOn") ?? string.Empty,
            Result = typed.Value("result") ?? string.Empty,
            ExpectedVersion = typed.Number("version"),
        };
        if (typed.Value("networkCoordinator") is { } said)
        {
            request.NetworkCoordinator = said == "yes";
        }

        return request;
    }

    private static SetNetworkCoordinatorRequest Need(Guid id, Typed typed)
    {
        var request = new SetNetworkCoordinatorRequest { Id = id.ToString(), ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") };
        if (typed.Value("needed") is { } said)
        {
            request.Needed = said == "yes";
        }

        return request;
    }
}

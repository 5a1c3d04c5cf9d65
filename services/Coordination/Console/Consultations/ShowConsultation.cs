using OtPlatform.Contracts;
using OtPlatform.Coordination.Console.Experts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Consultations;

/// <summary>Codes of the area's policy that a form offers.</summary>
public sealed record FormCodes(FormCodes.TriageCodes Triage, FormCodes.TeamCodes Team)
{
    public sealed record TriageCodes(IReadOnlyList<string>? ReturnReasons);

    public sealed record TeamCodes(IReadOnlyList<string> DeclineReasons, IReadOnlyList<string> Outcomes);
}

/// <summary>One consultation as the page shows it: the journal's own view, and what the owners say now.</summary>
public sealed record ConsultationView(
    QueueEntry Entry,
    ConsultationTimeline Timeline,
    long Position,
    Answer<TriageCase> Case,
    Answer<CaseExplanation> Why,
    Answer<Team> Team,
    Answer<TeamExplanation> TeamWhy,
    FormCodes Codes,
    IReadOnlyList<string> OtherAreas)
{
    /// <summary>Who can be asked about it, where somebody may be asked from this page.</summary>
    public IReadOnlyList<Protos.ExpertPool.V1.Expert> Experts { get; init; } = [];

    /// <summary>The route that names somebody.</summary>
    public const string ToHolder = "knowledgeHolder";

    public string Address => $"{ShowConsultation.Path}/{Entry.Id}";

    /// <summary>Routes that may be chosen instead of the recommended one.</summary>
    public IReadOnlyList<string> OtherRoutes => [.. AllowedRoutes.Where(route => route != Case.Value!.RecommendedRoute && route != ToHolder)];

    public bool MayConfirm => Case.Value is { RecommendedRoute: not ToHolder } value && AllowedRoutes.Contains(value.RecommendedRoute);

    /// <summary>The requester may be pointed to a holder of knowledge, who has to be named.</summary>
    public bool MayPoint => AllowedRoutes.Contains(ToHolder);

    public bool MayRefer => Case.Value is { Status: "routeDecided", Route: "specialLevel", ReferralStatus: not ("proposed" or "accepted") };

    public bool MayGuide => Team.Value is { Status: "guidance" };

    public bool MayInvite => Team.Value is { Status: "withCoordinator" or "gap", UnmetNeeds.Count: > 0 };

    public bool MayDisband => Team.Value is { Status: "working" };

    /// <summary>Why two requests are about one matter, and why they turn out not to be; Triage's own codes.</summary>
    public static readonly IReadOnlyList<string> LinkReasons = ["sameMatter", "sameFamily", "other"];

    public static readonly IReadOnlyList<string> UnlinkReasons = ["otherMatter", "byMistake", "other"];

    /// <summary>Why a case is offered to another area, and why the coordinating team keeps it; Triage's own codes.</summary>
    public static readonly IReadOnlyList<string> TransferReasons = ["otherArea", "clientMoves", "knowledgeThere", "other"];

    public static readonly IReadOnlyList<string> KeepReasons = ["belongsHere", "agreedOtherwise", "other"];

    /// <summary>Why a case is taken over from a colleague; Triage's own codes.</summary>
    public static readonly IReadOnlyList<string> TakeOverReasons = ["emergency", "absent", "agreed", "other"];

    public bool MayClaim => Case.Value is { ClaimedBy: "" } && AllowedRoutes.Count > 0;

    public bool IsOwn(Visitor? visitor) => Case.Value is { ClaimedBy: { Length: > 0 } holder } && holder == visitor?.Caller.Subject;

    public bool MayTakeOver(Visitor? visitor) => Case.Value is { ClaimedBy.Length: > 0 } && AllowedRoutes.Count > 0 && !IsOwn(visitor);

    /// <summary>What the requester may be asked for now; Triage's own codes.</summary>
    public IReadOnlyList<string> Askable => [.. Case.Value?.Askable ?? []];

    /// <summary>The requester can be written to until the request is over.</summary>
    public bool MayWrite(Visitor? visitor) => Entry.Area == visitor?.Area && Entry.Status is not (ConsultationStatus.Withdrawn or ConsultationStatus.Closed);

    public bool MayTransfer(Visitor? visitor) => visitor is { Decides: true } && Entry.Area == visitor.Area
        && Case.Value is { Status: "awaitingConfirmation", Joined.Count: 0, TransferStatus: not ("awaitsTeam" or "proposed") } && AllowedRoutes.Count > 0;

    public bool MayDecideTransfer(Visitor? visitor) => visitor is { DecidesTransfers: true } && Entry.Area == visitor.Area && Case.Value is { TransferStatus: "awaitsTeam" };

    public bool MayAnswerTransfer(Visitor? visitor) => visitor is { Decides: true } && Entry.OfferedTo is { } asked && asked == visitor.Area && Case.Value is { TransferStatus: "proposed" };

    /// <summary>Why an expert is invited to the assessment, and why a network coordinator is needed or not; Triage's own codes.</summary>
    public static readonly IReadOnlyList<string> AssessorReasons = ["specialKnowledge", "specialLevelNeeded", "riskAssessment", "clientsWish", "other"];

    public static readonly IReadOnlyList<string> NetworkCoordinatorReasons = ["manyServices", "profile", "clientsWish", "coordinatedAlready", "other"];

    /// <summary>While the route is open, others add to the judgement.</summary>
    public bool MayAddTo(Visitor? visitor) => visitor is { Decides: true } && Entry.Area == visitor.Area && Case.Value is { LinkedTo: "" } && AllowedRoutes.Count > 0;

    public bool MayLink => Case.Value is { LinkedTo: "", Joined.Count: 0 } && AllowedRoutes.Count > 0;

    public bool MayUnlink => Case.Value is { LinkedTo.Length: > 0 };

    public bool MayAct => MayConfirm || MayPoint || OtherRoutes.Count > 0 || MayRefer || MayGuide || MayInvite || MayDisband || MayLink || MayUnlink;

    private IReadOnlyList<string> AllowedRoutes => [.. Case.Value?.AllowedRoutes ?? []];
}

/// <summary>One consultation across the services, with every action that is allowed now.</summary>
public static class ShowConsultation
{
    public const string Path = "/consultations";

    public static void MapConsultations(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet($"{Path}/{{id:guid}}", async (HttpContext http, Guid id) =>
            await Load(http, id) is { } view ? Page(http, view, null, StatusCodes.Status200OK) : PageForm.NotFound(http));
        endpoints.MapReadWords();
        endpoints.MapActions();
    }

    /// <summary>Null when the consultation is unknown or another area's.</summary>
    public static async Task<ConsultationView?> Load(HttpContext http, Guid id)
    {
        ArgumentNullException.ThrowIfNull(http);
        var services = http.RequestServices;
        var cancellation = http.RequestAborted;
        if (Visit.Of(http).Visitor is not { ReadsQueues: true, Area: { } area } visitor)
        {
            return null;
        }

        // The position first: whatever comes after it makes the page ask again.
        var position = await services.GetRequiredService<JournalFeed>().Last(cancellation);
        if (await services.GetRequiredService<RoutingQueues>().Find(new QueueScope(area), id, cancellation) is not { } entry
            || await services.GetRequiredService<StreamStore>().Load<ConsultationTimeline>(id, cancellation) is not { } timeline)
        {
            return null;
        }

        var owners = services.GetRequiredService<Owners>();
        var (found, why) = (owners.Case(http, id), owners.CaseExplanation(http, id, Visit.Of(http).Words.Language));
        var team = visitor.MayActInTeams ? owners.Team(http, id) : Task.FromResult(NotTheirs<Team>());
        var teamWhy = visitor.MayActInTeams ? owners.TeamExplanation(http, id) : Task.FromResult(NotTheirs<TeamExplanation>());
        await Task.WhenAll(found, why, team, teamWhy);
        var view = new ConsultationView(
            entry, timeline, position, await found, await why, await team, await teamWhy, services.GetRequiredService<Catalogue>().Policy<FormCodes>(entry.Area),
            [.. services.GetRequiredService<Catalogue>().Areas.Select(known => known.Code).Where(code => code != entry.Area)]);
        return view.MayAddTo(visitor) || view.MayInvite ? view with { Experts = await services.GetRequiredService<PoolOwner>().Suitable(http, entry) } : view;
    }

    public static IResult Page(HttpContext http, ConsultationView view, Refused? refused, int status) =>
        PageForm.Page<ConsultationPage>(new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["View"] = view, ["Refused"] = refused }, status);

    private static Answer<T> NotTheirs<T>()
        where T : class => new(null, new Refusal(RefusalKind.NotAllowed));
}

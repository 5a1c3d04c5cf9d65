using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Security;
using OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>An invitation as its expert and the coordinators see it.</summary>
/// <param name="TeamId">Id of the team, which is the consultation's.</param>
/// <param name="Role">Code of the list teamRoles.</param>
/// <param name="Needs">What the expert is asked for, as kind:code.</param>
/// <param name="From">First day.</param>
/// <param name="Until">Last day.</param>
/// <param name="Status">reserving, held, open, accepted, confirmed, declined, expired, refused or withdrawn.</param>
/// <param name="DeclineReason">Code; null unless it was declined or refused.</param>
/// <param name="RespondBy">When somebody else is asked.</param>
public sealed record InvitationAnswer(
    Guid Id, Guid TeamId, string Area, Guid ExpertId, string Role, IReadOnlyList<string> Needs, decimal WeeklyHours, DateOnly From, DateOnly Until, string? Channel,
    InvitationStatus Status, string? DeclineReason, DateTimeOffset? InvitedAt, DateTimeOffset? RespondBy);

/// <summary>A team, a single consultation or guidance on its way. An expert sees the members and their own invitations.</summary>
/// <param name="Id">Id of the consultation.</param>
/// <param name="Route">Code of the decided route.</param>
/// <param name="Status">reserving, inviting, withCoordinator, gap, guidance, arranged, working, answered, disbanded or cancelled.</param>
/// <param name="UnmetNeeds">What nobody has been found for, as kind:code.</param>
/// <param name="HandedBecause">Why a coordinator has it; null when none has.</param>
/// <param name="Version">Also the ETag.</param>
/// <param name="KnowledgeHolderId">Of a gap: who has more exact knowledge of the matter's topics; null where nobody is known.</param>
public sealed record TeamAnswer(
    Guid Id, string Area, Route Route, AssemblyStatus Status, int Round, IReadOnlyList<TeamMember> Members, IReadOnlyList<InvitationAnswer> Invitations,
    IReadOnlyList<string> UnmetNeeds, bool NetworkCoordinator, DateTimeOffset? DueBy, string? HandedBecause, long Version, Guid? KnowledgeHolderId = null);

/// <summary>The caller's invitations.</summary>
/// <param name="Items">The newest teams' first.</param>
public sealed record InvitationList(IReadOnlyList<InvitationAnswer> Items);

/// <summary>Why these members, and why not others: as recorded when the team was composed.</summary>
/// <param name="Id">Id of the consultation; null for a dry run.</param>
/// <param name="Team">The team, what it costs at each level, and the nearest who are not in it.</param>
/// <param name="PolicyVersion">The version of the policy that it was composed by.</param>
public sealed record ExplanationAnswer(Guid? Id, int Round, DateTimeOffset ComposedAt, string PolicyVersion, ComposedTeam Team);

/// <summary>Why an invitation is declined.</summary>
/// <param name="ReasonCode">A code of the area's policy, for example noTime or conflictOfInterest.</param>
public sealed record DeclineBody(string? ReasonCode);

/// <summary>Whom a coordinator asks by hand.</summary>
/// <param name="Needs">Out of the team's unmet needs, as kind:code.</param>
public sealed record InviteBody(Guid? ExpertId, IReadOnlyList<string?>? Needs);

/// <summary>An answer or guidance.</summary>
/// <param name="Text">Goes to the vault; at most 20,000 characters.</param>
/// <param name="Knowledge">Codes of knowledge items; 50 at most.</param>
public sealed record AnswerBody(string? Text, IReadOnlyList<string?>? Knowledge);

/// <summary>How a team ended.</summary>
/// <param name="OutcomeCode">A code of the area's policy, for example goalsReached.</param>
public sealed record DisbandBody(string? OutcomeCode);

/// <summary><see cref="TeamsDesk"/> over REST, for experts, organisations and coordinators. If-Match is heeded when it is sent.</summary>
public static class TeamEndpoints
{
    private const int MostNeeds = 50;

    public static void MapTeams(this IEndpointRouteBuilder endpoints)
    {
        var invitations = endpoints.MapGroup("/v1/invitations").WithTags("Invitations").RequireAuthorization(Scopes.TeamsAct);
        invitations.MapGet("/", async (string? status, HttpContext http, TeamsDesk desk, CancellationToken cancellation) =>
        {
            InvitationStatus? wanted = status is not { Length: > 0 } ? null
                : Enum.GetValues<InvitationStatus>().Cast<InvitationStatus?>().FirstOrDefault(known => Code(known!.Value) == status) ?? throw new InvalidInputException("status", "Not a status of an invitation.");
            var found = await desk.Invitations(By(http, cancellation));
            return Json(new InvitationList([.. found.Where(one => wanted is null || one.Invitation.Status == wanted).Select(one => Shown(one.Of, one.Invitation))]));
        })
            .WithName("ListInvitations")
            .WithSummary("The caller's invitations: an expert's own, a coordinator's area's, all of them for an integrating system.")
            .Produces<InvitationList>();

        Takes<NoBody>(invitations, "/{id:guid}/acceptance", (desk, id, _, asking) => desk.Accept(id, asking), "AcceptInvitation", "Join. The same again changes nothing.", bodyless: true);
        Takes<DeclineBody>(invitations, "/{id:guid}/decline", (desk, id, body, asking) => desk.Decline(id, body.ReasonCode, "$.reasonCode", asking), "DeclineInvitation", "Say no, with a reason; somebody else is asked at once.");

        var teams = endpoints.MapGroup("/v1/teams").WithTags("Teams").RequireAuthorization(Scopes.TeamsAct);
        teams.MapGet("/{id:guid}", async (Guid id, HttpContext http, TeamsDesk desk, CancellationToken cancellation) =>
        {
            var asking = By(http, cancellation);
            return Answer(http, await desk.Visible(id, asking), asking.Caller);
        })
            .WithName("ReadTeam")
            .WithSummary("One team by the id of its consultation. What the caller may not see is not found.")
            .Produces<TeamAnswer>();

        teams.MapGet("/{id:guid}/explanation", async (Guid id, HttpContext http, TeamsDesk desk, CancellationToken cancellation) =>
        {
            var asking = By(http, cancellation);
            var view = await desk.Visible(id, asking);
            return Json(Explained(view.Id, TeamsDesk.Newest(view, asking.Caller), view.PolicyVersion));
        })
            .WithName("ExplainTeam")
            .WithSummary("Why these members, and why not others; an expert is told only of the members.")
            .Produces<ExplanationAnswer>();

        teams.MapPost("/proposal", async (HttpContext http, TeamsDesk desk, CancellationToken cancellation) =>
        {
            var asking = By(http, cancellation);
            var body = StrictJson.Parse<Wanted>(await StrictJson.ReadBody(http.Request, cancellation));
            var (composed, version) = await desk.Propose(body, new WantedFields("$.needs", "$.county"), asking);
            return Json(Explained(null, composed, version));
        })
            .WithName("ProposeTeam")
            .WithSummary("The team that would be composed now; nobody is asked for hours or invited.")
            .Accepts<Wanted>("application/json")
            .Produces<ExplanationAnswer>();

        Takes<InviteBody>(
            teams,
            "/{id:guid}/invitations",
            (desk, id, body, asking) => body.Needs is { Count: > MostNeeds }
                ? throw new InvalidInputException("$.needs", $"At most {MostNeeds}.")
                : desk.Invite(id, body.ExpertId ?? throw new InvalidInputException("$.expertId", "Required."), [.. (body.Needs ?? []).OfType<string>()], asking),
            "InviteExpert",
            "Ask somebody by hand for needs that nobody was found for; the rest is composed around them.");
        Takes<AnswerBody>(
            teams,
            "/{id:guid}/answer",
            (desk, id, body, asking) => desk.Answer(id, new GivenAnswer(body.Text, [.. (body.Knowledge ?? []).OfType<string>()]), new AnswerFields("$.text", "$.knowledge"), asking),
            "AnswerConsultation",
            "The answer of a single consultation's expert, or a coordinator's guidance.");
        Takes<DisbandBody>(teams, "/{id:guid}/disbandment", (desk, id, body, asking) => desk.Disband(id, body.OutcomeCode, "$.outcomeCode", asking), "DisbandTeam", "End a working team, with its outcome.");
    }

    private static void Takes<TBody>(
        RouteGroupBuilder group, string pattern, Func<TeamsDesk, Guid, TBody, Asking, Task<AssemblyView>> act, string name, string summary, bool bodyless = false)
        where TBody : class
    {
        var endpoint = group.MapPost(pattern, async (Guid id, HttpContext http, TeamsDesk desk, CancellationToken cancellation) =>
        {
            var asking = By(http, cancellation, http.Request.Headers.IfMatch.Count > 0 ? Versions.Expected(http.Request) : null);
            var body = !bodyless ? StrictJson.Parse<TBody>(await StrictJson.ReadBody(http.Request, cancellation))
                : await StrictJson.ReadOptionalBody(http.Request, cancellation) is { } sent ? StrictJson.Parse<TBody>(sent)
                : null;
            return Answer(http, await act(desk, id, body!, asking), asking.Caller);
        })
            .WithName(name)
            .WithSummary(summary)
            .Produces<TeamAnswer>();
        if (!bodyless)
        {
            endpoint.Accepts<TBody>("application/json");
        }
    }

    private static Asking By(HttpContext http, CancellationToken cancellation, long? expected = null) => new(Caller.From(http.User), http.TraceIdentifier, expected, cancellation);

    private static IResult Answer(HttpContext http, AssemblyView view, Caller caller)
    {
        http.Response.Headers.ETag = Versions.Tag(view.Version);
        return Json(new TeamAnswer(
            view.Id,
            view.Area,
            view.Route,
            view.Status,
            view.Round,
            view.Members,
            [.. view.Invitations.Where(invitation => TeamsDesk.MaySee(invitation, caller)).Select(invitation => Shown(view, invitation))],
            view.UnmetNeeds,
            view.NetworkCoordinator,
            view.DueBy,
            view.HandedBecause,
            view.Version,
            view.KnowledgeHolderId));
    }

    private static InvitationAnswer Shown(AssemblyView view, InvitationView invitation) => new(
        invitation.Id, view.Id, view.Area, invitation.ExpertId, invitation.Role, invitation.Needs, invitation.WeeklyHours, invitation.From, invitation.Until, invitation.Channel,
        invitation.Status, invitation.ReasonCode, invitation.InvitedAt, invitation.RespondBy);

    private static ExplanationAnswer Explained(Guid? id, RecordedComposition composed, string policyVersion) => new(id, composed.Round, composed.ComposedAt, policyVersion, composed.Team);

    private static string Code(InvitationStatus status) => char.ToLowerInvariant(status.ToString()[0]) + status.ToString()[1..];

    private static IResult Json<T>(T answer) => Results.Json(answer, StrictJson.Options);

    /// <summary>Nothing is said beside the address.</summary>
    private sealed record NoBody;
}

using System.Diagnostics;
using OtPlatform.TeamAssembly.Composition;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>An invitation as its expert and the coordinators see it.</summary>
public sealed record InvitationView(
    Guid Id, Guid ExpertId, string Role, IReadOnlyList<string> Needs, decimal WeeklyHours, DateOnly From, DateOnly Until, string? Channel,
    InvitationStatus Status, string? ReasonCode, DateTimeOffset? InvitedAt, DateTimeOffset? RespondBy);

/// <summary>One composition as it was recorded.</summary>
public sealed record RecordedComposition(int Round, ComposedTeam Team, DateTimeOffset ComposedAt);

/// <summary>An assembly for those who read it: state, invitations, and every composition with its explanation.</summary>
public sealed record AssemblyView
{
    public required Guid Id { get; init; }

    public required string Area { get; init; }

    public required Route Route { get; init; }

    public required AssemblyStatus Status { get; init; }

    public required int Round { get; init; }

    public Guid? RequestingUnitId { get; init; }

    public required IReadOnlyList<TeamMember> Members { get; init; }

    public required IReadOnlyList<InvitationView> Invitations { get; init; }

    public required IReadOnlyList<RecordedComposition> Compositions { get; init; }

    public required IReadOnlyList<string> UnmetNeeds { get; init; }

    /// <summary>Who has more exact knowledge of what nobody was found for; null where nobody is known, or somebody was found.</summary>
    public Guid? KnowledgeHolderId { get; init; }

    /// <summary>All that the route needs, as kind:code.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public bool NetworkCoordinator { get; init; }

    /// <summary>Why a coordinator has it; null when none has.</summary>
    public string? HandedBecause { get; init; }

    public required string PolicyVersion { get; init; }

    public DateTimeOffset? DueBy { get; init; }

    public required long Version { get; init; }

    public static AssemblyView Fold(IReadOnlyList<AssemblyEvent> happened, long version)
    {
        var state = happened.Aggregate(Assembly.Initial, Assembly.Evolve);
        var started = happened.OfType<AssemblyStarted>().LastOrDefault();
        var compositions = happened.OfType<TeamComposed>().Select(composed => new RecordedComposition(composed.Round, composed.Team, composed.ComposedAt)).ToList();
        return new AssemblyView
        {
            Id = happened.Select(IdOf).First(),
            Area = state.Area,
            Route = state.Route,
            Status = state.Status,
            Round = state.Round,
            RequestingUnitId = state.Matter?.RequestingUnitId,
            Members = state.Members,
            Invitations = [.. InvitationsOf(happened)],
            Compositions = compositions,
            UnmetNeeds = state.Status is AssemblyStatus.Gap ? compositions.Count > 0 ? compositions[^1].Team.Unmet : [] : state.Status is AssemblyStatus.WithCoordinator ? state.Uncovered : [],
            KnowledgeHolderId = state.Status is AssemblyStatus.Gap ? state.Gap?.KnowledgeHolderId : null,
            Needs = [.. state.Needs.Select(need => need.Key)],
            NetworkCoordinator = state.NetworkCoordinator,
            HandedBecause = state.Status is AssemblyStatus.WithCoordinator ? happened.OfType<AssemblyHandedToCoordinator>().Last().ReasonCode : null,
            PolicyVersion = started?.PolicyVersion ?? string.Empty,
            DueBy = state.IsOver ? null : happened.Select(DueOf).OfType<DateTimeOffset>().LastOrDefault(),
            Version = version,
        };
    }

    private static IEnumerable<InvitationView> InvitationsOf(IReadOnlyList<AssemblyEvent> happened)
    {
        var states = happened.Aggregate(
            (State: Assembly.Initial, All: new Dictionary<Guid, Invitation>()),
            (folded, step) =>
            {
                var state = Assembly.Evolve(folded.State, step);
                foreach (var invitation in state.Invitations)
                {
                    folded.All[invitation.Id] = invitation;
                }

                return (state, folded.All);
            }).All;
        foreach (var asked in happened.OfType<CapacityRequested>())
        {
            var invited = happened.OfType<ExpertInvited>().FirstOrDefault(step => step.InvitationId == asked.InvitationId);
            var reason = happened.OfType<InvitationDeclined>().FirstOrDefault(step => step.InvitationId == asked.InvitationId)?.ReasonCode
                ?? happened.OfType<CapacityWithheld>().FirstOrDefault(step => step.InvitationId == asked.InvitationId)?.ReasonCode;
            yield return new InvitationView(
                asked.InvitationId, asked.ExpertId, invited?.Role ?? "expert", asked.Needs, asked.WeeklyHours, asked.From, asked.Until, asked.Channel,
                states[asked.InvitationId].Status, reason, invited?.InvitedAt, invited?.RespondBy);
        }
    }

    private static DateTimeOffset? DueOf(AssemblyEvent happened) => happened switch
    {
        AssemblyStarted e => e.DueBy,
        TeamComposed e => e.DueBy,
        ExpertInvited e => e.RespondBy,
        ConsultationArranged e => e.DueBy,
        TeamActivated e => e.DueBy,
        ServiceGapFound e => e.DueBy,
        AssemblyHandedToCoordinator e => e.DueBy,
        _ => null,
    };

    private static Guid IdOf(AssemblyEvent happened) => happened switch
    {
        AssemblyStarted e => e.AssemblyId,
        AssemblyCancelled e => e.AssemblyId,
        AssemblyReopened e => e.AssemblyId,
        AssemblyErased e => e.AssemblyId,
        _ => throw new UnreachableException("An assembly begins with its start, its cancellation, a reopening or an erasure."),
    };
}

using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>A coordinator asks somebody by hand where nobody was found; the rest is composed around them.</summary>
public static class InviteExpert
{
    public static readonly Rejection NotByHand = new("team-assembly.not-by-hand", "Nobody has to be asked by hand now.");
    public static readonly Rejection LinkedMatter = new("team-assembly.matter-linked", "Another consultation's team is for this matter: there is one plan for it.");
    public static readonly Rejection ExpertUnknown = new("team-assembly.expert-unknown", "The expert is not in the pool.", RejectionKind.NotFound);
    public static readonly Rejection NeedUnknown = new("team-assembly.need-unknown", "The matter has no such need, or somebody covers it.");

    public sealed record Command(Guid ExpertId, IReadOnlyList<string> Needs, string ChosenBy, Surroundings Around);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command)
    {
        if (state.Status is AssemblyStatus.NotStarted)
        {
            return Assembly.NotStarted;
        }

        if (state.Linked)
        {
            return LinkedMatter;
        }

        if (state.Live.Any(invitation => invitation.ExpertId == command.ExpertId && command.Needs.All(invitation.Needs.Contains)))
        {
            return Decision<AssemblyEvent>.Nothing;
        }

        if (state.Status is not (AssemblyStatus.WithCoordinator or AssemblyStatus.Gap) || state.Matter is null)
        {
            return NotByHand;
        }

        if (command.Around.Pool.Find(command.ExpertId) is null)
        {
            return ExpertUnknown;
        }

        if (command.Needs.Count == 0 || command.Needs.Except(state.Uncovered).Any())
        {
            return NeedUnknown;
        }

        var (policy, now) = (command.Around.Policy, command.Around.Now);
        if (state.Live.Select(invitation => invitation.ExpertId).Append(command.ExpertId).Distinct().Count() > Composing.MostMembers(state, policy))
        {
            return ActivationGuards.TooManyMembers;
        }

        var chosen = new ExpertChosenByHand(state.Id, command.ExpertId, command.Needs, command.ChosenBy, now);
        var asked = Assembly.Evolve(state, chosen);
        var round = asked.Round + 1;
        var firstWeek = WhatFollows.FirstWeek(asked, policy, now);
        var needs = command.Needs.Select(key => asked.Needs.First(need => need.Key == key)).ToList();
        var invitation = new ProposedInvitation(
            Ids.Derived(state.Id, command.ExpertId, round), command.ExpertId, command.Needs, [.. needs.Where(need => need.Once).Select(_ => firstWeek)], needs.Sum(need => need.WeeklyHours));
        return WhatFollows.After(state, command.Around, chosen, WhatFollows.Request(asked, invitation, round, firstWeek, policy, now));
    }
}

public sealed partial class TeamsDesk
{
    /// <param name="needs">As kind:code, out of the team's unmet needs.</param>
    public Task<AssemblyView> Invite(Guid id, Guid expert, IReadOnlyList<string> needs, Asking asking) => OfCoordinator(id, asking, async (work, view) =>
    {
        var around = await Around.Of(work, view.Id, pool, policies, clock, asking.Cancellation);
        return state => InviteExpert.Decide(state, new InviteExpert.Command(expert, [.. needs.Distinct()], asking.Caller.Subject, around!));
    });
}

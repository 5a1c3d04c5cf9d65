using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>One thing that somebody has to be able to do for the matter.</summary>
/// <param name="Kind">topic or sector.</param>
public sealed record Need(string Kind, string Code, decimal WeeklyHours, int Weeks, bool Once, string? Channel, string Language);

/// <summary>What a route needs: who, from which sectors, and whether a network coordinator.</summary>
public sealed record RouteNeeds(IReadOnlyList<Need> Needs, IReadOnlyList<string> Sectors, bool NetworkCoordinator)
{
    /// <summary>One need per topic and one per required sector that no topic is certain to cover; none for routes that staff nobody.</summary>
    /// <param name="coordinatorConfirmed">Whether a coordinator wants a network coordinator where the rule leaves it open.</param>
    public static RouteNeeds Of(Route route, Assessment assessment, CaseRequest request, AreaPolicy policy, bool coordinatorConfirmed)
    {
        var rules = policy.Rules;
        var isTeam = rules.Triage.TeamRoutes.Contains(route);
        if (!isTeam && route is not Route.ExpertConsultation)
        {
            return new RouteNeeds([], [], false);
        }

        var facts = assessment.Facts;
        var ofTopics = facts.Topics.SelectMany(topic => topic.Sectors).Distinct().ToList();
        var required = isTeam ? RequiredSectors(assessment.Grounds, request, policy) : [];
        var channel = request.WishedChannels.Count > 0 ? request.WishedChannels[0] : null;
        var weeks = isTeam ? rules.Needs.Weeks : rules.Needs.ConsultationWeeks;
        Need Of(string kind, string code) => new(kind, code, rules.Needs.WeeklyHours, weeks, !isTeam, channel, request.Language);
        IReadOnlyList<string> sectors = facts.Topics.Count > 0 || required.Count > 0 ? [.. required.Where(sector => !Covered(sector, facts.Topics))] : [SectorWithoutTopic(assessment.Grounds, request, policy)];
        return new RouteNeeds(
            [.. facts.Topics.Select(topic => Of("topic", topic.Code)), .. sectors.Select(sector => Of("sector", sector))],
            [.. ofTopics.Union(sectors).Union(required)],
            isTeam && SetNetworkCoordinator.IsNeeded(facts, rules, coordinatorConfirmed));
    }

    /// <summary>
    /// Whoever is found for a topic of several sectors comes from one of them, and nobody knows yet from which: only a topic of a
    /// single sector covers it for certain. A member may meet both needs, so that nobody is added where one person is enough.
    /// </summary>
    private static bool Covered(string sector, IReadOnlyList<TopicFacts> topics) => topics.Any(topic => topic.Sectors is [var only] && only == sector);

    /// <summary>Somebody is needed even where nothing says for what: another sector that the grounds require, else the one that the policy names.</summary>
    private static string SectorWithoutTopic(IReadOnlyList<Ground> grounds, CaseRequest request, AreaPolicy policy) =>
        RequiredSectors(grounds, request, policy).FirstOrDefault(sector => sector != request.Sector) ?? policy.Rules.Needs.SectorWithoutTopic;

    private static List<string> RequiredSectors(IReadOnlyList<Ground> grounds, CaseRequest request, AreaPolicy policy)
    {
        var needs = policy.Rules.Needs;
        var sectors = grounds.SelectMany(ground => needs.RequiredSectors.GetValueOrDefault(ground, [])).Distinct().ToList();
        if (sectors.Count > 0
            && request.AgeBand is { } age && needs.EducationWhenAgeBandIn.Contains(age)
            && request.Services.Any(policy.EducationServices.Contains)
            && !sectors.Contains("education"))
        {
            sectors.Add("education");
        }

        return sectors;
    }
}

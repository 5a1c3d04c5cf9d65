using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Contracts.Triage;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What follows from an assessment: records, a question to the requester, a route let through, or a coordinator's turn.</summary>
public static class AssessCase
{
    /// <summary>The events of one assessment, in order.</summary>
    /// <param name="state">The case as it stands with the newest facts.</param>
    /// <param name="again">True for a later assessment, which has to say whose turn it is.</param>
    public static IEnumerable<TriageEvent> Events(TriageCase state, AreaPolicy policy, DateTimeOffset now, bool again)
    {
        var weighed = Weighed(state, policy, now).ToList();
        foreach (var happened in weighed)
        {
            yield return happened;
        }

        var assessment = ((CaseAssessed)weighed[0]).Assessment;
        if (assessment.Facts.ImmediateDanger)
        {
            if (again)
            {
                yield return new ConfirmationAwaited(state.Id, state.Area, true, policy.Version, now, policy.HeldDue(now));
            }
        }
        else if (assessment.Route is not { } route)
        {
            yield return new InformationRequested(state.Id, state.Area, assessment.Asks, now, policy.InformationDue(now));
        }
        // Whom a requester is pointed to somebody has to say, whatever the area lets through. What came back once was decided wrongly once, and what was offered to another area or given to others to assess is nobody's plain case: a person decides.
        else if (state is { Bounces: 0, Transfers: 0, Transfer: null, Assessors.Count: 0 } && route is not Route.KnowledgeHolder && MayPass(assessment, policy.Rules.Triage.Confirmation))
        {
            yield return Decided(state, assessment, route, policy, Wire.RouteDecided.ByPolicy, null, networkCoordinator: null, now);
        }
        else if (again)
        {
            yield return new ConfirmationAwaited(state.Id, state.Area, false, policy.Version, now, policy.ConfirmationDue(assessment.Facts.Urgency, now));
        }
    }

    /// <summary>The assessment and what it leaves on record; whose turn it is does not change.</summary>
    public static IEnumerable<TriageEvent> Weighed(TriageCase state, AreaPolicy policy, DateTimeOffset now)
    {
        var request = state.Request!;
        var assessment = Assessment.Of(Facts.Of(request, state.AskedFor, policy), policy, request.HasScreening);
        yield return new CaseAssessed(state.Id, assessment, now);

        if (assessment.Records.Contains(LeftRecord.PhenomenonSignal) && !state.SignalLeft)
        {
            yield return new PhenomenonSignalled(state.Id, state.Area, request.County, request.Topics, assessment.Facts.Marks, now, request.Services);
        }

        if (assessment.Records.Contains(LeftRecord.ServiceGap) && !state.GapLeft)
        {
            yield return new ServiceGapRecorded(state.Id, state.Area, request.County, request.Topics, request.Services, now);
        }
    }

    /// <param name="networkCoordinator">Whether one is needed, where the rule leaves it open; null for what a coordinator said before.</param>
    internal static RouteDecided Decided(
        TriageCase state, Assessment assessment, Route route, AreaPolicy policy, string decidedBy, string? reasonCode, bool? networkCoordinator, DateTimeOffset now, Guid? knowledgeHolder = null)
    {
        var needs = RouteNeeds.Of(route, assessment, state.Request!, policy, networkCoordinator ?? state.NetworkCoordinator?.Needed == true);
        return new RouteDecided(
            state.Id, state.Area, route, assessment.Grounds, needs.Needs, route == assessment.Route && assessment.StandingTeamFirst, needs.NetworkCoordinator, needs.Sectors, assessment.PolicyVersion, decidedBy, reasonCode, now, policy.RouteDue(route, now), MatterOf(state.Request!, assessment), knowledgeHolder);
    }

    private static Matter? MatterOf(CaseRequest request, Assessment assessment) => request is { RequestingUnitId: { } unit, RequesterRole: { } role }
        ? new Matter(
            request.Kind,
            request.County,
            request.Language,
            assessment.Facts.Urgency,
            unit,
            role,
            request.ResponsibleWorkerRole,
            request.ResponsibleWorkerRef,
            request.LegalBasisType,
            request.LegalBasisValidUntil)
        : null;

    private static bool MayPass(Assessment assessment, Confirmation confirmation) => confirmation switch
    {
        Confirmation.Never => !assessment.Facts.HighRisk && !assessment.UnclearBecause.Contains(Assessment.NoLegalBasis),
        Confirmation.WhenUnclear => assessment.Clear,
        _ => false,
    };
}

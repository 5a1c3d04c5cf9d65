using OtPlatform.Contracts;

namespace OtPlatform.Platform.Security;

/// <summary>The clients that every service's Development token endpoint knows (PRODUCT, /dev/token).</summary>
public static class DevelopmentAccess
{
    public static IReadOnlyList<DevelopmentClient> Clients(Catalogue catalogue) =>
    [
        .. catalogue.Counties.Select(county => new DevelopmentClient(
            $"partner-{county.Code}",
            [Scopes.ConsultationsWrite, Scopes.ConsultationsRead],
            new Dictionary<string, string> { [ClaimNames.Organisation] = $"partner-{county.Code}", [ClaimNames.County] = county.Code })),
        .. catalogue.Areas.Select(area => new DevelopmentClient(
            $"coordinator-{area.Code}",
            [Scopes.QueuesRead, Scopes.QueuesAct, Scopes.ConsultationsRead, Scopes.NarrativeRead, Scopes.ExpertsRead, Scopes.TeamsAct],
            new Dictionary<string, string> { [ClaimNames.Organisation] = $"ot-{area.Code}", [ClaimNames.Area] = area.Code })),
        .. catalogue.Areas.Select(area => new DevelopmentClient(
            $"leadership-{area.Code}",
            [Scopes.QueuesRead, Scopes.ConsultationsRead, Scopes.ExpertsRead, Scopes.PoliciesWrite, Scopes.AuditRead],
            new Dictionary<string, string> { [ClaimNames.Organisation] = $"ot-{area.Code}", [ClaimNames.Area] = area.Code })),
        new("receiver-*", [Scopes.TeamsAct], new Dictionary<string, string> { [ClaimNames.Organisation] = "*" }),
        new("expert-*", [Scopes.TeamsAct, Scopes.ExpertsRead, Scopes.NarrativeRead], new Dictionary<string, string> { [ClaimNames.Expert] = "*" }),
        new("integrator", [Scopes.ConsultationsWrite, Scopes.ConsultationsRead, Scopes.QueuesRead, Scopes.ExpertsRead, Scopes.ExpertsWrite, Scopes.TeamsAct], new Dictionary<string, string> { [ClaimNames.Organisation] = "integrator" }),
        new("operator", [Scopes.Operations, Scopes.AuditRead], new Dictionary<string, string> { [ClaimNames.Organisation] = "operator" }),
    ];
}

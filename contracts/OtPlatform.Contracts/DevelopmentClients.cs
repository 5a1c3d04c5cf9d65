namespace OtPlatform.Contracts;

/// <summary>A client of the Development token endpoint.</summary>
/// <param name="ClientId">Exact id; or, ending in <c>*</c>, any id with that prefix.</param>
/// <param name="Claims">Claims that its tokens carry; <c>*</c> in a value stands for what the id has in place of the star.</param>
public sealed record DevelopmentClient(string ClientId, IReadOnlyList<string> Scopes, IReadOnlyDictionary<string, string> Claims)
{
    public const string Secret = "dev";

    /// <summary>This client's claims for <paramref name="clientId"/>, or null when it is not this client.</summary>
    public IReadOnlyDictionary<string, string>? ClaimsFor(string clientId)
    {
        if (!ClientId.EndsWith('*'))
        {
            return clientId == ClientId ? Claims : null;
        }

        var prefix = ClientId[..^1];
        if (!clientId.StartsWith(prefix, StringComparison.Ordinal) || clientId.Length == prefix.Length || clientId.Length > 100)
        {
            return null;
        }

        var rest = clientId[prefix.Length..];
        return rest.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_')
            ? Claims.ToDictionary(claim => claim.Key, claim => claim.Value.Replace("*", rest, StringComparison.Ordinal))
            : null;
    }
}

/// <summary>The clients that every service's Development token endpoint knows (PRODUCT, /dev/token).</summary>
public static class DevelopmentClients
{
    public static IReadOnlyList<DevelopmentClient> Of(Catalogue catalogue) =>
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
            $"coordinator-{area.Code}-*",
            [Scopes.QueuesRead, Scopes.QueuesAct, Scopes.ConsultationsRead, Scopes.NarrativeRead, Scopes.ExpertsRead, Scopes.TeamsAct],
            new Dictionary<string, string> { [ClaimNames.Organisation] = $"ot-{area.Code}", [ClaimNames.Area] = area.Code })),
        .. catalogue.Areas.Select(area => new DevelopmentClient(
            $"leadership-{area.Code}",
            [Scopes.QueuesRead, Scopes.TransfersDecide, Scopes.ConsultationsRead, Scopes.ExpertsRead, Scopes.PoliciesWrite, Scopes.AuditRead],
            new Dictionary<string, string> { [ClaimNames.Organisation] = $"ot-{area.Code}", [ClaimNames.Area] = area.Code })),
        new("receiver-*", [Scopes.TeamsAct], new Dictionary<string, string> { [ClaimNames.Organisation] = "*" }),
        new("expert-*", [Scopes.TeamsAct, Scopes.ExpertsRead, Scopes.NarrativeRead], new Dictionary<string, string> { [ClaimNames.Expert] = "*" }),
        new("integrator", [Scopes.ConsultationsWrite, Scopes.ConsultationsRead, Scopes.QueuesRead, Scopes.ExpertsRead, Scopes.ExpertsWrite, Scopes.TeamsAct], new Dictionary<string, string> { [ClaimNames.Organisation] = "integrator" }),
        new("operator", [Scopes.Operations, Scopes.AuditRead, Scopes.PoliciesWrite], new Dictionary<string, string> { [ClaimNames.Organisation] = "operator" }),
    ];
}

namespace OtPlatform.Triage.TriageCases;

/// <summary>Which case carries an open matter: at most one for each in an area (C-34). Who opens, leaves or takes up one does so alone: a lock on the key keeps the others waiting.</summary>
public sealed record OpenMatter
{
    /// <summary>The area and the matter's key in it.</summary>
    public required string Id { get; init; }

    public required Guid CaseId { get; init; }

    /// <summary>Another area's coordinators decide on a case of their own: they could not act on this area's.</summary>
    /// <param name="matterKey">Keyed hash of partner and client reference, as Intake calls the matter.</param>
    public static string IdOf(string area, string matterKey) => $"{area}:{matterKey}";
}

/// <summary>An open request that asks about a matter with a legal basis, whoever carries it: the key is kept for it when the carrying case is over.</summary>
public sealed record MatterRequest
{
    /// <summary>Of its case.</summary>
    public required Guid Id { get; init; }

    /// <summary>As in <see cref="OpenMatter"/>.</summary>
    public required string Matter { get; init; }
}

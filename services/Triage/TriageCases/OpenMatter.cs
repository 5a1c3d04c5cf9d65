namespace OtPlatform.Triage.TriageCases;

/// <summary>Which case carries an open matter: at most one for each (C-34). Two that open one at the same time meet in its key.</summary>
public sealed record OpenMatter
{
    /// <summary>Keyed hash of partner and client reference, as Intake calls the matter.</summary>
    public required string Id { get; init; }

    public required Guid CaseId { get; init; }
}

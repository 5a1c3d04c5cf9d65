namespace OtPlatform.Contracts;

/// <summary>What a token may allow (PRODUCT, security).</summary>
public static class Scopes
{
    public const string ConsultationsWrite = "consultations.write";
    public const string ConsultationsRead = "consultations.read";
    public const string QueuesRead = "queues.read";
    public const string QueuesAct = "queues.act";

    /// <summary>For the coordinating team: whether a transfer past the limit may go on.</summary>
    public const string TransfersDecide = "transfers.decide";
    public const string ExpertsRead = "experts.read";
    public const string ExpertsWrite = "experts.write";
    public const string TeamsAct = "teams.act";
    public const string NarrativeRead = "narrative.read";
    public const string PoliciesWrite = "policies.write";
    public const string AuditRead = "audit.read";
    public const string Operations = "operations";

    public static readonly IReadOnlyList<string> All =
        [ConsultationsWrite, ConsultationsRead, QueuesRead, QueuesAct, TransfersDecide, ExpertsRead, ExpertsWrite, TeamsAct, NarrativeRead, PoliciesWrite, AuditRead, Operations];
}

/// <summary>Claims that say whose data a token reaches.</summary>
public static class ClaimNames
{
    /// <summary>The organisation on whose behalf the caller acts.</summary>
    public const string Organisation = "org";

    /// <summary>Wellbeing services county code (areas.json).</summary>
    public const string County = "county";

    /// <summary>Collaboration area code (areas.json).</summary>
    public const string Area = "area";

    /// <summary>Id of the expert in the pool.</summary>
    public const string Expert = "expert_id";
}

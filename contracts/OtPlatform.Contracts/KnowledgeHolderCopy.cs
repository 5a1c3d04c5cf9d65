using OtPlatform.Contracts.ExpertPool;

namespace OtPlatform.Contracts;

/// <summary>A service's own copy of a holder of knowledge (tiedon haltija), as the newest registration describes it.</summary>
/// <param name="EndedAt">Since when nobody is pointed to it; null while somebody may be.</param>
public sealed record KnowledgeHolderCopy(
    Guid Id, Label Name, string Country, IReadOnlyList<string> Topics, IReadOnlyList<string> Languages, string Contact, DateOnly ValidUntil, DateTimeOffset? EndedAt)
{
    public static KnowledgeHolderCopy Of(KnowledgeHolderRegistered registered)
    {
        ArgumentNullException.ThrowIfNull(registered);
        return new(registered.HolderId, registered.Name, registered.Country, registered.Topics, registered.Languages, registered.Contact, registered.ValidUntil, null);
    }

    /// <summary>Somebody may be pointed to it on that day.</summary>
    public bool IsInForce(DateOnly today) => EndedAt is null && ValidUntil >= today;
}

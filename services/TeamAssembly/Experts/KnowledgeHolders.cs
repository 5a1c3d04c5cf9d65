using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;

namespace OtPlatform.TeamAssembly.Experts;

/// <summary>A gap names who has more exact knowledge, from the pool's own word.</summary>
public sealed class KeepHolderOnKnowledgeHolderRegistered(Inbox inbox) : KeepCopy<KnowledgeHolderRegistered, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderRegistered message) => message.HolderId;

    protected override KnowledgeHolderCopy After(KnowledgeHolderCopy? known, KnowledgeHolderRegistered message) => KnowledgeHolderCopy.Of(message);
}

/// <summary>No gap names it any more.</summary>
public sealed class EndHolderOnKnowledgeHolderEnded(Inbox inbox) : KeepCopy<KnowledgeHolderEnded, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderEnded message) => message.HolderId;

    protected override KnowledgeHolderCopy? After(KnowledgeHolderCopy? known, KnowledgeHolderEnded message) => known is null ? null : known with { EndedAt = message.EndedAt };
}

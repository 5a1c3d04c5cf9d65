using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.KnowledgeHolders;

/// <summary>Triage knows whom a requester can be pointed to without asking: from the pool's own word.</summary>
public sealed class KeepHolderOnKnowledgeHolderRegistered(Inbox inbox) : KeepCopy<KnowledgeHolderRegistered, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderRegistered message) => message.HolderId;

    protected override KnowledgeHolderCopy After(KnowledgeHolderCopy? known, KnowledgeHolderRegistered message) => KnowledgeHolderCopy.Of(message);
}

/// <summary>Nobody is pointed to it any more.</summary>
public sealed class EndHolderOnKnowledgeHolderEnded(Inbox inbox) : KeepCopy<KnowledgeHolderEnded, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderEnded message) => message.HolderId;

    protected override KnowledgeHolderCopy? After(KnowledgeHolderCopy? known, KnowledgeHolderEnded message) => known is null ? null : known with { EndedAt = message.EndedAt };
}

/// <summary>Whom a coordinator has chosen.</summary>
/// <param name="IsInForce">Triage knows it, and somebody may be pointed to it today.</param>
public sealed record ChosenHolder(Guid Id, bool IsInForce);

/// <summary>The holders of knowledge as Triage knows them.</summary>
public static class KnownHolders
{
    private const int LongestList = 100;

    public static readonly Type[] Reactions = [typeof(KeepHolderOnKnowledgeHolderRegistered), typeof(EndHolderOnKnowledgeHolderEnded)];

    public static void Documents(Marten.MartenRegistry schema) => schema.For<KnowledgeHolderCopy>();

    /// <summary>Null when none is chosen.</summary>
    public static async Task<ChosenHolder?> Chosen(this StreamStore streams, Guid? id, DateTimeOffset now, CancellationToken cancellation) =>
        id is { } chosen ? new ChosenHolder(chosen, await streams.Load<KnowledgeHolderCopy>(chosen, cancellation) is { } known && known.IsInForce(Today(now))) : null;

    /// <summary>Those to whom somebody may be pointed today, who knows of the most of these topics first.</summary>
    public static async Task<IReadOnlyList<KnowledgeHolderCopy>> InForce(this StreamStore streams, IReadOnlyList<string> topics, DateTimeOffset now, CancellationToken cancellation) =>
        [.. (await streams.Query<KnowledgeHolderCopy>("where data ->> 'endedAt' is null", cancellation)).Where(known => known.IsInForce(Today(now)))
            .OrderByDescending(known => known.Topics.Intersect(topics).Count()).ThenBy(known => known.Name.Fi, StringComparer.Ordinal).ThenBy(known => known.Id).Take(LongestList)];

    private static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);
}

using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Reference;

/// <summary>Whom a requester is pointed to is shown as its newest registration describes it.</summary>
public sealed class KeepHolderOnKnowledgeHolderRegistered(Inbox inbox) : KeepCopy<KnowledgeHolderRegistered, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderRegistered message) => message.HolderId;

    protected override KnowledgeHolderCopy After(KnowledgeHolderCopy? known, KnowledgeHolderRegistered message) => KnowledgeHolderCopy.Of(message);
}

/// <summary>Who was pointed to it before still sees it.</summary>
public sealed class EndHolderOnKnowledgeHolderEnded(Inbox inbox) : KeepCopy<KnowledgeHolderEnded, KnowledgeHolderCopy>(inbox)
{
    protected override Guid IdOf(KnowledgeHolderEnded message) => message.HolderId;

    protected override KnowledgeHolderCopy? After(KnowledgeHolderCopy? known, KnowledgeHolderEnded message) => known is null ? null : known with { EndedAt = message.EndedAt };
}

/// <summary>What Intake keeps copies of.</summary>
public static class Copies
{
    public static readonly QueueConsumers[] Queues =
    [
        new(Topology.IntakePolicy, [typeof(Platform.Hosting.KeepPolicyOnPolicyPublished)]),
        new(Topology.IntakeInstrument, [typeof(KeepInstrumentOnInstrumentPublished)]),
        new(Topology.IntakeTopic, [typeof(Platform.Hosting.KeepTopicOnTopicChanged)]),
        new(Topology.IntakeKnowledgeHolder, [typeof(KeepHolderOnKnowledgeHolderRegistered), typeof(EndHolderOnKnowledgeHolderEnded)]),
    ];

    public static void Documents(Marten.MartenRegistry schema)
    {
        schema.For<InstrumentCopy>();
        schema.For<KnowledgeHolderCopy>();
        schema.For<Platform.Hosting.TopicCopy>();
    }

    /// <summary>The holders of knowledge of these ids, as far as their registration has come here.</summary>
    public static async Task<IReadOnlyDictionary<Guid, KnowledgeHolderCopy>> KnowledgeHolders(this StreamStore streams, IEnumerable<Guid> ids, CancellationToken cancellation) =>
        ids.ToArray() is { Length: > 0 } wanted ? (await streams.Query<KnowledgeHolderCopy>("where id = any(?)", cancellation, wanted)).ToDictionary(known => known.Id) : [];
}

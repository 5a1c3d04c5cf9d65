using System.Diagnostics;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Triage.PolicyVersions;

public abstract record PolicyEvent;

/// <summary>Somebody has written what the next version shall be; it holds for nothing yet.</summary>
/// <param name="Code">default, or the area whose own values it has.</param>
/// <param name="Content">The JSON document.</param>
/// <param name="DraftedBy">Subject of the editor's token.</param>
public sealed record PolicyDrafted(Guid PolicyId, string Code, Guid DraftId, string Content, string DraftedBy, string ReasonCode, DateTimeOffset DraftedAt) : PolicyEvent;

/// <summary>A version that holds from its day on, for cases that begin then.</summary>
/// <param name="EffectiveFrom">The day as it was asked for.</param>
/// <param name="TakesEffectAt">When that day begins; the moment of publishing when that is later.</param>
/// <param name="PublishedBy">Subject of the editor's token, or <c>platform</c> for what the product is shipped with.</param>
/// <param name="DraftId">The draft that it was; null for what the product is shipped with.</param>
/// <param name="ShippedVersion">The number that the product shipped it under; null for an editor's.</param>
public sealed record PolicyPublished(
    Guid PolicyId, string Code, int Version, string Content, DateOnly EffectiveFrom, DateTimeOffset TakesEffectAt, string PublishedBy, string ReasonCode, DateTimeOffset PublishedAt, Guid? DraftId = null, int? ShippedVersion = null) : PolicyEvent
{
    public const string ByPlatform = "platform";
    public const string ShippedWithProduct = "shipped";

    public PolicyPage Page => new(Code, Version, TakesEffectAt, Content);
}

/// <param name="Content">The JSON document.</param>
public sealed record PolicyDraft(Guid Id, string Content, string By, string ReasonCode, DateTimeOffset At);

/// <summary>The versions of the global defaults, or of what one area has in their place (politiikka, reitityssäännöt).</summary>
/// <param name="LastVersion">0 before the first.</param>
/// <param name="LastDraft">The draft that was published last.</param>
/// <param name="Shipped">The highest number of what was taken up from the product; 0 before the first.</param>
public sealed record PolicyHistory(string Code, int LastVersion, PolicyDraft? Draft, Guid? LastDraft, int Shipped)
{
    public static readonly PolicyHistory Initial = new(string.Empty, 0, null, null, 0);

    public static readonly Aggregate<PolicyHistory, PolicyEvent> Aggregate = new("policy", Initial, Evolve)
    {
        View = (happened, version) => ViewDocument.Of(PolicyRecord.Fold(happened, version)),
    };

    /// <summary>The stream of a code.</summary>
    public static Guid IdOf(string code) => Ids.Derived("policy", code);

    public static PolicyHistory Evolve(PolicyHistory state, PolicyEvent happened) => happened switch
    {
        PolicyDrafted e => state with { Code = e.Code, Draft = new PolicyDraft(e.DraftId, e.Content, e.DraftedBy, e.ReasonCode, e.DraftedAt) },
        PolicyPublished e => new PolicyHistory(e.Code, e.Version, state.Draft?.Id == e.DraftId ? null : state.Draft, e.DraftId ?? state.LastDraft, e.ShippedVersion ?? state.Shipped),
        _ => throw new UnreachableException($"No Evolve arm for {happened.GetType().Name}"),
    };
}

/// <summary>One published version.</summary>
public sealed record PublishedVersion(PolicyPage Page, DateOnly EffectiveFrom, string By, string ReasonCode, DateTimeOffset At);

/// <summary>All versions of a code, kept for good: past decisions name them.</summary>
public sealed record PolicyRecord
{
    public required Guid Id { get; init; }

    public required string Code { get; init; }

    /// <summary>Number of events in the stream.</summary>
    public required long Version { get; init; }

    public required IReadOnlyList<PublishedVersion> Published { get; init; }

    /// <summary>Name of the last published page, for example <c>sisa.2</c>; empty before the first.</summary>
    public required string Newest { get; init; }

    public PolicyDraft? Draft { get; init; }

    public static PolicyRecord Fold(IReadOnlyList<PolicyEvent> happened, long version)
    {
        var state = PolicyHistory.Aggregate.Fold(happened);
        var published = happened.OfType<PolicyPublished>().Select(e => new PublishedVersion(e.Page, e.EffectiveFrom, e.PublishedBy, e.ReasonCode, e.PublishedAt)).ToList();
        return new PolicyRecord
        {
            Id = PolicyHistory.IdOf(state.Code),
            Code = state.Code,
            Version = version,
            Draft = state.Draft,
            Published = published,
            Newest = published.Count > 0 ? published[^1].Page.Name : string.Empty,
        };
    }
}

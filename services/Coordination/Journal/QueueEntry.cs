using System.Globalization;
using OtPlatform.Contracts;

namespace OtPlatform.Coordination.Journal;

/// <summary>An expert who is invited to the assessment of a case (arvioija).</summary>
/// <param name="ReasonCode">specialKnowledge, specialLevelNeeded, riskAssessment, clientsWish or other.</param>
/// <param name="DueBy">Until when they may contribute, and know of the case.</param>
public sealed record AskedAssessor(Guid ExpertId, string ReasonCode, DateTimeOffset DueBy);

/// <summary>A consultation in the routing queue of its area (ohjausjono). Read model; the owners of its facts are the other services.</summary>
public sealed record QueueEntry
{
    /// <summary>Id of the consultation.</summary>
    public required Guid Id { get; init; }

    public required string Number { get; init; }

    public required string Area { get; init; }

    public required string County { get; init; }

    public required ConsultationKind Kind { get; init; }

    public required ConsultationStatus Status { get; init; }

    /// <summary>Who answers for the next step; null when closed.</summary>
    public Accountable? Responsible { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? DueBy { get; init; }

    public required Urgency Urgency { get; init; }

    public required bool ImmediateDanger { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    public required IReadOnlyList<Ground> Grounds { get; init; }

    public Route? RecommendedRoute { get; init; }

    public Route? Route { get; init; }

    /// <summary>How many times the matter has been sent back.</summary>
    public required int Bounces { get; init; }

    /// <summary>Experts who have ever been asked to join, and members.</summary>
    public required IReadOnlyList<Guid> Experts { get; init; }

    /// <summary>Experts who have ever been invited to the assessment; null in what was written before they were noted.</summary>
    public IReadOnlyList<Guid>? AskedToAssess { get; init; }

    /// <summary>Experts who are invited to the assessment; null in what was written before they were noted.</summary>
    public IReadOnlyList<AskedAssessor>? Assessors { get; init; }

    /// <summary>The last of the times by which they are to have contributed; null while nobody is invited.</summary>
    public DateTimeOffset? AssessedUntil { get; init; }

    /// <summary>The expert who is to answer a single consultation.</summary>
    public Guid? AnsweringExpert { get; init; }

    /// <summary>The unit that is asked to take the matter, or has taken it.</summary>
    public string? Receiver { get; init; }

    /// <summary>Every unit that has ever been asked to take the matter.</summary>
    public required IReadOnlyList<string> Receivers { get; init; }

    /// <summary>True when the receiver has taken the matter.</summary>
    public bool ReceiverAccepted { get; init; }

    /// <summary>The consultation whose case carries the matter instead of this one's; null while its own does.</summary>
    public Guid? LinkedTo { get; init; }

    /// <summary>Code of the area that is asked to take the matter; null while none is.</summary>
    public string? OfferedTo { get; init; }

    /// <summary>Whom the requester has written to, where nobody has answered since: an accountable kind, or <c>team</c>; null when nothing waits.</summary>
    public string? MessageTo { get; init; }

    /// <summary>When the first of those messages has to have been answered.</summary>
    public DateTimeOffset? AnswerMessageBy { get; init; }

    /// <summary>The area while the consultation is open, so that past ones stay out of the queue's index.</summary>
    public string? OpenIn { get; init; }

    /// <summary>The order in which the queue is worked, as text of one length: danger, urgency, due time, id.</summary>
    public required string SortKey { get; init; }

    /// <summary>May know of the case, and contribute; an invitation whose time is over ends also before anybody has noted so.</summary>
    public bool IsAssessedBy(Guid expert, DateTimeOffset now) => Assessors is { } asked && asked.Any(assessor => assessor.ExpertId == expert && assessor.DueBy > now);

    /// <summary>Has been asked to join or to assess, or is a member.</summary>
    public bool HasAsked(Guid expert) => Experts.Contains(expert) || (AskedToAssess is { } asked && asked.Contains(expert));

    public static string SortKeyOf(bool danger, Urgency urgency, DateTimeOffset? dueBy, Guid id)
    {
        var due = dueBy?.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) ?? new string('9', 14);
        return $"{(danger ? 0 : 1)}{(int)Urgency.Urgent - (int)urgency}{due}{id:n}";
    }
}

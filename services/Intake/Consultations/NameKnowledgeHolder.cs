using OtPlatform.Contracts;
using OtPlatform.Intake.Reference;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>Who has more exact knowledge of the matter: an organisation or a unit, never a person.</summary>
/// <param name="Name">In the request's language, where it has a name in it; else in Finnish.</param>
/// <param name="Contact">An address for mail or of a page, or a phone number.</param>
/// <param name="Country">ISO 3166-1 code of two letters.</param>
public sealed record HolderAnswer(string Name, string Contact, string Country);

/// <summary>Tells the requester by name to whom the route knowledgeHolder points (R1), with the address of today.</summary>
public static class NameKnowledgeHolder
{
    /// <summary>The answer with the holder of knowledge, in the timeline too; once the requester has reached it, it is what the consultation was answered.</summary>
    public static async Task<ConsultationAnswer> Named(this StreamStore streams, ConsultationAnswer answer, RequestersView view, CancellationToken cancellation)
    {
        var ids = view.Timeline.Select(step => step.KnowledgeHolder).Append(view.KnowledgeHolder).OfType<Guid>().Distinct();
        return In(answer, view, await streams.KnowledgeHolders(ids, cancellation));
    }

    internal static ConsultationAnswer In(ConsultationAnswer answer, RequestersView view, IReadOnlyDictionary<Guid, KnowledgeHolderCopy> known)
    {
        if (known.Count == 0)
        {
            return answer;
        }

        var timeline = answer.Timeline.Select((step, at) => Of(view.Timeline[at].KnowledgeHolder) is { } pointedTo ? step with { What = Said(step.What, pointedTo) } : step).ToList();
        var holder = Of(view.KnowledgeHolder);
        var given = view.IsAnsweredByHolder && holder is not null
            ? new GivenAnswer(timeline[view.Timeline.ToList().FindLastIndex(step => step.KnowledgeHolder == view.KnowledgeHolder)].What, [], "coordinator", holder)
            : answer.Answer;
        return answer with { Timeline = timeline, KnowledgeHolder = holder, Answer = given };

        HolderAnswer? Of(Guid? id) => id is { } pointedTo && known.TryGetValue(pointedTo, out var copy) ? new HolderAnswer(copy.Name.In(view.Language), copy.Contact, copy.Country) : null;
    }

    private static string Said(string what, HolderAnswer holder) => $"{what} {holder.Name}: {holder.Contact}";
}

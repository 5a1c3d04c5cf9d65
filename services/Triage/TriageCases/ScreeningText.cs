using OtPlatform.Contracts;

namespace OtPlatform.Triage.TriageCases;

/// <summary>What screenings say, with their arithmetic, in sentences: only what was recorded, its codes in words of the version that was filled in.</summary>
/// <param name="say">A sentence of the catalogue with its gaps filled.</param>
/// <param name="word">A code of a list in words.</param>
internal sealed class ScreeningText(Catalogue catalogue, string language, Func<string, object[], string> say, Func<string, string, string> word)
{
    public IEnumerable<string> Of(Assessment assessment) => Of(assessment, assessment.Facts.Screenings ?? []);

    private IEnumerable<string> Of(Assessment assessment, IReadOnlyList<Screening> screenings)
    {
        foreach (var screening in screenings)
        {
            foreach (var sentence in Arithmetic(screening))
            {
                yield return sentence;
            }
        }

        if (screenings.Count > 0)
        {
            var added = assessment.Facts.ScreeningMarks ?? [];
            yield return added.Count > 0 ? Say("added", string.Join(", ", added.Select(mark => word("marks", mark)))) : Say("addedNone");
        }

        if (assessment.WithoutScreening is { } without)
        {
            yield return Say("without", word("outcome", without));
        }

        foreach (var other in assessment.Disagreements ?? [])
        {
            yield return Say(other.Rule, Level(other.Instrument, other.Version, other.Level), word("outcome", other.Route), word("outcome", assessment.Route is { } route ? Assessment.CodeOf(route) : Outcomes.NeedsInformation));
        }
    }

    private IEnumerable<string> Arithmetic(Screening screening)
    {
        var known = catalogue.Instrument(screening.Instrument, screening.Version);
        yield return Say("says", known?.Label.In(language) ?? screening.Instrument, screening.Version, screening.Points, screening.Maximum, screening.Answered, screening.Of, Level(screening.Instrument, screening.Version, screening.Level));
        if (screening.Trial)
        {
            yield return Say("trial");
        }

        if (screening.ParticipantRoles.Count > 1)
        {
            yield return Say("together", screening.ParticipantRoles.Count);
        }

        foreach (var item in screening.Items)
        {
            var label = known?.Items.FirstOrDefault(asked => asked.Code == item.Code)?.Label.In(language) ?? item.Code;
            yield return item.Answer is { } answer ? Say("item", label, item.Weight, answer, item.Points) : Say("unanswered", label);
        }
    }

    private string Level(string instrument, int version, string level) =>
        catalogue.Instrument(instrument, version)?.Levels.FirstOrDefault(known => known.Code == level)?.Label.In(language) ?? level;

    private string Say(string sentence, params object[] values) => say($"screening.{sentence}", values);
}

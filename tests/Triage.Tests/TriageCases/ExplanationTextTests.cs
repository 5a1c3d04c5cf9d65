using System.Text.RegularExpressions;
using OtPlatform.Testing;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>An assessment in sentences of three languages.</summary>
[TestFixture]
internal sealed partial class ExplanationTextTests
{
    private static readonly string[] Languages = ["fi", "sv", "en"];

    [Test]
    public void A_case_is_explained_in_English()
    {
        var text = In("en", Cases.Assess(Cases.Plain with { Topics = ["violence.family"], Marks = ["diverse"], Services = ["school"], HasScreening = true }));
        Assert.Multiple(() =>
        {
            Assert.That(text.Keys, Is.EqualTo(new[] { "facts", "decision", "rows", "leftOut", "otherwise" }));
            Assert.That(text["facts"], Does.Contain("Marks: diverse.").And.Contain("Services involved: school.").And.Contain("Legal basis: given.").And.Contain("Information asked: none."));
            Assert.That(text["decision"], Is.EqualTo(new[]
            {
                "The row “expertise only” is the first that holds, and decides: Classes of topics: wanted most demanding, multidisciplinary, found most demanding, holds.",
                "Recommendation: expert consultation.",
                "Policy version applied: default.1.",
            }));
            Assert.That(text["rows"], Has.Count.EqualTo(6).And.Some.EqualTo("The row “no ground” holds too, but an earlier row decided: it has no condition."));
            Assert.That(text["rows"], Has.Some.Contains("Marks: wanted at least 2 of these: diverse, unclear, changing fast, legally complex, found diverse, does not hold; "));
            Assert.That(text["leftOut"], Is.EqualTo(new[] { "Given, but could not be weighed: screening.", "The case is clear." }));
            Assert.That(text["otherwise"], Does.Contain("Basic support guidance, if one thing were different: without the topic: Family and close-relationship violence."));
            Assert.That(text["otherwise"], Has.Some.Matches<string>(line => line.StartsWith("Hybrid team, if one thing were different: ", StringComparison.Ordinal) && line.Contains("the mark too: 1 of these: unclear, changing fast, legally complex", StringComparison.Ordinal)));
            Assert.That(text["otherwise"], Does.Contain("The requester is asked first, if one thing were different: fewer things tried: 1; or legal basis: the consent has ended. That includes something that nobody can change any more; nothing else leads there."));
            Assert.That(text["otherwise"], Does.Contain("No facts lead here under this policy, though a coordinator may choose it: standing team, knowledge holder, service gap."));
        });
    }

    [Test]
    public void What_the_requester_is_asked_for_and_why_is_said_in_Finnish_and_Swedish()
    {
        var assessment = Cases.Assess(Cases.Complex with { LegalBasisType = "anonymous" });
        Assert.Multiple(() =>
        {
            Assert.That(In("fi", assessment)["decision"], Does.Contain("Pyytäjältä kysytään ensin: oikeusperuste.").And.Contain("Nimetön pyyntö: tiimi tarvitsee perusteen: hybriditiimi → pyytäjältä kysytään lisätietoa ensin."));
            Assert.That(In("fi", assessment)["otherwise"], Has.Some.StartsWith("Hybriditiimi, jos yksi seikka olisi toisin: oikeusperuste: 1 näistä: suostumus, laista tuleva peruste."));
            Assert.That(In("sv", assessment)["decision"], Does.Contain("Begäraren tillfrågas först om: laglig grund."));
            Assert.That(In("se", assessment)["decision"], Is.EqualTo(In("fi", assessment)["decision"]));
        });
    }

    [Test]
    public void In_danger_it_is_said_that_a_coordinator_decides() =>
        Assert.That(In("en", Cases.Assess(Cases.Complex with { ImmediateDanger = true }))["decision"], Does.Contain("Immediate danger was reported: a coordinator decides in person and at once."));

    [Test]
    public void An_assessment_of_before_counterfactuals_says_that_they_were_not_kept() =>
        Assert.That(In("en", Cases.Assess(Cases.Complex) with { Counterfactuals = null })["otherwise"], Is.EqualTo(new[] { "When this assessment was made, what would change it was not yet recorded." }));

    [Test]
    public void Nothing_that_can_be_assessed_is_without_words_in_any_language()
    {
        foreach (var facts in Cases.Policy.Space.Examples().Where((_, at) => at % 97 == 0))
        {
            var assessment = Assessment.Of(facts, Cases.Policy, hasScreening: true);
            foreach (var language in Languages)
            {
                foreach (var sentence in In(language, assessment).Values.SelectMany(sentences => sentences))
                {
                    Assert.That(CodeLike().Match(sentence).Value, Is.Empty, sentence);
                }
            }
        }
    }

    [Test]
    public void Every_code_has_a_word_and_every_sentence_the_same_gaps_in_each_language()
    {
        var (texts, codes) = (Repository.Catalogue.ExplanationTexts, Repository.Catalogue.Codes);
        Assert.Multiple(() =>
        {
            Assert.That(texts.Words["marks"].Keys, Is.EquivalentTo(codes.Marks));
            Assert.That(texts.Words["services"].Keys, Is.EquivalentTo(codes.Services));
            Assert.That(texts.Words["outcome"].Keys, Is.EquivalentTo(codes.Routes.Concat([Outcomes.NeedsInformation, Outcomes.InTriage])));
            Assert.That(texts.Words["kind"].Keys, Is.EquivalentTo(codes.Kinds));
            Assert.That(texts.Words["urgency"].Keys, Is.EquivalentTo(codes.Urgencies));
            Assert.That(texts.Words["row"].Keys, Is.EquivalentTo(Cases.Policy.Rules.Rows.Select(row => row.Code)));
            Assert.That(texts.Words["topicClasses"].Keys, Is.SupersetOf(Repository.Catalogue.Topics.Select(topic => topic.Class).Distinct()));
            foreach (var (key, sentence) in texts.Sentences)
            {
                var gaps = Languages.Select(language => string.Concat(Gap().Matches(sentence.In(language)).Select(gap => gap.Value).Order())).Distinct();
                Assert.That(gaps.Count(), Is.EqualTo(1), key);
            }
        });
    }

    private static Dictionary<string, IReadOnlyList<string>> In(string language, Assessment assessment) =>
        new ExplanationText(Repository.Catalogue, language).Of(assessment).ToDictionary(section => section.Code, section => section.Sentences);

    /// <summary>A gap left open, a camel-case word or two words with a dot between: no language writes like that.</summary>
    [GeneratedRegex(@"\{\d|\p{Ll}\p{Lu}|(?<!default)\.\p{Ll}|(changing|legal|services|cannot|falls|sent|child|school)-")]
    private static partial Regex CodeLike();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Gap();
}

using FsCheck;
using FsCheck.Fluent;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>What a filled-in instrument comes to, and what follows from it: it adds marks and advises, it never removes and never decides.</summary>
[TestFixture]
internal sealed class ScreeningTests
{
    private static readonly Instrument Draft = Repository.Catalogue.Instrument("demandingness", 1)!;
    private static readonly string[] Languages = ["fi", "sv", "en"];

    /// <summary>Another's instrument: other items, other scales, other levels.</summary>
    private static readonly Instrument Foreign = new(
        "kehra", 4, false, "Kehrä", "Spinnrocken", "Spindle",
        [
            new InstrumentItem("home", "Koti", "Hem", "Home", 5, 1, 5, [new ItemMark("diverse", 4), new ItemMark("rare", 5)]),
            new InstrumentItem("network", "Verkosto", "Nätverk", "Network", 1, 0, 10, []),
        ],
        [new InstrumentLevel("low", 0, "matala", "låg", "low"), new InstrumentLevel("high", 30, "korkea", "hög", "high", Route.HybridTeam)]);

    [Test]
    public void Points_are_weight_times_answer_and_the_highest_level_they_reach_is_advised()
    {
        var scored = Fill(Draft, ("q1", 3), ("q2", 2), ("q6", 3));
        Assert.Multiple(() =>
        {
            Assert.That(scored.Items.Select(item => (item.Code, item.Answer, item.Weight, item.Points)), Is.EqualTo(new (string, int?, int, int)[]
            {
                ("q1", 3, 2, 6), ("q2", 2, 1, 2), ("q3", null, 2, 0), ("q4", null, 2, 0), ("q5", null, 1, 0), ("q6", 3, 2, 6),
            }));
            Assert.That((scored.Points, scored.Maximum, scored.Answered, scored.Of, scored.Level), Is.EqualTo((14, 30, 3, 6, "raised")));
            Assert.That(scored.Marks, Is.EqualTo(new[] { "diverse" }));
            Assert.That((scored.Trial, scored.ParticipantRoles.Count), Is.EqualTo((true, 2)));
        });
    }

    [TestCase("q99", 1)]
    [TestCase("q1", 4)]
    [TestCase("q1", -1)]
    public void An_answer_that_the_version_does_not_explain_counts_for_nothing_and_is_said_to_be_left_out(string item, int answer)
    {
        var scored = Fill(Draft, (item, answer), ("q2", 1));
        Assert.Multiple(() =>
        {
            Assert.That((scored.Points, scored.Unexplained), Is.EqualTo((1, 1)));
            Assert.That(Cases.Assess(With(Cases.Plain, scored)).LeftOut, Is.EqualTo(new[] { "screening" }));
        });
    }

    [Test]
    public void Of_another_version_nothing_is_known() =>
        Assert.That(Screening.Scored(new ScreeningAnswers("demandingness", 99, new Dictionary<string, int> { ["q1"] = 1 }, []), Repository.Catalogue), Is.Null);

    [Test]
    public void Marks_are_added_to_the_requesters_and_the_case_is_a_coordinators_when_they_change_the_recommendation()
    {
        var request = Cases.Plain with { Topics = ["violence.family"], Marks = ["unclear"] };
        var assessment = Cases.Assess(With(request, Fill(Draft, ("q1", 3))));
        Assert.Multiple(() =>
        {
            Assert.That(Cases.Assess(request).Route, Is.EqualTo(Route.ExpertConsultation));
            Assert.That(assessment.Facts.Marks, Is.EqualTo(new[] { "unclear", "diverse" }));
            Assert.That((assessment.Route, assessment.WithoutScreening), Is.EqualTo((Route.HybridTeam, "expertConsultation")));
            Assert.That(assessment.UnclearBecause, Is.EqualTo(new[] { "screening" }));
            Assert.That(assessment.LeftOut, Is.Empty);
        });
    }

    [Test]
    public void A_screening_that_changes_nothing_and_agrees_leaves_a_clear_case_clear()
    {
        var assessment = Cases.Assess(With(Cases.Plain with { Topics = ["violence.family"] }, Fill(Draft, ("q1", 1))));
        Assert.That((assessment.Clear, assessment.WithoutScreening, assessment.Disagreements), Is.EqualTo((true, (string?)null, (IReadOnlyList<Disagreement>?)null)));
    }

    [Test]
    public void A_level_that_speaks_for_more_than_the_table_came_to_disagrees()
    {
        var scored = Fill(Foreign, ("home", 5), ("network", 10)) with { Marks = [] };
        var assessment = Cases.Assess(With(Cases.Plain with { Topics = ["violence.family"] }, scored));
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.ExpertConsultation));
            Assert.That(assessment.Disagreements, Is.EqualTo(new[] { new Disagreement("kehra", 4, "high", "atLeast", "hybridTeam") }));
            Assert.That(assessment.UnclearBecause, Is.EqualTo(new[] { "screening" }));
        });
    }

    [Test]
    public void A_level_that_speaks_for_less_disagrees_only_when_every_item_was_answered()
    {
        var team = Cases.Complex;
        var low = Draft.Items.Select(item => (item.Code, 0)).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(Cases.Assess(With(team, Fill(Draft, low))).Disagreements, Is.EqualTo(new[] { new Disagreement("demandingness", 1, "usual", "atMost", "expertConsultation") }));
            Assert.That(Cases.Assess(With(team, Fill(Draft, low[1..]))).Disagreements, Is.Null);
            Assert.That(Cases.Assess(With(team, Fill(Draft, low))).Route, Is.EqualTo(Cases.Assess(team).Route));
        });
    }

    [Test]
    public void Anothers_instrument_is_scored_by_its_own_items_scale_and_levels_without_code()
    {
        var scored = Fill(Foreign, ("home", 5), ("network", 7));
        Assert.That((scored.Points, scored.Maximum, scored.Level, string.Join(' ', scored.Marks)), Is.EqualTo((32, 35, "high", "diverse rare")));
    }

    [Test]
    public void It_is_explained_with_its_arithmetic_in_three_languages()
    {
        var assessment = Cases.Assess(With(Cases.Plain with { Topics = ["violence.family"], Marks = ["unclear"] }, Fill(Draft, ("q1", 3), ("q2", 1))));
        IReadOnlyList<string> In(string language) => new ExplanationText(Repository.Catalogue, language).Of(assessment).Single(section => section.Code == "screening").Sentences;
        Assert.Multiple(() =>
        {
            Assert.That(In("en"), Does.Contain("How demanding the matter is (draft, on trial), version 1: 7/30 points, 2/6 items answered, advisory level “usual”.")
                .And.Contain("The instrument is on trial.")
                .And.Contain("Filled in together by: 2.")
                .And.Contain("Several things weigh on everyday safety or well-being at the same time: weight 2 × answer 3 = 6.")
                .And.Contain("Screening added the marks: diverse.")
                .And.Contain("Without the screening the recommendation would have been: expert consultation."));
            Assert.That(In("fi"), Does.Contain("Seulonta lisäsi tunnusmerkit: monimuotoinen."));
            Assert.That(In("sv"), Does.Contain("Screeningen lade till kännetecknen: mångfasetterad."));
            Assert.That(Languages.Select(language => In(language).Count).Distinct().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void What_another_case_gets_to_know_is_the_result_and_no_answer()
    {
        var shared = JoinMatter.Shared(With(Cases.Plain, Fill(Draft, ("q1", 3))), null).Screenings!.Single();
        Assert.Multiple(() =>
        {
            Assert.That((shared.Items.Count, shared.ParticipantRoles.Count, shared.Points), Is.EqualTo((0, 0, 6)));
            Assert.That(JoinMatter.Shared(With(Cases.Plain with { LegalBasisType = CaseRequest.ConsentEnded }, Fill(Draft, ("q1", 3))), null).Screenings, Is.Null);
        });
    }

    [Test]
    public void R8_an_erasure_takes_the_answers_and_the_participants_out_of_every_event_and_of_the_queue()
    {
        var events = Cases.Opened(With(Cases.Plain, Fill(Draft, ("q1", 3)))).Select(EraseCaseOnConsultationErased.Redacted).ToList();
        var left = events.OfType<CaseOpened>().SelectMany(opened => opened.Request.Screenings!).Concat(events.OfType<CaseAssessed>().SelectMany(assessed => assessed.Assessment.Facts.Screenings!)).ToList();
        var queued = RoutingQueueEntry.Fold([.. Cases.Opened(With(Cases.Plain, Fill(Draft, ("q1", 3)))), new CaseErased(Cases.CaseId, Cases.Now)], 3);
        left.AddRange(queued.Assessments.SelectMany(assessment => assessment.Facts.Screenings!));
        Assert.That(left, Has.Count.EqualTo(3).And.All.Matches<Screening>(screening => screening is { Items.Count: 0, ParticipantRoles.Count: 0, Points: 6 }));
    }

    [Test]
    public void A_case_of_before_screenings_were_scored_still_reads()
    {
        var read = System.Text.Json.JsonSerializer.Deserialize<CaseRequest>(Cases.Json(Cases.Plain).Replace(",\"Screenings\":null", string.Empty, StringComparison.Ordinal))!;
        Assert.That(read.Screenings, Is.Null);
        Assert.That(System.Text.Json.JsonSerializer.Deserialize<CaseRequest>(Cases.Json(With(Cases.Plain, Fill(Draft, ("q1", 2)))))!.Screenings, Is.EqualTo(new[] { Fill(Draft, ("q1", 2)) }));
    }

    [Test]
    public void More_and_higher_answers_never_lower_the_level_or_take_a_mark() => ForAll(numbers =>
    {
        foreach (var instrument in new[] { Draft, Foreign })
        {
            var fewer = instrument.Items.Where((_, at) => numbers[at] % 3 != 0).Select((item, at) => (item.Code, item.Least + (numbers[at + 4] % (item.Most - item.Least + 1)))).ToArray();
            var more = instrument.Items.Select((item, at) => (item.Code, Math.Min(item.Most, Math.Max(item.Least, fewer.FirstOrDefault(answer => answer.Code == item.Code).Item2) + (numbers[at + 2] % 3)))).ToArray();
            var (one, other) = (Fill(instrument, fewer), Fill(instrument, more));
            Assert.That(Level(instrument, other), Is.GreaterThanOrEqualTo(Level(instrument, one)));
            Assert.That(one.Marks, Is.SubsetOf(other.Marks));
        }
    });

    [Test]
    public void A_screening_never_removes_a_mark_and_never_lowers_a_route()
    {
        var (topics, codes) = (Repository.Catalogue.Topics, Repository.Catalogue.Codes);
        // A policy in which a mark leads past a team to less: what is shipped does not.
        var rows = Cases.Policy.Rules.Rows;
        var lowering = new AreaPolicy(Repository.Catalogue, Cases.Policy.Rules with { Rows = [rows[0], rows[1], rows[3] with { When = new() { MarksAtLeast = new(1, ["changing-fast", "rare"]) } }, .. rows.Skip(2).Where(row => row.Code != "rarity-only")] }, "lowering");
        var complex = Cases.Plain with { Marks = ["diverse", "unclear"] };
        var held = Cases.Assess(With(complex, Fill(Draft, ("q3", 3))), lowering);
        Assert.That((Cases.Assess(complex with { Marks = ["diverse", "unclear", "changing-fast"] }, lowering).Route, held.Route), Is.EqualTo((Route.ExpertConsultation, Route.HybridTeam)));
        Assert.That(held.Adjustments.Select(adjustment => adjustment.Rule), Is.EqualTo(new[] { "screeningNeverLowers" }));
        ForAll(numbers =>
        {
            var request = Cases.Plain with
            {
                Topics = [.. topics.Where((_, at) => (numbers[at % 12] + at) % 19 == 0).Select(topic => topic.Code)],
                Marks = [.. codes.Marks.Where((_, at) => (numbers[at] + at) % (at < 5 ? 3 : 15) == 0)],
                HighRisk = numbers[0] % 5 == 0,
                LegalBasisType = numbers[1] % 5 == 0 ? "anonymous" : "consent",
            };
            var screening = Fill(Draft, [.. Draft.Items.Where((_, at) => numbers[at + 6] % 4 > 0).Select((item, at) => (item.Code, Math.Min(3, numbers[11 - at] % 6)))]);
            foreach (var policy in new[] { Cases.Policy, lowering })
            {
                var (without, with) = (Cases.Assess(request, policy), Cases.Assess(With(request, screening), policy));
                Assert.That(without.Facts.Marks, Is.SubsetOf(with.Facts.Marks));
                if (without.Route is { } before && with.Route is { } after)
                {
                    Assert.That(Recommendation.Demand(after, policy.Rules), Is.GreaterThanOrEqualTo(Recommendation.Demand(before, policy.Rules)));
                }

                Assert.That(with.Clear && with.Route != without.Route, Is.False, "It decided alone.");
            }
        });
    }

    private static void ForAll(Action<int[]> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Gen.Choose(0, 1000).ArrayOf(12).ToArbitrary(), holds));

    private static int Level(Instrument instrument, Screening scored) => instrument.Levels.ToList().FindIndex(level => level.Code == scored.Level);

    private static CaseRequest With(CaseRequest request, Screening screening) => request with { HasScreening = true, Screenings = [screening] };

    private static Screening Fill(Instrument instrument, params (string Item, int Answer)[] answers) =>
        Screening.Scored(new ScreeningAnswers(instrument.Code, instrument.Version, answers.ToDictionary(answer => answer.Item, answer => answer.Answer), ["family-worker", "teacher"]), instrument);
}

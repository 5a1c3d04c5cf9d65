using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.Tests.TriageCases;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.Policies;

/// <summary>The default policy table, row by row, with its boundaries.</summary>
[TestFixture]
internal sealed class PolicyTableTests
{
    private static readonly string[] ComplexityMarks = ["diverse", "unclear", "changing-fast", "legal-complexity"];
    private static readonly string[] SystemFailureMarks = ["services-do-not-fit", "cannot-benefit", "cannot-commit", "falls-between", "sent-on"];

    [Test]
    public void Client_work_with_nothing_tried_goes_back_to_the_requester()
    {
        var assessment = Cases.Assess(Cases.Complex with { TriedCount = 0 });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.Null);
            Assert.That(assessment.Asks, Is.EqualTo(new[] { "triedSoFar" }));
            Assert.That(assessment.DecidingRow, Is.EqualTo("information-missing"));
        });
    }

    [Test]
    public void Nothing_tried_is_no_obstacle_at_high_risk() =>
        Assert.That(Cases.Assess(Cases.Complex with { TriedCount = 0, HighRisk = true }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void Nothing_tried_is_no_obstacle_when_urgent() =>
        Assert.That(Cases.Assess(Cases.Complex with { TriedCount = 0, Urgency = Urgency.Urgent }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void Nothing_tried_is_no_obstacle_when_a_topic_is_urgent() =>
        Assert.That(Cases.Assess(Cases.Complex with { TriedCount = 0, Topics = ["honour-violence"] }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void In_danger_nothing_is_sent_back() =>
        Assert.That(Cases.Assess(Cases.Complex with { TriedCount = 0, ImmediateDanger = true }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void Nothing_tried_is_asked_for_only_once() =>
        Assert.That(Cases.Assess(Cases.Complex with { TriedCount = 0 }, askedFor: "triedSoFar").Route, Is.EqualTo(Route.HybridTeam));

    [TestCase(ConsultationKind.ProfessionalSupport)]
    [TestCase(ConsultationKind.Group)]
    public void Only_client_work_is_asked_what_was_tried(ConsultationKind kind) =>
        Assert.That(Cases.Assess(Cases.Plain with { Kind = kind, TriedCount = 0 }).Route, Is.EqualTo(Route.BasicSupportGuidance));

    [TestCaseSource(nameof(SystemFailureMarks))]
    public void G9_11_any_mark_of_system_failure_opens_a_team_and_leaves_a_signal_and_a_gap_C25(string mark)
    {
        var assessment = Cases.Assess(Cases.Plain with { Marks = [mark] });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(assessment.Grounds, Is.EqualTo(new[] { Ground.SystemFailure }));
            Assert.That(assessment.Records, Is.EquivalentTo(new[] { LeftRecord.PhenomenonSignal, LeftRecord.ServiceGap }));
        });
    }

    [Test]
    public void A_topic_can_imply_a_mark_of_system_failure() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["crime.path-antisocial"] }).DecidingRow, Is.EqualTo("system-failure"));

    [TestCaseSource(nameof(ComplexityMarks))]
    public void One_complexity_mark_with_two_services_is_no_ground(string mark)
    {
        var assessment = Cases.Assess(Cases.Plain with { Marks = [mark], Services = ["school", "child-welfare"] });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.BasicSupportGuidance));
            Assert.That(assessment.Grounds, Is.Empty);
        });
    }

    [TestCaseSource(nameof(ComplexityMarks))]
    public void One_complexity_mark_with_three_services_is_complexity(string mark) =>
        Assert.That(Cases.Assess(Cases.Plain with { Marks = [mark], Services = ["school", "child-welfare", "police"] }).Grounds, Is.EqualTo(new[] { Ground.Complexity }));

    [Test]
    public void Two_complexity_marks_are_complexity_without_any_service()
    {
        var assessment = Cases.Assess(Cases.Plain with { Marks = ["diverse", "unclear"] });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(assessment.StandingTeamFirst, Is.True);
        });
    }

    [Test]
    public void Three_services_alone_are_no_ground() =>
        Assert.That(Cases.Assess(Cases.Plain with { Services = ["school", "child-welfare", "police"] }).Route, Is.EqualTo(Route.BasicSupportGuidance));

    [Test]
    public void G9_9_the_mark_rare_leads_to_an_expert() =>
        Assert.That(Cases.Assess(Cases.Plain with { Marks = ["rare"] }).Route, Is.EqualTo(Route.ExpertConsultation));

    [Test]
    public void Topics_that_are_all_rare_lead_to_an_expert_on_the_ground_of_rarity() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["adoption", "forensic-psychiatry"] }).Grounds, Is.EqualTo(new[] { Ground.Rarity }));

    [Test]
    public void One_topic_that_is_not_rare_takes_the_ground_of_rarity_away() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["adoption", "violence.family"] }).Grounds, Is.Empty);

    [Test]
    public void Without_a_topic_nothing_is_rare_by_default() =>
        Assert.That(Cases.Assess(Cases.Plain).Grounds, Is.Empty);

    [Test]
    public void G9_9_an_area_may_send_rarity_to_a_team_E11()
    {
        var policy = new AreaPolicy(Cases.CatalogueWith("""{ "version": 2, "triage": { "rarityOnlyOutcome": "hybridTeam" } }"""), "sisa");
        var assessment = Cases.Assess(Cases.Plain with { Marks = ["rare"] }, policy: policy);
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(assessment.PolicyVersion, Is.EqualTo("default.1+sisa.2"));
        });
    }

    [TestCase("""{ "triage": { "rarityOnlyOutcome": "hybridTeam" } }""")]
    [TestCase("""{ "version": 2, "traige": { } }""")]
    [TestCase("""{ "version": 2, "triage": { "rarityOutcome": "hybridTeam" } }""")]
    public void An_areas_override_that_would_change_nothing_is_refused(string policy) =>
        Assert.That(() => Cases.CatalogueWith(policy), Throws.TypeOf<JsonException>());

    [Test]
    public void A_topic_of_the_special_level_goes_there_without_a_ground() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["divorce.high-conflict"] }).Route, Is.EqualTo(Route.SpecialLevel));

    [Test]
    public void Complexity_comes_before_the_special_level_E10() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["divorce.high-conflict"], Marks = ["diverse", "unclear"] }).Route, Is.EqualTo(Route.HybridTeam));

    [TestCase("violence.family")]
    [TestCase("school.not-arrangeable")]
    public void G9_10_expertise_alone_does_not_open_a_team_C22(string topic) =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = [topic] }).Route, Is.EqualTo(Route.ExpertConsultation));

    [TestCase("school.absence")]
    [TestCase("mental-health.youth")]
    public void A_basic_topic_stays_with_the_basic_level(string topic) =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = [topic] }).Route, Is.EqualTo(Route.BasicSupportGuidance));

    [Test]
    public void High_risk_asks_for_an_expert_at_least()
    {
        var assessment = Cases.Assess(Cases.Plain with { HighRisk = true });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.ExpertConsultation));
            Assert.That(assessment.Adjustments, Is.EqualTo(new[] { new Adjustment("highRiskAtLeast", "basicSupportGuidance", "expertConsultation") }));
        });
    }

    [Test]
    public void High_risk_does_not_lower_a_team() =>
        Assert.That(Cases.Assess(Cases.Complex with { HighRisk = true }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void A_team_for_an_anonymous_client_needs_a_legal_basis_first()
    {
        var assessment = Cases.Assess(Cases.Complex with { LegalBasisType = "anonymous" });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.Null);
            Assert.That(assessment.Asks, Is.EqualTo(new[] { "legalBasis" }));
        });
    }

    [Test]
    public void A_legal_basis_is_asked_for_once_and_then_a_coordinator_decides()
    {
        var assessment = Cases.Assess(Cases.Complex with { LegalBasisType = "anonymous" }, askedFor: "legalBasis");
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(assessment.UnclearBecause, Is.EqualTo(new[] { "noLegalBasis" }));
        });
    }

    [Test]
    public void An_earlier_question_about_something_else_does_not_stand_for_the_legal_basis() =>
        Assert.That(Cases.Assess(Cases.Complex with { LegalBasisType = "anonymous" }, askedFor: "triedSoFar").Asks, Is.EqualTo(new[] { "legalBasis" }));

    [TestCase("""{ "version": 2, "rows": [{ "code": "only", "when": { "highRisk": true }, "then": "route", "route": "hybridTeam" }] }""")]
    [TestCase("""{ "version": 2, "rows": [{ "code": "none", "when": { }, "then": "route", "route": "hybridTeam" }] }""")]
    [TestCase("""{ "version": 2, "rows": [{ "code": "two", "when": { "always": true, "highRisk": true }, "then": "route", "route": "hybridTeam" }] }""")]
    public void A_policy_that_could_leave_a_case_without_a_recommendation_stops_the_service(string policy) =>
        Assert.That(() => new AreaPolicy(Cases.CatalogueWith(policy), "sisa"), Throws.InvalidOperationException);

    [Test]
    public void A_team_for_an_anonymous_professional_needs_none() =>
        Assert.That(Cases.Assess(Cases.Complex with { Kind = ConsultationKind.ProfessionalSupport, LegalBasisType = "anonymous" }).Route, Is.EqualTo(Route.HybridTeam));

    [Test]
    public void An_emerging_topic_is_never_clear_and_leaves_a_signal()
    {
        var assessment = Cases.Assess(Cases.Plain with { Topics = ["other.emerging"] });
        Assert.Multiple(() =>
        {
            Assert.That(assessment.UnclearBecause, Is.EqualTo(new[] { "emergingTopic" }));
            Assert.That(assessment.Records, Is.EqualTo(new[] { LeftRecord.PhenomenonSignal }));
        });
    }

    [Test]
    public void Client_work_without_a_topic_is_not_clear() =>
        Assert.That(Cases.Assess(Cases.Plain).UnclearBecause, Is.EqualTo(new[] { "noTopic" }));

    [Test]
    public void The_special_level_is_never_clear() =>
        Assert.That(Cases.Assess(Cases.Plain with { Topics = ["divorce.high-conflict"] }).UnclearBecause, Is.EqualTo(new[] { "route" }));

    [Test]
    public void R9_the_explanation_names_every_row_and_every_fact_it_looked_at()
    {
        var assessment = Cases.Assess(Cases.Complex);
        Assert.Multiple(() =>
        {
            Assert.That(assessment.Rows.Select(row => row.Row), Is.EqualTo(Cases.Policy.Rules.Rows.Select(row => row.Code)));
            Assert.That(assessment.Rows.Single(row => row.Row == "complexity").Findings.Select(finding => finding.Fact), Is.EqualTo(new[] { "marks", "marks", "services" }));
            Assert.That(assessment.Rows.First(row => row.Holds).Row, Is.EqualTo(assessment.DecidingRow));
        });
    }

    [Test]
    public void A_screening_that_no_instrument_explains_is_said_to_be_left_out() =>
        Assert.That(Cases.Assess(Cases.Plain with { HasScreening = true }).LeftOut, Is.EqualTo(new[] { "screening" }));

    [TestCaseSource(nameof(Samples))]
    public void The_sample_consultations_get_their_expected_first_assessment(string name, string expected)
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "demo-data", "consultations", $"{name}.json")));
        var body = sample.RootElement;
        IReadOnlyList<string> List(string property) => body.TryGetProperty(property, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];
        var safety = body.GetProperty("safety");
        var area = Repository.Catalogue.AreaOf(body.GetProperty("county").GetString()!)!.Code;
        var request = Cases.Plain with
        {
            Kind = Enum.Parse<ConsultationKind>(body.GetProperty("kind").GetString()!, ignoreCase: true),
            Topics = List("topics"),
            Marks = List("marks"),
            Services = List("involvedServices"),
            TriedCount = body.GetProperty("triedSoFar").GetArrayLength(),
            Urgency = Enum.Parse<Urgency>(body.GetProperty("urgency").GetString()!, ignoreCase: true),
            ImmediateDanger = safety.GetProperty("immediateDanger").GetBoolean(),
            HighRisk = safety.GetProperty("highRisk").GetBoolean(),
            LegalBasisType = body.GetProperty("legalBasis").GetProperty("type").GetString()!,
        };
        var opened = Cases.Opened(request, new AreaPolicy(Repository.Catalogue, area));
        Assert.That(RoutingQueueEntry.Fold(opened, opened.Length).FirstOutcome, Is.EqualTo(expected));
    }

    private static IEnumerable<TestCaseData> Samples()
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "demo-data", "expected.json")));
        foreach (var sample in expected.RootElement.EnumerateObject())
        {
            yield return new TestCaseData(sample.Name, sample.Value.GetProperty("expect").GetString());
        }
    }
}

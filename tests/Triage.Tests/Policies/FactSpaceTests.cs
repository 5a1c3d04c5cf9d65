using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.Tests.TriageCases;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.Policies;

/// <summary>Every class of facts that a policy can tell apart.</summary>
[TestFixture]
internal sealed class FactSpaceTests
{
    private static readonly FactSpace Space = Cases.Policy.Space;
    private static readonly IReadOnlyList<Facts> Everything = [.. Space.Examples()];
    private static readonly string[] SystemFailure = ["services-do-not-fit", "cannot-benefit", "cannot-commit", "falls-between", "sent-on"];

    /// <summary>One class in thirty, with another remainder in every dimension.</summary>
    private static IEnumerable<Facts> Some => Everything.Where((_, at) => at % 31 == 0);

    [Test]
    public void G9_1_whatever_the_facts_the_request_gets_one_route_or_one_question_and_is_never_turned_away()
    {
        Assert.That(Everything, Has.Count.EqualTo(Space.Size).And.Count.GreaterThan(10_000));
        Assert.That(PolicyCheck.Of(Space).WithoutResult, Is.Null);
        Assert.That(Everything.Select(facts => Recommendation.For(facts, Cases.Policy.Rules)!).All(recommended => recommended.Route is null != (recommended.Asks.Count == 0)));
    }

    [Test]
    public void G9_10_no_facts_open_a_team_without_a_ground() => Assert.That(
        Everything.Where(facts => Recommendation.For(facts, Cases.Policy.Rules) is { Route: Route.HybridTeam or Route.StandingTeam, Row.Ground: null }), Is.Empty);

    [Test]
    public void G9_11_no_facts_with_a_failing_system_leave_no_signal()
    {
        var failing = Some.Where(facts => facts.Marks.Any(SystemFailure.Contains)).ToList();
        Assert.That(failing, Is.Not.Empty);
        Assert.That(failing.Select(facts => Assessment.Of(facts, Cases.Policy, false).Records), Is.All.Contains(LeftRecord.PhenomenonSignal).And.All.Contains(LeftRecord.ServiceGap));
    }

    [Test]
    public void R9_the_recorded_facts_lead_to_the_same_assessment_again()
    {
        foreach (var facts in Some)
        {
            var recorded = Cases.Json(Assessment.Of(facts, Cases.Policy, false));
            Assert.That(Cases.Json(Assessment.Of(JsonSerializer.Deserialize<Assessment>(recorded)!.Facts, Cases.Policy, false)), Is.EqualTo(recorded));
        }
    }

    [Test]
    public void An_assessment_that_was_recorded_before_counterfactuals_were_kept_still_reads()
    {
        var recorded = JsonNode.Parse(Cases.Json(Cases.Assess(Cases.Complex)))!;
        recorded.AsObject().Remove(nameof(Assessment.Counterfactuals));
        var facts = recorded[nameof(Facts)]!.AsObject();
        facts.Remove(nameof(Facts.GivenMarks));
        facts.Remove(nameof(Facts.GivenUrgency));
        facts[nameof(Facts.Topics)]![0]!.AsObject().Remove(nameof(TopicFacts.ImpliesMarks));
        facts[nameof(Facts.Topics)]![0]!.AsObject().Remove(nameof(TopicFacts.Urgency));
        var read = recorded.Deserialize<Assessment>()!;
        Assert.Multiple(() =>
        {
            Assert.That(read.Counterfactuals, Is.Null);
            Assert.That(Assessment.Of(read.Facts, Cases.Policy, false).Counterfactuals!.Select(other => other.Outcome), Does.Contain("specialLevel"));
        });
    }

    [Test]
    public void The_order_of_topics_marks_and_services_changes_nothing()
    {
        var codes = Repository.Catalogue.Codes;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(100),
            Prop.ForAll(ArbMap.Default.GeneratorFor<int>().ArrayOf(12).ToArbitrary(), numbers =>
            {
                IReadOnlyList<string> Picked(IEnumerable<string> from, int seed) => [.. from.Where((_, at) => Math.Abs(numbers[(at + seed) % 12] + (at * 7)) % 6 == 0)];
                var request = Cases.Plain with { Topics = Picked(Repository.Catalogue.Topics.Select(topic => topic.Code), 0), Marks = Picked(codes.Marks, 3), Services = Picked(codes.Services, 5), TriedCount = Math.Abs(numbers[0]) % 2 };
                IReadOnlyList<string> Turned(IReadOnlyList<string> list) => [.. list.OrderBy(code => string.GetHashCode(code + numbers[1], StringComparison.Ordinal))];
                var (one, other) = (Cases.Assess(request), Cases.Assess(request with { Topics = Turned(request.Topics), Marks = Turned(request.Marks), Services = Turned(request.Services) }));
                Assert.That((other.Route, other.DecidingRow, Cases.Json(other.Counterfactuals!)), Is.EqualTo((one.Route, one.DecidingRow, Cases.Json(one.Counterfactuals!))));
            }));
    }

    [Test]
    public void Of_the_shipped_policy_every_row_decides_something_and_the_routes_of_no_row_are_named()
    {
        foreach (var area in Repository.Catalogue.Areas)
        {
            var check = PolicyCheck.Of(new AreaPolicy(Repository.Catalogue, area.Code).Space);
            Assert.That(check.IdleRows, Is.Empty);
            Assert.That(check.RoutesNeverGiven, Is.EqualTo(new[] { Route.StandingTeam, Route.KnowledgeHolder, Route.ServiceGap }));
        }
    }

    [Test]
    public void A_row_that_can_never_decide_is_found_with_an_example_and_the_row_before_it()
    {
        var rows = Cases.Policy.Rules.Rows;
        var shadowed = new PolicyRow("shadowed", new() { All = [new() { MarksAtLeast = new(2, ["diverse", "unclear", "changing-fast", "legal-complexity"]) }, new() { AnyTopicLevelIn = ["special"] }] }, Consequence.Route, Route.SpecialLevel);
        var impossible = new PolicyRow("impossible", new() { ServicesAtLeast = 99 }, Consequence.Route, Route.KnowledgeHolder);
        var check = PolicyCheck.Of(new FactSpace(Cases.Policy.Rules with { Rows = [.. rows.Take(3), shadowed, impossible, .. rows.Skip(3)] }, Repository.Catalogue));
        Assert.Multiple(() =>
        {
            Assert.That(check.IdleRows.Select(row => row.Row), Is.EqualTo(new[] { "shadowed", "impossible" }));
            Assert.That(shadowed.When.Holds(check.IdleRows[0].Example!), Is.True);
            Assert.That(check.IdleRows[0].DecidedBy, Is.AnyOf("information-missing", "system-failure", "complexity"));
            Assert.That((check.IdleRows[1].Example, check.IdleRows[1].DecidedBy), Is.EqualTo(((Facts?)null, (string?)null)));
            Assert.That(check.RoutesNeverGiven, Does.Contain(Route.KnowledgeHolder));
        });
    }

    [Test]
    public void Facts_that_come_to_nothing_are_found_and_stop_the_service()
    {
        var asksNothing = new PolicyRow("asks-nothing", new() { AnyTopicLevelIn = ["special"] }, Consequence.AskRequester);
        var check = PolicyCheck.Of(new FactSpace(Cases.Policy.Rules with { Rows = [asksNothing, Cases.Policy.Rules.Rows[^1]] }, Repository.Catalogue));
        Assert.That(check.WithoutResult!.Topics.Select(topic => topic.Level), Does.Contain("special"));
        const string Policy = """{ "version": 2, "rows": [{ "code": "asks-nothing", "when": { "highRisk": true }, "then": "askRequester" }, { "code": "last", "when": { "always": true }, "then": "route", "route": "hybridTeam" }] }""";
        Assert.That(() => Checked(Cases.CatalogueWith(Policy)), Throws.InvalidOperationException.With.Message.Contains("neither a route nor a question"));
    }

    [Test]
    public void A_case_in_danger_keeps_it_and_any_other_would_be_held_if_danger_were_reported()
    {
        Assert.That(Cases.Assess(Cases.Plain with { ImmediateDanger = true }).Counterfactuals!.Select(other => other.Outcome), Has.None.EqualTo(Outcomes.InTriage));
        var held = Cases.Assess(Cases.Plain).Counterfactuals!.Single(other => other.Outcome == Outcomes.InTriage);
        Assert.That(held.Sets.Single().Single(), Has.Property("Field").EqualTo("immediateDanger"));
    }

    [Test]
    public void What_nobody_can_change_is_left_alone_where_anything_else_leads_there()
    {
        var others = Cases.Assess(Cases.Plain with { Topics = ["violence.family"] }).Counterfactuals!.ToDictionary(other => other.Outcome);
        Assert.Multiple(() =>
        {
            Assert.That(others["hybridTeam"], Has.Property("Changes").EqualTo(1).And.Property("Fixed").EqualTo(0));
            Assert.That(others["hybridTeam"].Sets.Select(set => set[0].Field), Is.EqualTo(new[] { "topics", "topics", "topics", "marks" }));
            Assert.That(others["basicSupportGuidance"].Sets.Single().Single(), Has.Property("Change").EqualTo(ChangeKind.Remove));
            Assert.That(others["needsInformation"], Has.Property("Changes").EqualTo(1).And.Property("Fixed").EqualTo(1));
            Assert.That(others["needsInformation"].Sets.Select(set => set.Single().Field), Is.EqualTo(new[] { "tried", "legalBasis" }));
        });
    }

    private static void Checked(Catalogue catalogue) => new AreaPolicies(catalogue, new PolicyBook(catalogue.PolicyPages), TimeProvider.System).Check();
}

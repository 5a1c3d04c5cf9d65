using System.Net;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Journal;
using OtPlatform.Coordination.Tests.Journal;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>How the routing went, for those who lead and coordinate an area (C-25, C-108).</summary>
[TestFixture]
internal sealed class StatisticsPageTests
{
    private RunningConsole _console = null!;
    private Browser _leader = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_statistics_page");
        _leader = await _console.Browser().SignedIn("leadership-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _leader.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task Decisions_are_counted_by_policy_row_recommendation_decision_and_reason_the_overridden_first()
    {
        await Decided("default.1", Route.HybridTeam, null);
        await Decided("default.1", Route.HybridTeam, null);
        await Decided("default.1+sisa.2", Route.ExpertConsultation, "capacity");
        await Decided("default.1", Route.ExpertConsultation, "capacity", area: "lansi");
        var page = await _leader.Get("/statistics?quarter=2026-Q4");
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("overridden"), Is.EqualTo(new[] { "Suosituksesta poikettiin 1 kertaa; päätöksiä on 3." }));
            Assert.That(page.Shown("decision"), Is.EqualTo(new[]
            {
                "default.1+sisa.2 Vaativuus Hybriditiimi Asiantuntijakonsultaatio Voimavarat 1",
                "default.1 Vaativuus Hybriditiimi Hybriditiimi Suositusta noudatettiin 2",
            }));
            Assert.That(page.Shown("nav-statistics"), Is.Not.Empty);
        });
    }

    [Test]
    public async Task C25_what_repeats_is_shown_from_the_smallest_group_on_and_the_page_says_what_is_hidden()
    {
        using var leader = await _console.Browser().SignedIn("leadership-ita");
        for (var number = 1; number < RoutingStatistics.SmallestGroup; number++)
        {
            await Signalled("kainuu");
        }

        var few = await leader.Get("/statistics?quarter=2026-Q4");
        await Signalled("kainuu");
        var enough = await leader.Get("/statistics?quarter=2026-Q4");
        Assert.Multiple(() =>
        {
            Assert.That(few.Count("repeat"), Is.Zero);
            Assert.That(few.Shown("suppressed"), Has.Count.EqualTo(2).And.All.Contain("Alle 5 asian ryhmät on piilotettu"));
            Assert.That(enough.Shown("repeat"), Is.EqualTo(new[] { "Lapsen tai nuoren päihteiden käyttö Koulu Kainuu 5" }));
        });
    }

    [Test]
    public async Task The_quarters_follow_each_other_and_nonsense_is_not_found()
    {
        var present = Quarter.Of(DateTimeOffset.UtcNow);
        var page = await _leader.Get("/statistics");
        var before = await _leader.Get(page.Text.Contains("rel=\"prev\"", StringComparison.Ordinal) ? $"/statistics?quarter={present.Previous.Name}" : "/");
        Assert.Multiple(async () =>
        {
            Assert.That((page.Count("next"), before.Count("next")), Is.EqualTo((0, 1)), "What is to come has no numbers.");
            Assert.That(before.Shown("next"), Is.EqualTo(new[] { present.Name }));
            Assert.That((await _leader.Get("/statistics?quarter=2026-Q5")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Experts_and_the_operator_have_no_statistics()
    {
        using var expert = await _console.Browser().SignedInAsExpert(Happenings.Expert(1));
        using var keeper = await _console.Browser().SignedIn("operator");
        Assert.That(((await expert.Get("/statistics")).Status, (await keeper.Get("/statistics")).Status), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
    }

    private Task<Happenings> Decided(string policy, Route route, string? reason, string area = "sisa") => _console.Told(
        told =>
        {
            told.Triage(at => new CaseAssessed(told.Consultation, told.Consultation, Route.HybridTeam, [Ground.Complexity], "complexity", false, policy, at));
            told.Triage(at => Happenings.Decided(told, at, route) with { PolicyVersion = policy, ReasonCode = reason });
        },
        area);

    private Task<Happenings> Signalled(string county) => _console.Told(
        told => told.Triage(at => new PhenomenonSignalled(told.Consultation, told.Consultation, "ita", county, ["substance.child-or-youth"], ["school"], ["falls-between"], at)), "ita");
}

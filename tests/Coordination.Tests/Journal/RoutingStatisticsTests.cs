using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>What the journal tells of a quarter, on a real store and a real broker.</summary>
[TestFixture]
internal sealed class RoutingStatisticsTests
{
    private RunningJournal _journal = null!;

    [OneTimeSetUp]
    public async Task Start() => _journal = await RunningJournal.Start("coordination_statistics");

    [OneTimeTearDown]
    public async Task Stop() => await _journal.DisposeAsync();

    [TestCase("2026-09-30T20:59:59Z", "2026-Q3")]
    [TestCase("2026-09-30T21:00:00Z", "2026-Q4")]
    [TestCase("2026-12-31T21:59:59Z", "2026-Q4")]
    [TestCase("2026-12-31T22:00:00Z", "2027-Q1")]
    public void A_quarter_begins_at_midnight_in_Finland(string moment, string name)
    {
        var quarter = Quarter.Of(DateTimeOffset.Parse(moment, null));
        Assert.That(quarter.Name, Is.EqualTo(name));
        Assert.That(quarter, Is.EqualTo(Quarter.Named(name)));
        Assert.That(Quarter.Of(quarter.From).Name, Is.EqualTo(name));
        Assert.That(Quarter.Of(quarter.Until).Name, Is.Not.EqualTo(name));
    }

    [Test]
    public async Task How_often_and_where_a_recommendation_was_not_followed_is_counted()
    {
        var told = new List<Happenings>
        {
            Weighed("sisa", "complexity", Route.HybridTeam, (Route.HybridTeam, null, "coordinator-sisa")),
            Weighed("sisa", "complexity", Route.HybridTeam, (Route.HybridTeam, null, "coordinator-sisa")),
            Weighed("sisa", "complexity", Route.HybridTeam, (Route.ExpertConsultation, "knowsBetter", "coordinator-sisa")),
            Weighed("sisa", "rarity-only", Route.ExpertConsultation, (Route.ExpertConsultation, null, RouteDecided.ByPolicy)),
            Weighed("lansi", "complexity", Route.HybridTeam, (Route.ServiceGap, "nobodyFits", "coordinator-lansi")),
        };

        // Weighed anew after the decision and decided once more: each decision counts against what was recommended before it.
        var again = told[2];
        again.Triage(at => new CaseAssessed(again.Consultation, again.Consultation, Route.ExpertConsultation, [], "expertise-only", false, "default.1", at));
        again.Triage(at => Decision(again.Consultation, "sisa", Route.ExpertConsultation, null, "coordinator-sisa", at));
        await Tell(told);

        var own = await _journal.Queues.StatisticsAsync(new StatisticsRequest { Quarter = "2026-Q4" }, await _journal.As("coordinator-sisa"));
        var all = await _journal.Queues.StatisticsAsync(new StatisticsRequest { Quarter = "2026-Q4" }, await _journal.As("integrator"));
        var earlier = await _journal.Queues.StatisticsAsync(new StatisticsRequest { Quarter = "2026-Q3" }, await _journal.As("integrator"));
        Assert.Multiple(() =>
        {
            Assert.That(
                own.Decisions.Select(count => (count.Area, count.DecidingRow, count.RecommendedRoute, count.Route, count.OverrideReason, count.ByPolicy, count.Count)),
                Is.EquivalentTo(new[]
                {
                    ("sisa", "complexity", "hybridTeam", "hybridTeam", "", false, 2L),
                    ("sisa", "complexity", "hybridTeam", "expertConsultation", "knowsBetter", false, 1L),
                    ("sisa", "expertise-only", "expertConsultation", "expertConsultation", "", false, 1L),
                    ("sisa", "rarity-only", "expertConsultation", "expertConsultation", "", true, 1L),
                }));
            Assert.That(own.Decisions.Select(count => count.PolicyVersion), Is.All.EqualTo("default.1"));
            Assert.That(all.Decisions.Sum(count => count.Count), Is.EqualTo(6));
            Assert.That(all.Decisions.Single(count => count.Area == "lansi").OverrideReason, Is.EqualTo("nobodyFits"));
            Assert.That(earlier.Decisions, Is.Empty);
            Assert.That((own.Quarter, own.From.ToDateTimeOffset(), own.Until.ToDateTimeOffset()), Is.EqualTo(("2026-Q4", new DateTimeOffset(2026, 9, 30, 21, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 12, 31, 22, 0, 0, TimeSpan.Zero))));
        });
    }

    [Test]
    public async Task C25_repeats_are_grouped_by_topic_service_and_county_and_a_small_group_is_not_shown()
    {
        var told = new List<Happenings>();
        foreach (var number in Enumerable.Range(1, RoutingStatistics.SmallestGroup))
        {
            var matter = Opened("ita");
            Signal(matter, "ita", "pohjois-savo", ["system.falls-between", "disability.demanding"], number == 1 ? ["school"] : ["school", "child-welfare"]);

            // The same matter once more is no further repeat.
            Signal(matter, "ita", "pohjois-savo", ["system.falls-between"], ["school"]);
            told.Add(matter);
        }

        var few = Opened("ita");
        Signal(few, "ita", "kainuu", ["system.falls-between"], ["school"]);
        told.Add(few);
        foreach (var number in Enumerable.Range(1, RoutingStatistics.SmallestGroup))
        {
            var unnamed = Opened("ita");
            unnamed.Triage(at => new ServiceGapRecorded(unnamed.Consultation, unnamed.Consultation, "ita", "kainuu", [], [], at));
            told.Add(unnamed);
        }

        await Tell(told);
        var known = await _journal.Queues.StatisticsAsync(new StatisticsRequest { Quarter = "2026-Q4" }, await _journal.As("leadership-ita"));
        Assert.Multiple(() =>
        {
            Assert.That(known.SmallestGroup, Is.EqualTo(RoutingStatistics.SmallestGroup).And.GreaterThan(2));
            Assert.That(
                known.Repeats.Select(group => (group.Kind, group.County, group.Topic, group.Service, group.Matters)),
                Is.EquivalentTo(new[]
                {
                    ("phenomenon", "pohjois-savo", "system.falls-between", "school", 5L),
                    ("phenomenon", "pohjois-savo", "disability.demanding", "school", 5L),
                    ("serviceGap", "kainuu", "", "", 5L),
                }));
        });
    }

    [Test]
    public async Task Another_areas_numbers_are_not_found_and_nonsense_is_refused()
    {
        var coordinator = await _journal.As("coordinator-sisa");
        var expert = await _journal.As($"expert-{Guid.NewGuid()}");
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.StatisticsAsync(new StatisticsRequest { Area = "lansi" }, coordinator))!.StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _journal.Queues.StatisticsAsync(new StatisticsRequest(), expert))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        foreach (var quarter in new[] { "2026", "2026-Q5", "2026-Q0", "1999-Q1", "2026-q1", " 2026-Q1", "2026-Q1\n" })
        {
            Calls.Refused(async () => await _journal.Queues.StatisticsAsync(new StatisticsRequest { Quarter = quarter }, coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        }
    }

    private static Happenings Opened(string area)
    {
        var told = new Happenings(Guid.CreateVersion7(), area);
        told.Submitted();
        return told;
    }

    private static Happenings Weighed(string area, string row, Route recommended, (Route Route, string? Reason, string By) decided)
    {
        var told = Opened(area);
        told.Triage(at => new CaseAssessed(told.Consultation, told.Consultation, recommended, [Ground.Complexity], row, false, "default.1", at));
        told.Triage(at => Decision(told.Consultation, area, decided.Route, decided.Reason, decided.By, at));
        return told;
    }

    private static RouteDecided Decision(Guid id, string area, Route route, string? reason, string by, DateTimeOffset at) =>
        new(id, id, area, route, [Ground.Complexity], [], false, false, [], "default.1", by, reason, at, at.AddDays(5));

    private static void Signal(Happenings told, string area, string county, IReadOnlyList<string> topics, IReadOnlyList<string> services) =>
        told.Triage(at => new PhenomenonSignalled(told.Consultation, told.Consultation, area, county, topics, services, ["falls-between"], at));

    private async Task Tell(IReadOnlyList<Happenings> told)
    {
        var all = told.SelectMany(each => each.All).ToList();
        await _journal.Publish(all);
        await _journal.WrittenDown(all);
    }
}

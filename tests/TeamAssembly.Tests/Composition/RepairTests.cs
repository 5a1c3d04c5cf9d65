using OtPlatform.TeamAssembly.Composition;
using static OtPlatform.TeamAssembly.Tests.Composition.Given;

namespace OtPlatform.TeamAssembly.Tests.Composition;

[TestFixture]
internal sealed class RepairTests
{
    private static readonly Need[] Two = [Weekly("a"), Weekly("b")];

    [Test]
    public void Who_accepted_stays_even_if_one_expert_could_do_it_all()
    {
        var team = Repaired(Problem(Two, Expert(1, "a", "b"), Expert(2, "a"), Expert(3, "b").At(DistanceStep.External)), (2, ["a"]));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(team.NeedsOf(1), Is.EqualTo(new[] { "b" }));
            Assert.That(team.Members.Select(member => member.Stays), Is.EqualTo(new[] { false, true }));
        });
    }

    [Test]
    public void Who_accepted_takes_a_further_need_before_another_member_joins()
    {
        var team = Repaired(Problem(Two, Expert(1, "a", "b").At(DistanceStep.External).Free(240, 240), Expert(2, "b")), (1, ["a"]));
        Assert.That(team.NeedsOf(1), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Without_the_hours_for_a_further_need_another_member_joins()
    {
        var team = Repaired(Problem(Two, Expert(1, "a", "b").Free(239, 239), Expert(2, "b")), (1, ["a"]));
        Assert.That(team.Numbers(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Who_stays_counts_towards_the_members() =>
        Assert.That(
            Composer.Repair(Problem(Two, Expert(1, "a"), Expert(2, "b")) with { MaxMembers = 1 }, [new StayingMember(Id(1), [new KeptNeed("a")])]).Unmet,
            Is.EqualTo(new[] { "b" }));

    [Test]
    public void Who_accepted_and_was_suspended_since_keeps_the_needs_but_takes_no_more() =>
        Assert.That(
            Repaired(Problem(Two, Expert(1, "a", "b") with { Exclusion = Exclusion.Suspended }), (1, ["a"])).Unmet,
            Is.EqualTo(new[] { "b" }));

    [Test]
    public void The_week_that_was_accepted_is_kept()
    {
        var team = Composer.Repair(
            Problem([Once("a"), Once("b")], Expert(1, "a", "b").Free(120, 120)),
            [new StayingMember(Id(1), [new KeptNeed("a", FirstWeek.AddDays(7))])]);
        Assert.That(team.Members[0].Needs.Select(met => met.Week), Is.EqualTo(new DateOnly?[] { FirstWeek.AddDays(7), FirstWeek }));
    }

    [Test]
    public void Who_stays_has_to_be_among_the_candidates_and_a_need_is_kept_once() =>
        Assert.Multiple(() =>
        {
            Assert.That(() => Repaired(Problem(Two, Expert(1, "a")), (9, ["a"])), Throws.ArgumentException);
            Assert.That(() => Repaired(Problem(Two, Expert(1, "a"), Expert(2, "a")), (1, ["a"]), (2, ["a"])), Throws.ArgumentException);
        });

    private static ComposedTeam Repaired(CompositionProblem problem, params (int Expert, string[] Needs)[] staying) =>
        Composer.Repair(problem, [.. staying.Select(member => new StayingMember(Id(member.Expert), [.. member.Needs.Select(need => new KeptNeed(need))]))]);
}

using OtPlatform.TeamAssembly.Composition;
using static OtPlatform.TeamAssembly.Tests.Composition.Given;

namespace OtPlatform.TeamAssembly.Tests.Composition;

[TestFixture]
internal sealed class ComposeTests
{
    private static readonly Need[] One = [Weekly("a")];
    private static readonly Need[] Two = [Weekly("a"), Weekly("b")];

    [Test]
    public void One_expert_with_hours_for_both_needs_goes_before_two_who_are_nearer() =>
        Assert.That(
            Composed(Two, Expert(1, "a", "b").At(DistanceStep.OtherArea).Free(240, 240), Expert(2, "a"), Expert(3, "b")).Numbers(),
            Is.EqualTo(new[] { 1 }));

    [Test]
    public void With_three_hours_for_two_needs_of_two_the_two_nearer_experts_are_chosen_because_hours_add()
    {
        var team = Composed(Two, Expert(1, "a", "b").At(DistanceStep.OtherArea).Free(180, 180), Expert(2, "a"), Expert(3, "b"));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2, 3 }));
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.Hours, 180, 240, Date: FirstWeek)));
        });
    }

    [Test]
    public void Of_two_equal_experts_the_less_loaded_is_chosen()
    {
        var team = Composed(One, Expert(1, "a").LoadedTo(500), Expert(2, "a").LoadedTo(300));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.Cost, Is.EqualTo(new CompositionCost(0, 0, 1, 0, 400 * 400, 0)));
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.Load, 600, 400)));
        });
    }

    [TestCase(120, true)]
    [TestCase(119, false)]
    public void Every_week_needs_the_hours_free(int freeInSecondWeek, bool chosen) =>
        Assert.That(Composed(One, Expert(1, "a").Free(1200, freeInSecondWeek)).Members, Has.Count.EqualTo(chosen ? 1 : 0));

    [TestCase(60, 120, 1)]
    [TestCase(120, 120, 0)]
    [TestCase(119, 119, -1)]
    public void A_need_that_is_met_once_takes_the_earliest_week_with_room(int first, int second, int week)
    {
        var members = Composed([Once("a")], Expert(1, "a").Free(first, second)).Members;
        Assert.That(members.Select(member => member.Needs[0].Week), Is.EqualTo(week < 0 ? Array.Empty<DateOnly?>() : [FirstWeek.AddDays(7 * week)]));
    }

    [TestCase(120, 120, true)]
    [TestCase(239, 119, false)]
    [TestCase(0, 240, true)]
    public void Two_needs_that_are_met_once_may_share_a_week_or_not(int first, int second, bool both) =>
        Assert.That(Composed([Once("a"), Once("b")], Expert(1, "a", "b").Free(first, second)).Unmet, Has.Count.EqualTo(both ? 0 : 1));

    [TestCase("2027-01-17", true)]
    [TestCase("2027-01-16", false)]
    public void The_agreement_covers_the_period_to_its_last_day(string until, bool chosen)
    {
        var team = Composed(One, Expert(1, "a") with { AgreementUntil = DateOnly.Parse(until, null) });
        Assert.Multiple(() =>
        {
            Assert.That(team.Members, Has.Count.EqualTo(chosen ? 1 : 0));
            Assert.That(chosen || team.WhyNot(1) == new Loss(LossReason.Agreement, Date: new DateOnly(2027, 1, 17)));
        });
    }

    [TestCase("2027-01-04", true)]
    [TestCase("2027-01-05", false)]
    public void The_agreement_covers_the_period_from_its_first_day(string from, bool chosen) =>
        Assert.That(Composed(One, Expert(1, "a") with { AgreementFrom = DateOnly.Parse(from, null) }).Members, Has.Count.EqualTo(chosen ? 1 : 0));

    [TestCase(Exclusion.Suspended, LossReason.Suspended)]
    [TestCase(Exclusion.ConflictOfInterest, LossReason.ConflictOfInterest)]
    [TestCase(Exclusion.DeclinedBefore, LossReason.DeclinedBefore)]
    [TestCase(Exclusion.Excluded, LossReason.Excluded)]
    public void An_excluded_expert_is_not_chosen_and_the_reason_is_given(Exclusion exclusion, LossReason reason)
    {
        var team = Composed(One, Expert(1, "a") with { Exclusion = exclusion }, Expert(2, "a").At(DistanceStep.External));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(reason)));
        });
    }

    [TestCase("remote", true)]
    [TestCase("onSite", false)]
    [TestCase(null, true)]
    public void The_channel_has_to_be_possible(string? channel, bool chosen)
    {
        var team = Composed([Weekly("a") with { Channel = channel }], Expert(1, "a"));
        Assert.Multiple(() =>
        {
            Assert.That(team.Members, Has.Count.EqualTo(chosen ? 1 : 0));
            Assert.That(chosen || team.WhyNot(1) == new Loss(LossReason.Channel, Need: "a", Code: channel));
        });
    }

    [TestCase("sv", true)]
    [TestCase("fi", false)]
    public void The_request_in_Swedish_needs_a_speaker_of_Swedish(string spoken, bool chosen)
    {
        var team = Composed([Weekly("a") with { Language = "sv" }], Expert(1, "a") with { Languages = [spoken] });
        Assert.Multiple(() =>
        {
            Assert.That(team.Members, Has.Count.EqualTo(chosen ? 1 : 0));
            Assert.That(chosen || team.WhyNot(1) == new Loss(LossReason.Language, Need: "a", Code: "sv"));
        });
    }

    [Test]
    public void G9_19_a_request_in_Swedish_gets_the_distant_speaker_of_Swedish_and_not_the_near_one_of_Finnish()
    {
        var team = Composed([Weekly("a") with { Language = "sv" }], Expert(1, "a"), Expert(2, "a").At(DistanceStep.External) with { Languages = ["sv"] });
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.LanguageFallback, Is.Null);
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.Language, Need: "a", Code: "sv")));
        });
    }

    [Test]
    public void A_distant_speaker_of_Sami_goes_before_a_near_speaker_of_Finnish()
    {
        var team = Composed([Weekly("a") with { Language = "se" }], Expert(1, "a"), Expert(2, "a").At(DistanceStep.External) with { Languages = ["se"] });
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.LanguageFallback, Is.Null);
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.FallbackLanguage, 1, 0)));
        });
    }

    [Test]
    public void Where_the_search_in_Sami_fails_Finnish_will_do_for_that_need_alone_and_it_is_recorded()
    {
        var team = Composed(
            [Weekly("a") with { Language = "se" }, Weekly("b") with { Language = "se" }],
            Expert(1, "a", "b"),
            Expert(2, "a").At(DistanceStep.External) with { Languages = ["se"] });
        Assert.Multiple(() =>
        {
            Assert.That(team.NeedsOf(1), Is.EqualTo(new[] { "b" }));
            Assert.That(team.NeedsOf(2), Is.EqualTo(new[] { "a" }));
            Assert.That((team.LanguageFallback!.From, team.LanguageFallback.To), Is.EqualTo(("se", "fi")));
            Assert.That(team.LanguageFallback.Needs, Is.EqualTo(new[] { "b" }));
        });
    }

    [TestCase(1, 1)]
    [TestCase(2, 0)]
    public void There_are_never_more_members_than_allowed(int most, int unmet) =>
        Assert.That(Composer.Compose(Problem(Two, Expert(1, "a"), Expert(2, "b")) with { MaxMembers = most }).Unmet, Has.Count.EqualTo(unmet));

    [Test]
    public void Meeting_a_need_goes_before_fewer_members() =>
        Assert.That(Composed(Two, Expert(1, "a").At(DistanceStep.External), Expert(2, "b").LoadedTo(900)).Unmet, Is.Empty);

    [Test]
    public void Fewer_members_go_before_less_distance()
    {
        var team = Composed(Two, Expert(1, "a", "b").At(DistanceStep.External), Expert(2, "a"), Expert(3, "b"));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 1 }));
            Assert.That(team.WhyNot(2), Is.EqualTo(new Loss(LossReason.Members, 2, 1)));
        });
    }

    [TestCase(DistanceStep.OwnCounty, DistanceStep.OwnArea)]
    [TestCase(DistanceStep.OwnArea, DistanceStep.LeadArea)]
    [TestCase(DistanceStep.LeadArea, DistanceStep.OtherArea)]
    [TestCase(DistanceStep.OtherArea, DistanceStep.External)]
    public void The_nearer_expert_goes_before_the_less_loaded(DistanceStep nearer, DistanceStep farther)
    {
        var team = Composed(One, Expert(1, "a").At(farther), Expert(2, "a").At(nearer).LoadedTo(800));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.Members[0].Distance, Is.EqualTo(nearer));
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.Distance, (int)farther, (int)nearer)));
        });
    }

    [Test]
    public void The_lead_area_counts_once_for_a_member_with_several_needs_if_it_leads_any_of_them() =>
        Assert.That(
            Composed([Weekly("a"), Weekly("b") with { LeadArea = null }], Expert(1, "a", "b").At(DistanceStep.LeadArea)).Cost.Distance,
            Is.EqualTo((int)DistanceStep.LeadArea));

    [Test]
    public void Loads_that_differ_by_less_than_a_per_mille_are_equal() =>
        Assert.That(Composed(One, Expert(1, "a") with { CommittedMinutes = [361, 361], WorkedWithUnitBefore = true }, Expert(2, "a") with { CommittedMinutes = [360, 360] }).Numbers(), Is.EqualTo(new[] { 1 }));

    [Test]
    public void Less_load_goes_before_having_worked_with_the_unit() =>
        Assert.That(Composed(One, Expert(1, "a").LoadedTo(350) with { WorkedWithUnitBefore = true }, Expert(2, "a").LoadedTo(300)).Numbers(), Is.EqualTo(new[] { 2 }));

    [Test]
    public void Two_moderate_loads_go_before_a_high_and_a_low_one() =>
        Assert.That(
            Composed(Two, Expert(1, "a").LoadedTo(400), Expert(2, "b").LoadedTo(400), Expert(3, "a").LoadedTo(700), Expert(4, "b").LoadedTo(200)).Numbers(),
            Is.EqualTo(new[] { 1, 4 }));

    [Test]
    public void Having_worked_with_the_unit_goes_before_the_smaller_id()
    {
        var team = Composed(One, Expert(1, "a"), Expert(2, "a") with { WorkedWithUnitBefore = true });
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2 }));
            Assert.That(team.WhyNot(1), Is.EqualTo(new Loss(LossReason.WorkedBefore, 0, 1)));
        });
    }

    [Test]
    public void Where_nothing_else_decides_the_smaller_ids_do()
    {
        var team = Composed(Two, Expert(4, "a"), Expert(2, "a"), Expert(3, "b"), Expert(5, "b"));
        Assert.Multiple(() =>
        {
            Assert.That(team.Numbers(), Is.EqualTo(new[] { 2, 3 }));
            Assert.That(team.WhyNot(4), Is.EqualTo(new Loss(LossReason.Id)));
        });
    }

    [Test]
    public void A_need_that_nobody_is_competent_for_is_named()
    {
        var team = Composed(Two, Expert(1, "a"));
        Assert.Multiple(() =>
        {
            Assert.That(team.Unmet, Is.EqualTo(new[] { "b" }));
            Assert.That(team.Optimal, Is.True);
            Assert.That(team.Bound, Is.EqualTo(team.Cost));
        });
    }

    [Test]
    public void Nobody_at_all_is_an_empty_team() => Assert.That(Composed(Two).Unmet, Is.EqualTo(new[] { "a", "b" }));

    [Test]
    public void The_team_says_through_what_each_member_is_competent() =>
        Assert.That(
            Composed(One, Expert(1) with { Competences = [new Competence("a", "method.dbt")] }).Members[0].Needs,
            Is.EqualTo(new[] { new MetNeed("a", "method.dbt", "fi", null) }));

    [Test]
    public void The_search_records_how_many_could_help_at_each_step_outwards() =>
        Assert.That(
            Composed(One, Expert(1, "a"), Expert(2, "a").At(DistanceStep.OwnArea), Expert(3, "a").At(DistanceStep.LeadArea), Expert(4, "a").At(DistanceStep.LeadArea), Expert(5, "a").At(DistanceStep.External).Free(0, 0), Expert(6))
                .Widening.Select(step => step.Candidates),
            Is.EqualTo(new[] { 1, 1, 2, 0, 0 }));

    [Test]
    public void The_five_nearest_who_were_not_chosen_come_in_the_order_of_the_objective() =>
        Assert.That(
            Composed(One, [Expert(1, "a").At(DistanceStep.External), .. Enumerable.Range(2, 6).Select(number => Expert(number, "a").LoadedTo(900 - (100 * number)))])
                .Alternatives.Select(alternative => Number(alternative.ExpertId)),
            Is.EqualTo(new[] { 6, 5, 4, 3, 2 }));

    [Test]
    public void Every_hard_rule_that_kept_an_expert_out_is_named() =>
        Assert.That(
            Composed([Weekly("a") with { Channel = "onSite" }], (Expert(1, "a") with { Languages = ["sv"], Exclusion = Exclusion.Suspended }).Free(60, 60))
                .Alternatives.Single().Lost.Select(loss => loss.Reason),
            Is.EqualTo(new[] { LossReason.Suspended, LossReason.Language, LossReason.Channel, LossReason.Hours }));

    [Test]
    public void A_problem_that_contradicts_itself_is_refused() =>
        Assert.Multiple(() =>
        {
            Assert.That(() => Composed([Weekly("a"), Weekly("a")]), Throws.ArgumentException);
            Assert.That(() => Composed(One, Expert(1, "a"), Expert(1, "a")), Throws.ArgumentException);
            Assert.That(() => Composed(One, Expert(1, "a").Free(120)), Throws.ArgumentException);
            Assert.That(() => Composer.Compose(Problem(One) with { FirstWeek = FirstWeek.AddDays(1) }), Throws.ArgumentException);
        });
}

using OtPlatform.ExpertPool.Experts;
using OtPlatform.Platform.Http;
using OtPlatform.Testing;
using static OtPlatform.ExpertPool.Tests.Experts.Experts;

namespace OtPlatform.ExpertPool.Tests.Experts;

[TestFixture]
internal sealed class SearchExpertsTests
{
    /// <summary>A Friday; its week began on the sixteenth.</summary>
    private static readonly DateOnly Today = new(2026, 11, 20);

    private static readonly WantedExpert Anybody = new(null, null, null, null, null, null, null, 1);

    [Test]
    public void Each_rule_that_is_asked_for_says_what_it_found()
    {
        var wanted = Anybody with { Topic = "trauma.severe", Sector = "social", Language = "sv", Channel = "virtual", WeeklyHours = 5, Weeks = 2 };
        Assert.That(
            SearchExperts.Weigh(Entry(Registered, Reserved), wanted, Today),
            Is.EqualTo(new SearchReason[]
            {
                new("topic", true, "trauma.severe"),
                new("sector", false, "health"),
                new("language", false, "fi, se"),
                new("channel", true, "virtual"),
                new("hours", false, "2"),
                new("agreement", true, "2026-01-01/.."),
                new("suspended", true, "notSuspended"),
            }));
    }

    [Test]
    public void What_is_not_asked_for_is_not_weighed_but_agreement_and_suspension_always_are() =>
        Assert.That(SearchExperts.Weigh(Entry(Registered), Anybody, Today).Select(reason => reason.Rule), Is.EqualTo(new[] { "agreement", "suspended" }));

    [TestCase(2.0, true)]
    [TestCase(2.25, false)]
    public void Free_hours_are_what_is_left_in_the_fullest_of_the_weeks(double hours, bool holds)
    {
        var wanted = Anybody with { WeeklyHours = (decimal)hours, Weeks = 3 };
        Assert.That(SearchExperts.Weigh(Entry(Registered, Reserved), wanted, Today).Single(reason => reason.Rule == "hours").Holds, Is.EqualTo(holds));
    }

    [TestCase(0, true)]
    [TestCase(-1, false)]
    public void An_agreement_has_to_last_as_long_as_the_weeks(int days, bool holds)
    {
        var until = Today.AddDays((7 * 4) - 1 + days);
        var entry = Entry(Registered with { Facts = Plain with { Agreement = new Agreement(Today, until) } });
        Assert.That(SearchExperts.Weigh(entry, Anybody with { Weeks = 4 }, Today)[0].Holds, Is.EqualTo(holds));
    }

    [Test]
    public void Without_an_agreement_or_suspended_nobody_fits()
    {
        ExpertDirectoryEntry[] entries = [Entry(Registered with { Facts = Plain with { Agreement = null } }), Entry(Registered, Suspended)];
        foreach (var entry in entries)
        {
            Assert.Multiple(() =>
            {
                Assert.That(new FoundExpert(entry, SearchExperts.Weigh(entry, Anybody, Today)).Fits, Is.False);
                Assert.That(entry.FreeHours(Today, 12), Has.All.Matches<WeekHours>(week => week.Hours == 0));
            });
        }
    }

    [Test]
    public void The_nearest_come_first_then_the_freest_and_who_lacks_least_of_those_who_do_not_fit()
    {
        var (own, sameArea, freer, elsewhere, external) = (
            Named(1, Plain), Named(2, Plain with { County = "kainuu" }), Named(3, Plain with { County = "kainuu", WeeklyHours = 6 }),
            Named(4, Plain with { County = "pirkanmaa", Area = "sisa" }), Named(5, Plain with { County = null, Area = null }));
        var (oneShort, twoShort) = (Named(6, Plain with { Languages = ["sv"] }), Named(7, Plain with { Languages = ["sv"], Topics = [] }));
        var wanted = Anybody with { County = "lappi", Area = "pohjoinen", Language = "fi", Topic = "trauma.severe" };
        var (fits, not) = SearchExperts.Sort([twoShort, external, elsewhere, sameArea, freer, own, oneShort], wanted, Today);
        Assert.Multiple(() =>
        {
            Assert.That(fits.Select(found => found.Expert), Is.EqualTo(new[] { own, freer, sameArea, elsewhere, external }));
            Assert.That(not.Select(found => found.Expert), Is.EqualTo(new[] { oneShort, twoShort }));
        });
    }

    [Test]
    public void Unknown_codes_are_named_by_their_path()
    {
        var refused = Assert.Throws<InvalidInputException>(() => SearchExperts.Wanted("x", "x", "x", "x", "x", "x", 41, 53, Repository.Catalogue))!;
        Assert.That(refused.Errors.Keys, Is.EquivalentTo(new[] { "$.topic", "$.sector", "$.county", "$.area", "$.language", "$.channel", "$.weeklyHours", "$.weeks" }));
    }

    [Test]
    public void A_county_stands_for_its_area_and_empty_words_ask_for_nothing() =>
        Assert.That(SearchExperts.Wanted("", "", "lappi", "", "", "", 0, 0, Repository.Catalogue), Is.EqualTo(Anybody with { County = "lappi", Area = "pohjoinen" }));

    [Test]
    public void Free_hours_are_shown_week_by_week_as_far_as_the_agreement_reaches()
    {
        var entry = Entry(Registered with { Facts = Plain with { Agreement = new Agreement(new DateOnly(2026, 1, 1), Second.AddDays(2)) } }, Reserved);
        Assert.That(
            entry.FreeHours(Today, 4),
            Is.EqualTo(new WeekHours[] { new(First.AddDays(-7), 4), new(First, 2), new(Second, 2), new(Third, 0) }));
    }

    private static ExpertDirectoryEntry Entry(params ExpertEvent[] happened) => ExpertDirectoryEntry.Fold(happened, happened.Length)!;

    private static ExpertDirectoryEntry Named(byte number, ExpertFacts facts) =>
        Entry(new ExpertRegistered(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number), facts, Now));
}

using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The pool at the console: who can be asked and why, an expert's weeks, coverage and what nobody covered (C-133, C-150).</summary>
[TestFixture]
internal sealed class ExpertPoolPagesTests
{
    private const string Topic = "substance.child-or-youth";
    private static readonly string Someone = Happenings.Expert(51).ToString();
    private RunningConsole _console = null!;
    private Browser _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_pool_pages");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task The_search_shows_who_can_be_asked_and_what_the_others_lack_in_words()
    {
        var other = Happenings.Expert(52).ToString();
        _console.Owners.Answer<SearchRequest>(Topic, _ => new SearchResponse
        {
            Fits = { new Found { Expert = Facts(Someone), Reasons = { Reason("topic", true, Topic), Reason("hours", true, "6.5"), Reason("agreement", true, "2026-01-01/.."), Reason("suspended", true, "notSuspended") } } },
            DoesNotFit = { new Found { Expert = Facts(other), Reasons = { Reason("topic", true, Topic), Reason("language", false, "sv, en"), Reason("agreement", false, "none"), Reason("suspended", false, "suspended") } } },
        });
        var empty = await _coordinator.Get("/experts");
        var page = await _coordinator.Get($"/experts?topic={Topic}&county=pirkanmaa&sector=&language=fi&channel=&hours=6%2C5&weeks=8");
        Assert.Multiple(() =>
        {
            Assert.That((empty.Count("form-experts"), empty.Count("expert"), empty.Count("experts-fits")), Is.EqualTo((1, 0, 0)));
            Assert.That(Sent<SearchRequest>(), Is.EqualTo(new SearchRequest { Topic = Topic, County = "pirkanmaa", Language = "fi", WeeklyHours = 6.5, Weeks = 8 }));
            Assert.That(page.Shown("reason"), Is.EqualTo(new[]
            {
                "Täyttyy: aihe: Lapsen tai nuoren päihteiden käyttö", "Täyttyy: vapaat tunnit: 6.5 h viikossa", "Täyttyy: sopimus: 1.1.2026–", "Täyttyy: keskeytys: käytettävissä",
                "Täyttyy: aihe: Lapsen tai nuoren päihteiden käyttö", "Ei täyty: kieli: ruotsi, englanti", "Ei täyty: sopimus: ei sopimusta", "Ei täyty: keskeytys: ei käytettävissä toistaiseksi",
            }));
            Assert.That(page.Text, Does.Contain($"<option value=\"{Topic}\" selected").And.Contain("value=\"6,5\""), "What was looked for stays in its fields.");
        });
    }

    [TestCase("hours=many")]
    [TestCase("hours=41")]
    [TestCase("hours=-1")]
    [TestCase("weeks=0")]
    [TestCase("weeks=53")]
    [TestCase("weeks=1.5")]
    public async Task Numbers_that_make_no_sense_are_said_and_nobody_is_asked(string query)
    {
        var asked = _console.Owners.Calls.Count;
        var page = await _coordinator.Get($"/experts?{query}");
        Assert.Multiple(() =>
        {
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(page.Count("refusal"), Is.EqualTo(1));
            Assert.That(_console.Owners.Calls, Has.Count.EqualTo(asked));
        });
    }

    [Test]
    public async Task What_the_pool_refuses_is_said_and_the_form_stays()
    {
        _console.Owners.Refuse<SearchRequest>("adoption", StatusCode.Unavailable, "platform.unavailable");
        var page = await _coordinator.Get("/experts?topic=adoption");
        Assert.Multiple(() =>
        {
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That((page.Count("refusal"), page.Count("form-experts")), Is.EqualTo((1, 1)));
        });
    }

    [Test]
    public async Task An_experts_weeks_show_what_is_confirmed_what_is_asked_and_what_is_left()
    {
        var expert = Facts(Someone);
        expert.Reservations.Add(new Reservation { Confirmed = true, Weeks = { new WeekHours { Monday = "2027-01-04", Hours = 3 }, new WeekHours { Monday = "2027-01-11", Hours = 3 } } });
        expert.Reservations.Add(new Reservation { Weeks = { new WeekHours { Monday = "2027-01-11", Hours = 1.5 } } });
        _console.Owners.Answer<GetExpertRequest>(Someone, _ => expert);
        var page = await _coordinator.Get($"/experts/{Someone}");
        var unknown = await _coordinator.Get($"/experts/{Guid.CreateVersion7()}");
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("week"), Is.EqualTo(new[] { "4.1.2027 3 h 0 h 5 h", "11.1.2027 3 h 1.5 h 3.5 h" }));
            Assert.That(page.Shown("expert-agreement"), Is.EqualTo(new[] { "1.1.2026–31.12.2027" }));
            Assert.That(unknown.Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Coverage_shows_the_empty_counties_of_ones_own_area_first_and_the_needs_that_nobody_covered()
    {
        _console.Owners.Answer<CoverageRequest>("sisa", _ => new CoverageResponse
        {
            Topics = { new CoveredTopic { Topic = Topic, Counties = { new CoveredCounty { County = "pirkanmaa", Experts = 4, WeeklyHours = 12.5 } }, EmptyCounties = { "kanta-hame" }, External = 2, KnowledgeHolders = 1 } },
        });
        _console.Owners.Answer<GapsRequest>("sisa", _ => new GapsResponse
        {
            Gaps = { new Gap { Area = "sisa", Kind = "topic", Code = Topic, Requests = 3, LastFoundAt = new DateTime(2027, 1, 4, 10, 0, 0, DateTimeKind.Utc).ToTimestamp(), ExpertsNow = 4 }, new Gap { Area = "sisa", Kind = "sector", Code = "justice", Requests = 1 } },
        });
        var page = await _coordinator.Get("/coverage");
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("cell"), Is.EqualTo(new[] { "4 12.5 h" }));
            Assert.That(page.Text, Does.Contain("data-test=\"empty-cell\" data-code=\"kanta-hame\"").And.Not.Contain("data-code=\"lappi\""));
            Assert.That(page.Shown("gap"), Is.EqualTo(new[] { "Lapsen tai nuoren päihteiden käyttö Sisä-Suomi 3 4.1.2027 klo 12.00 4", "Oikeus ja turvallisuus Sisä-Suomi 1 – –" }));
        });
    }

    [Test]
    public async Task The_whole_country_is_one_choice_away_and_an_area_that_is_none_is_not_found()
    {
        _console.Owners.Answer<CoverageRequest>(string.Empty, _ => new CoverageResponse { Topics = { new CoveredTopic { Topic = Topic, EmptyCounties = { "lappi" } } } });
        _console.Owners.Answer<GapsRequest>(string.Empty, _ => new GapsResponse());
        var page = await _coordinator.Get("/coverage?area=all");
        var none = await _coordinator.Get("/coverage?area=nowhere");
        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain("data-test=\"empty-cell\" data-code=\"lappi\""));
            Assert.That(page.Count("no-gaps"), Is.EqualTo(1));
            Assert.That(none.Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [TestCase("/experts")]
    [TestCase("/coverage")]
    public async Task An_expert_and_an_operator_do_not_see_the_pool(string address)
    {
        foreach (var other in new[] { $"expert-{Someone}", "operator" })
        {
            using var browser = await _console.Browser().SignedIn(other);
            Assert.That((await browser.Get(address)).Status, Is.EqualTo(HttpStatusCode.NotFound), other);
        }
    }

    private static Expert Facts(string id) => new()
    {
        ExpertId = id,
        Sector = "health",
        Profession = "psychologist",
        Organisation = "hospital-1",
        Engagement = "partTime",
        County = "pirkanmaa",
        Area = "sisa",
        Topics = { Topic },
        Languages = { "fi" },
        Channels = { "virtual" },
        WeeklyHours = 8,
        AgreementFrom = "2026-01-01",
        AgreementUntil = "2027-12-31",
        EmployerConsents = true,
    };

    private static Reason Reason(string rule, bool holds, string found) => new() { Rule = rule, Holds = holds, Found = found };

    private T Sent<T>() => _console.Owners.Calls.Select(call => call.Request).OfType<T>().Last();
}

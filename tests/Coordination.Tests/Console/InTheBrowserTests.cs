using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.ExpertPool.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The console in a real browser: live without a reload, nothing typed is lost, usable by all and on a small screen.</summary>
[TestFixture]
internal sealed class InTheBrowserTests
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly string[] Flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    private static readonly string Packages = Path.Combine(Repository.Root, "tests", "Coordination.Tests", "browser");

    private RunningConsole _console = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_browser", onPort: true);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Flags });
        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]) { WorkingDirectory = Packages, RedirectStandardError = true })!;
        await npm.WaitForExitAsync();
        Assert.That(npm.ExitCode, Is.Zero);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task A_new_request_and_each_change_of_it_appear_without_a_reload()
    {
        await using var context = await Context();
        var page = await SignedIn(context, "coordinator-sisa");
        await page.EvaluateAsync("window.neverReloaded = true");
        var told = await _console.Told();
        var row = page.Locator($"[data-test=queue-row][data-id='{told.Consultation}']");
        await Assertions.Expect(row.Locator("[data-test=queue-status]")).ToHaveTextAsync("Vastaanotettu");
        var before = await Number(page, "count-all");
        told.Intake(at => new ConsultationStatusChanged(told.Consultation, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddDays(1), at));
        await _console.Journal.Publish(told.All[^1]);
        await Assertions.Expect(row.Locator("[data-test=queue-status]")).ToHaveTextAsync("Arvioitavana");
        told.Intake(at => new ConsultationWithdrawn(told.Consultation, at));
        await _console.Journal.Publish(told.All[^1]);
        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Multiple(async () =>
        {
            Assert.That(await Number(page, "count-all"), Is.EqualTo(before - 1));
            Assert.That(await page.EvaluateAsync<bool>("window.neverReloaded === true"), Is.True);
            Assert.That(await page.Locator("#announcer").TextContentAsync(), Is.EqualTo("Näkymä on päivittynyt."));
        });
    }

    [Test]
    public async Task What_is_being_typed_stays_while_the_page_changes_around_it()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<GetTeamRequest>(id, _ => new Team { Id = id, Status = "guidance" });
        await using var context = await Context();
        var page = await SignedIn(context, "coordinator-sisa", $"/consultations/{id}");
        await page.GetByTestId("guidance-text").FillAsync("Kokeilkaa ensin");
        told.Intake(at => new ConsultationStatusChanged(told.Consultation, ConsultationStatus.InTriage, Accountable.Coordinator, at.AddDays(1), at));
        await _console.Journal.Publish(told.All[^1]);
        await Assertions.Expect(page.GetByTestId("status")).ToHaveTextAsync("Arvioitavana");
        await Assertions.Expect(page.GetByTestId("guidance-text")).ToHaveValueAsync("Kokeilkaa ensin");
        await Assertions.Expect(page.GetByTestId("guidance-text")).ToBeFocusedAsync();
    }

    [Test]
    public async Task Without_a_script_the_same_is_done_with_forms_and_links()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<DecideRouteRequest>(id, _ => new TriageCase());
        await using var context = await Context(script: false);
        var page = await SignedIn(context, "coordinator-sisa");
        await page.Locator($"[data-test=queue-row][data-id='{id}'] [data-test=queue-link]").ClickAsync();
        await page.GetByTestId("confirm-route").ClickAsync();
        await Assertions.Expect(page.GetByTestId("done")).ToHaveTextAsync("Reitti on päätetty.");
    }

    [TestCase("fi")]
    [TestCase("sv")]
    [TestCase("en")]
    public async Task Nobody_is_shut_out_of_a_page(string language)
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _console.Journal.Publish(told.All);
        await _console.Journal.WrittenDown(told.All);
        _console.Owners.AwaitsDecision(told.Consultation);
        await using var context = await Context();
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.GetByTestId($"language-{language}").ClickAsync();
        await Fine(page);
        await page.GotoAsync("/sign-in");
        await page.GetByTestId("sign-in-coordinator-sisa").ClickAsync();
        await Fine(page);
        await page.GotoAsync($"/consultations/{told.Consultation}");
        await Fine(page);
        Assert.That(await page.Locator("html").GetAttributeAsync("lang"), Is.EqualTo(language));
    }

    [Test]
    public async Task A_small_screen_needs_no_scrolling_sideways()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _console.Journal.Publish(told.All);
        await _console.Journal.WrittenDown(told.All);
        _console.Owners.AwaitsDecision(told.Consultation);
        await using var context = await Context(width: 360);
        var page = await SignedIn(context, "coordinator-sisa");
        var queue = await Width(page);
        await page.GotoAsync($"/consultations/{told.Consultation}");
        var consultation = await Width(page);
        Assert.Multiple(() =>
        {
            Assert.That(queue, Is.LessThanOrEqualTo(360));
            Assert.That(consultation, Is.LessThanOrEqualTo(360));
        });
    }

    [TestCase("fi")]
    [TestCase("sv")]
    [TestCase("en")]
    public async Task Nobody_is_shut_out_of_the_pages_of_rules_numbers_and_assessment(string language)
    {
        var (told, expert) = await Ruled();
        await using var context = await Context(width: 360);
        var page = await SignedIn(context, "leadership-sisa", "/policies");
        await page.GetByTestId($"language-{language}").ClickAsync();
        foreach (var address in new[] { "/policies", "/policies/sisa", "/policies/sisa/what-if", "/instruments", "/instruments/demandingness", "/statistics" })
        {
            await Usable(page, address);
        }

        await using var others = await Context(width: 360);
        var coordinators = await SignedIn(others, "coordinator-sisa", "/queues");
        await coordinators.GetByTestId($"language-{language}").ClickAsync();
        await Usable(coordinators, $"/consultations/{told.Consultation}");
        await Usable(coordinators, $"/consultations/{told.Consultation}/screenings");
        foreach (var address in new[] { "/experts", "/experts?topic=adoption&county=lappi", $"/experts/{expert}", "/coverage?area=all" })
        {
            await Usable(coordinators, address);
        }

        await using var experts = await Context(width: 360);
        var assessor = await experts.NewPageAsync();
        await assessor.GotoAsync("/sign-in");
        await assessor.GetByTestId("sign-in-expert-id").FillAsync(expert.ToString());
        await assessor.GetByTestId("sign-in-expert").ClickAsync();
        await assessor.GetByTestId($"language-{language}").ClickAsync();
        await Usable(assessor, "/invitations");
        await Usable(assessor, $"/assessments/{told.Consultation}");
    }

    [Test]
    public async Task A_draft_is_written_with_the_keyboard_and_its_what_if_grows_until_it_is_counted()
    {
        await Ruled();
        var counted = new TaskCompletionSource();
        _console.Owners.Answer<WhatIfRequest>("sisa", _ => Counting(counted.Task));
        _console.Owners.Answer<DraftPolicyRequest>("sisa", _ => new Policy { Code = "sisa" });
        await using var context = await Context();
        var page = await SignedIn(context, "leadership-sisa", "/policies/sisa");
        await page.Locator("[data-test=edit-section][data-code=team] summary").PressAsync("Enter");
        await page.Locator("#setting-team-maxMembers").FillAsync("5");
        await page.GetByTestId("draft-reason").SelectOptionAsync("trial");
        await page.GetByTestId("draft-submit").PressAsync("Enter");
        await Assertions.Expect(page.GetByTestId("done")).ToHaveTextAsync("Luonnos on tallennettu.");
        await page.GetByTestId("what-if-link").ClickAsync();
        await Assertions.Expect(page.GetByTestId("what-if-done")).ToHaveTextAsync("1000 / 2000 tapausta, muuttuisi 1");
        await Assertions.Expect(page.GetByTestId("what-if-done")).ToHaveAttributeAsync("data-finished", "false");
        counted.SetResult();
        await Assertions.Expect(page.GetByTestId("what-if-done")).ToHaveTextAsync("2000 / 2000 tapausta, muuttuisi 7");
        await Assertions.Expect(page.GetByTestId("what-if-change")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#announcer")).ToHaveTextAsync("Laskettu");
    }

    [Test]
    public async Task A_policy_that_is_published_appears_without_a_reload()
    {
        await Ruled();
        await using var context = await Context();
        var page = await SignedIn(context, "coordinator-lansi", "/policies");
        var inForce = page.Locator("[data-test=policy-row][data-code=sisa] [data-test=policy-in-force]");
        await Assertions.Expect(inForce).ToHaveTextAsync("default.1+sisa.1");
        _console.Owners.Answer<GetPolicyRequest>("sisa", _ => new Policy { Code = "sisa", InForce = "default.1+sisa.2" });
        var told = new Happenings(Guid.CreateVersion7());
        told.Triage(at => new OtPlatform.Contracts.Triage.PolicyPublished(told.Consultation, "sisa", 2, "{}", new DateOnly(2026, 11, 23), at, "leadership-sisa", "trial", at));
        await _console.Journal.Publish(told.All[^1]);
        await Assertions.Expect(inForce).ToHaveTextAsync("default.1+sisa.2");
    }

    [Test]
    public async Task The_first_stop_of_the_keyboard_leads_past_the_header()
    {
        await using var context = await Context();
        var page = await SignedIn(context, "coordinator-sisa");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("a.skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main")).ToBeFocusedAsync();
    }

    private static async Task Usable(IPage page, string address)
    {
        var answer = await page.GotoAsync(address);
        Assert.That(answer!.Status, Is.EqualTo(200), address);
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(part => { part.open = true; })");
        await Fine(page);
        Assert.That(await Width(page), Is.LessThanOrEqualTo(360), address);
    }

    /// <summary>Policies and an instrument, a matter that awaits a decision, and an expert who is invited to assess it.</summary>
    private async Task<(Happenings Told, Guid Expert)> Ruled()
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.CataloguePath, "policies", "default.json"));
        Policy Of(string code, string document) => new()
        {
            Code = code,
            DocumentJson = document,
            DocumentVersion = 1,
            Version = 3,
            InForce = code == "default" ? "default.1" : $"default.1+{code}.1",
            ReasonCodes = { "trial" },
            Versions = { new PolicyVersion { Version = 1, EffectiveFrom = "2026-01-01", TakesEffectAt = At(DateTimeOffset.UnixEpoch), PublishedBy = "platform", ReasonCode = "shipped" } },
            Draft = code == "default" ? null : new PolicyDraft { Id = Guid.CreateVersion7().ToString(), DocumentJson = document, DraftedBy = "leadership-sisa", ReasonCode = "trial", DraftedAt = At(DateTimeOffset.UtcNow) },
        };
        _console.Owners.Answer<GetPolicyRequest>("default", _ => Of("default", shipped));
        foreach (var area in Repository.Catalogue.Areas)
        {
            _console.Owners.Answer<GetPolicyRequest>(area.Code, _ => Of(area.Code, """{ "team": { "maxMembers": 4, "leadAreas": { "substance.child-or-youth": "sisa" } } }"""));
        }

        _console.Owners.Answer<ValidatePolicyRequest>("sisa", _ => new PolicyFaults());
        _console.Owners.Answer<WhatIfRequest>("sisa", _ => Counting(Task.CompletedTask));
        var instrument = new OtPlatform.Protos.Triage.V1.Instrument
        {
            Code = "demandingness",
            DocumentJson = Repository.Catalogue.Instrument("demandingness", 1)!.Document(),
            DocumentVersion = 1,
            Versions = { new InstrumentVersion { Version = 1, Trial = true, PublishedBy = "platform" } },
        };
        _console.Owners.Answer<ListInstrumentsRequest>(string.Empty, _ => new ListInstrumentsResponse { Instruments = { instrument } });
        _console.Owners.Answer<GetInstrumentRequest>("demandingness", _ => instrument);
        var expert = Happenings.Expert(51);
        var known = new Expert { ExpertId = expert.ToString(), Sector = "health", Profession = "psychologist", Organisation = "hospital-1", Engagement = "ownStaff", Topics = { "adoption" }, Languages = { "fi" }, Suspended = true };
        known.Reservations.Add(new Reservation { Confirmed = true, Weeks = { new WeekHours { Monday = "2027-01-04", Hours = 3 } } });
        var reason = new Reason { Rule = "agreement", Found = "none" };
        _console.Owners.Answer<GetExpertRequest>(known.ExpertId, _ => known);
        _console.Owners.Answer<SearchRequest>("adoption", _ => new SearchResponse { Fits = { new Found { Expert = known } }, DoesNotFit = { new Found { Expert = known, Reasons = { reason } } } });
        _console.Owners.Answer<CoverageRequest>(string.Empty, _ => new CoverageResponse
        {
            Topics = { Repository.Catalogue.Topics.Select(topic => new CoveredTopic { Topic = topic.Code, EmptyCounties = { Repository.Catalogue.Counties.Select(county => county.Code) } }) },
        });
        _console.Owners.Answer<GapsRequest>(string.Empty, _ => new GapsResponse { Gaps = { new Gap { Area = "sisa", Kind = "topic", Code = "adoption", Requests = 1, LastFoundAt = At(DateTimeOffset.UtcNow) } } });
        var told = await _console.Told(told =>
        {
            told.Triage(at => new OtPlatform.Contracts.Triage.CaseAssessed(told.Consultation, told.Consultation, Route.HybridTeam, [Ground.Complexity], "complexity", false, "default.1", at));
            told.Triage(at => Happenings.Decided(told, at, Route.ExpertConsultation));
            told.Triage(at => new OtPlatform.Contracts.Triage.AssessorInvited(told.Consultation, told.Consultation, "sisa", expert, Guid.CreateVersion7(), "specialKnowledge", at, DateTimeOffset.UtcNow.AddDays(1)));
        });
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse());
        _console.Owners.Answer<Protos.Intake.V1.ReadNarrativeRequest>(id, _ => new Protos.Intake.V1.ReadNarrativeResponse { Narratives = { new Protos.Intake.V1.Narrative { Kind = "question", Text = "Miten eteenpäin?" } } });
        return (told, expert);
    }

    private static async IAsyncEnumerable<WhatIfProgress> Counting(Task counted)
    {
        var change = new RouteChange { Area = "sisa", From = "hybridTeam", To = "expertConsultation", Cases = 7 };
        yield return new WhatIfProgress { Cases = 2000, Done = 1000, Changed = 1 };
        await counted;
        yield return new WhatIfProgress { Cases = 2000, Done = 2000, Changed = 7, Changes = { change }, Finished = true };
    }

    private static Google.Protobuf.WellKnownTypes.Timestamp At(DateTimeOffset at) => Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at);

    private static Task<int> Width(IPage page) => page.EvaluateAsync<int>("document.documentElement.scrollWidth");

    private static async Task<int> Number(IPage page, string hook) => int.Parse((await page.GetByTestId(hook).TextContentAsync())!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Checks a page by the rules of WCAG 2.2 AA that a program can check, and that its policy let everything pass that it needs.</summary>
    private static async Task Fine(IPage page)
    {
        // Run by the browser's own tools: the page's policy would not let it in.
        var rules = await File.ReadAllTextAsync(Path.Combine(Packages, "node_modules", "axe-core", "axe.min.js"));
        await page.EvaluateAsync(rules);
        var found = await page.EvaluateAsync<JsonElement>("() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(result => result.violations.map(violation => violation.id + ': ' + violation.nodes.map(node => node.target).join(' ')))");
        Assert.That(found.EnumerateArray().Select(violation => violation.GetString()), Is.Empty, page.Url);
    }

    private async Task<IBrowserContext> Context(bool script = true, int width = 1280)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = _console.Journal.Host.Address.ToString(),
            JavaScriptEnabled = script,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        });
        context.SetDefaultTimeout(10_000);
        context.Console += (_, message) => Assert.That(message.Type, Is.Not.EqualTo("error"), message.Text);
        _playwright.Selectors.SetTestIdAttribute("data-test");
        return context;
    }

    private static async Task<IPage> SignedIn(IBrowserContext context, string clientId, string path = "/queues")
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync($"/sign-in?returnUrl={Uri.EscapeDataString(path)}");
        await page.GetByTestId($"sign-in-{clientId}").ClickAsync();
        await Assertions.Expect(page.Locator("main h1")).ToBeVisibleAsync();
        return page;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Coordination.Tests.Journal;
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

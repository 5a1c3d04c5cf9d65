using System.Net;
using OtPlatform.Coordination.Console.SignIn;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>Who gets in, how long, and what a browser is told to guard.</summary>
[TestFixture]
internal sealed class SessionTests
{
    private RunningConsole _console = null!;

    [OneTimeSetUp]
    public async Task Start() => _console = await RunningConsole.Start("coordination_session", ("Console:IdleLimit", "00:00:04"));

    [OneTimeTearDown]
    public async Task Stop() => await _console.DisposeAsync();

    [TestCase("/")]
    [TestCase("/queues")]
    [TestCase("/consultations/019ab000-0000-7000-8000-000000000001")]
    [TestCase("/invitations")]
    public async Task Whoever_is_not_signed_in_is_sent_to_the_sign_in(string path)
    {
        using var browser = _console.Browser();
        var page = await browser.Get(path);
        Assert.Multiple(() =>
        {
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.Redirect));
            Assert.That(page.Location, Does.Contain(SignInFeature.Path));
        });
    }

    [Test]
    public async Task A_page_that_refreshes_itself_is_told_to_sign_in_again()
    {
        using var browser = _console.Browser();
        var live = await browser.Get("/live");
        var part = await browser.Get("/queues", ("HX-Request", "true"));
        Assert.Multiple(() =>
        {
            Assert.That(live.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(part.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(part.Header("HX-Redirect"), Is.EqualTo(SignInFeature.Path));
        });
    }

    [Test]
    public async Task No_script_reads_a_cookie_and_no_other_site_sends_one()
    {
        using var browser = _console.Browser();
        var first = await browser.Get("/sign-in");
        var entered = await browser.Send(first, "/sign-in", ("clientId", "coordinator-sisa"));
        var language = await browser.Send(first, "/language", ("language", "sv"));
        var cookies = first.Cookies.Concat(entered.Cookies).Concat(language.Cookies).Select(cookie => cookie.ToLowerInvariant()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(cookies.Select(cookie => cookie.Split('=')[0]).Distinct(), Is.EquivalentTo(new[] { "ot-form", "ot-console", "ot-language" }));
            Assert.That(cookies, Has.All.Contain("httponly").And.All.Contain("samesite=strict"));
        });
    }

    [TestCase("/sign-in")]
    [TestCase("/queues")]
    [TestCase("/no-such-page")]
    public async Task A_page_allows_no_foreign_and_no_inline_content(string path)
    {
        using var browser = await _console.Browser().SignedIn("coordinator-sisa");
        var page = await browser.Get(path);
        Assert.Multiple(() =>
        {
            Assert.That(page.Header("Content-Security-Policy"), Does.Contain("default-src 'none'").And.Contain("script-src 'self'").And.Contain("frame-ancestors 'none'").And.Not.Contain("unsafe"));
            Assert.That(page.Header("X-Content-Type-Options"), Is.EqualTo("nosniff"));
            Assert.That(page.Header("Referrer-Policy"), Is.EqualTo("no-referrer"));
            Assert.That(page.Header("Cache-Control"), Does.Contain("no-store"));
            Assert.That(page.Text, Does.Not.Match("<script(?![^>]* src=)|<style| style=|javascript:| on[a-z]+="));
        });
    }

    [Test]
    public async Task A_form_without_its_token_changes_nothing()
    {
        using var browser = await _console.Browser().SignedIn("coordinator-sisa");
        var told = await _console.Told();
        _console.Owners.AwaitsDecision(told.Consultation);
        var refused = await browser.Post($"/consultations/{told.Consultation}/route", ("route", "hybridTeam"), ("form", "confirm"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(refused.Count("message"), Is.EqualTo(1));
            Assert.That(_console.Owners.Calls.Select(call => call.Request), Has.None.InstanceOf<Protos.Triage.V1.DecideRouteRequest>());
        });
    }

    [Test]
    public async Task An_idle_session_ends_although_its_page_refreshes_itself()
    {
        using var idle = await _console.Browser().SignedIn("coordinator-sisa");
        using var busy = await _console.Browser().SignedIn("coordinator-sisa");
        for (var second = 0; second < 6; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            await idle.Get("/queues", ("HX-Request", "true"));
            await busy.Get("/queues");
        }

        var (ended, lives) = (await idle.Get("/queues"), await busy.Get("/queues"));
        Assert.Multiple(() =>
        {
            Assert.That(ended.Status, Is.EqualTo(HttpStatusCode.Redirect));
            Assert.That(lives.Status, Is.EqualTo(HttpStatusCode.OK));
        });
    }

    [Test]
    public async Task Signing_out_ends_the_session()
    {
        using var browser = await _console.Browser().SignedIn("coordinator-sisa");
        await browser.Send(await browser.Get("/queues"), "/sign-out");
        Assert.That((await browser.Get("/queues")).Status, Is.EqualTo(HttpStatusCode.Redirect));
    }

    [Test]
    public async Task An_unknown_user_does_not_get_in()
    {
        using var browser = _console.Browser();
        var refused = await browser.Send(await browser.Get("/sign-in"), "/sign-in", ("clientId", "coordinator-nowhere"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(refused.Count("refusal"), Is.EqualTo(1));
        });
    }

    [TestCase("/queues?status=inTriage", "/queues?status=inTriage")]
    [TestCase("https://elsewhere.example/", "/")]
    [TestCase("//elsewhere.example/", "/")]
    [TestCase("/\\elsewhere.example", "/")]
    [TestCase(null, "/")]
    public void After_the_sign_in_nobody_is_sent_to_another_site(string? asked, string sentTo) => Assert.That(SignInFeature.LocalOnly(asked), Is.EqualTo(sentTo));

    [Test]
    public async Task The_chosen_language_stays()
    {
        using var browser = _console.Browser();
        var finnish = await browser.Get("/sign-in");
        await browser.Send(finnish, "/language", ("language", "sv"));
        var swedish = await browser.Get("/sign-in");
        Assert.Multiple(() =>
        {
            Assert.That(finnish.Text, Does.Contain("<html lang=\"fi\">").And.Contain("<h1>Kirjaudu sisään</h1>"));
            Assert.That(swedish.Text, Does.Contain("<html lang=\"sv\">").And.Contain("<h1>Logga in</h1>"));
        });
    }

    [Test]
    public async Task What_the_pages_load_is_there()
    {
        using var browser = _console.Browser();
        foreach (var file in new[] { "/lib/htmx.min.js", "/lib/idiomorph-ext.min.js", "/console.js", "/console.css", "/icon.svg" })
        {
            Assert.That((await browser.Get(file)).Status, Is.EqualTo(HttpStatusCode.OK), file);
        }
    }

    [TestCase("Owners:Triage", "Owners__Triage")]
    [TestCase("Console:KeysFolder", "Console__KeysFolder")]
    public void Without_a_required_setting_the_service_does_not_start_and_names_it(string setting, string named)
    {
        var failure = Assert.CatchAsync(async () => await ServiceHost<Program>.Start("coordination_missing", new Dictionary<string, string> { [setting] = string.Empty }));
        Assert.That(failure!.ToString(), Does.Contain(named));
    }
}

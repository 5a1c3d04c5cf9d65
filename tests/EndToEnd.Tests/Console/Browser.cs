using Microsoft.Playwright;

namespace OtPlatform.EndToEnd.Tests.Console;

/// <summary>Debian's Chromium, each person in a context of their own: cookies of one are not another's.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _address;

    private Browser(IPlaywright playwright, IBrowser browser, string address)
    {
        _playwright = playwright;
        _browser = browser;
        _address = address;
    }

    public static async Task<Browser> Start(string address)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Browser(playwright, browser, address);
    }

    /// <summary>A page of somebody who has just signed in.</summary>
    public async Task<IPage> SignIn(Func<IPage, Task> choose, int width = 1280)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = _address, Locale = "fi-FI", ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await choose(page);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

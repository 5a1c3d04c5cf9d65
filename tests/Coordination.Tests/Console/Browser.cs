using System.Net;
using System.Text.RegularExpressions;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>A browser without a script: keeps cookies, follows no redirect by itself, and sends the forms of the pages that it has seen.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _client;
    private readonly CookieContainer _cookies = new();

    public Browser(ServiceHost<Program> host)
    {
        // The handler of the test server knows no cookies.
        _client = new HttpClient(new Cookies(_cookies, host.Server.CreateHandler())) { BaseAddress = host.Server.BaseAddress };
    }

    /// <summary>Everything that a page has been answered with: status, headers and text.</summary>
    public async Task<Page> Get(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Page.Of(await _client.SendAsync(request));
    }

    /// <summary>An answer that goes on, from its headers.</summary>
    public async Task<HttpResponseMessage> Open(string path, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Sends a form as the page <paramref name="from"/> has it, with these values filled in.</summary>
    public async Task<Page> Send(Page from, string action, params (string Name, string Value)[] values)
    {
        var form = Forms().Matches(from.Text).Select(match => match.Value).First(form => form.Contains($"action=\"{action}\"", StringComparison.Ordinal) && values.All(value => form.Contains($"name=\"{value.Name}\"", StringComparison.Ordinal)));
        var hidden = Hidden().Matches(form).Select(match => (Name: match.Groups["name"].Value, WebUtility.HtmlDecode(match.Groups["value"].Value)));
        return await Post(action, [.. hidden.Where(field => values.All(value => value.Name != field.Name)), .. values]);
    }

    public async Task<Page> Post(string action, params (string Name, string Value)[] values)
    {
        using var content = new FormUrlEncodedContent(values.Select(value => KeyValuePair.Create(value.Name, value.Value)));
        return await Page.Of(await _client.PostAsync(action, content));
    }

    public async Task<Browser> SignedIn(string clientId)
    {
        var entered = await Send(await Get("/sign-in"), "/sign-in", ("clientId", clientId));
        Assert.That(entered.Status, Is.EqualTo(HttpStatusCode.SeeOther));
        return this;
    }

    public async Task<Browser> SignedInAsExpert(Guid expert)
    {
        var entered = await Send(await Get("/sign-in"), "/sign-in", ("expertId", expert.ToString()));
        Assert.That(entered.Status, Is.EqualTo(HttpStatusCode.SeeOther));
        return this;
    }

    public async Task<Browser> SignedInAsReceiver(string unit)
    {
        var entered = await Send(await Get("/sign-in"), "/sign-in", ("unit", unit));
        Assert.That(entered.Status, Is.EqualTo(HttpStatusCode.SeeOther));
        return this;
    }

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("<form .*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();

    private sealed class Cookies(CookieContainer jar, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (jar.GetCookieHeader(request.RequestUri!) is { Length: > 0 } cookies)
            {
                request.Headers.Add("Cookie", cookies);
            }

            var answer = await base.SendAsync(request, cancellationToken);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                jar.SetCookies(request.RequestUri!, cookie);
            }

            return answer;
        }
    }
}

/// <summary>A page as it came.</summary>
internal sealed partial record Page(HttpStatusCode Status, string Text, HttpResponseMessage Answer)
{
    public string? Location => Answer.Headers.Location?.OriginalString;

    public static async Task<Page> Of(HttpResponseMessage answer) => new(answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);

    public IReadOnlyList<string> Cookies => Answer.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [];

    public string Header(string name) => string.Join(", ", Answer.Headers.TryGetValues(name, out var values) ? values : []);

    /// <summary>The text of every element that carries this hook.</summary>
    public IReadOnlyList<string> Shown(string hook) =>
        [.. Regex.Matches(Text, $"""<(?<tag>\w+)(?=[^>]*data-test="{Regex.Escape(hook)}")[^>]*>(?<inner>.*?)</\k<tag>>""", RegexOptions.Singleline)
            .Select(match => WebUtility.HtmlDecode(Whitespace().Replace(Tags().Replace(match.Groups["inner"].Value, " "), " ").Trim()))];

    /// <summary>How many elements carry this hook.</summary>
    public int Count(string hook) => Regex.Count(Text, $"data-test=\"{Regex.Escape(hook)}\"");

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

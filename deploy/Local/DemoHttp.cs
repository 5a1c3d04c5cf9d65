using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OtPlatform.Local;

/// <summary>Calls the public interfaces as a well-behaved client does: with its token, and again when a service is away.</summary>
public sealed class DemoHttp(Endpoints endpoints) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly ConcurrentDictionary<string, string> _tokens = new();

    /// <summary>Repeats until the call succeeds; a refusal that repeating cannot change ends the demo.</summary>
    public async Task<JsonDocument> Send(string client, HttpMethod method, string address, string? body, CancellationToken cancellation, params (string Name, string Value)[] headers)
    {
        var (status, answer) = await Persist(client, method, address, body, headers, cancellation);
        return (int)status < 300 ? JsonDocument.Parse(answer) : throw new LocalFailureException($"{method} {address} as {client}: {(int)status} {answer}");
    }

    /// <summary>The same, but what does not exist is null.</summary>
    public async Task<JsonDocument?> Find(string client, string address, CancellationToken cancellation)
    {
        var (status, answer) = await Persist(client, HttpMethod.Get, address, null, [], cancellation);
        return status switch
        {
            HttpStatusCode.NotFound => null,
            < HttpStatusCode.Ambiguous => JsonDocument.Parse(answer),
            _ => throw new LocalFailureException($"GET {address} as {client}: {(int)status} {answer}"),
        };
    }

    /// <summary>The same, but somebody else may have been first.</summary>
    public async Task TrySend(string client, HttpMethod method, string address, string body, CancellationToken cancellation, params (string Name, string Value)[] headers)
    {
        var (status, answer) = await Persist(client, method, address, body, headers, cancellation);
        if ((int)status >= 300 && status is not (HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict))
        {
            throw new LocalFailureException($"{method} {address} as {client}: {(int)status} {answer}");
        }
    }

    /// <summary>The client's token, had once. An attempt that failed is forgotten: the next one asks again.</summary>
    public async Task<string> Token(string client, CancellationToken cancellation)
    {
        if (_tokens.TryGetValue(client, out var known))
        {
            return known;
        }

        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = client, ["client_secret"] = "dev" });
        using var answer = await _http.PostAsync(new Uri(endpoints.Token), form, cancellation);
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
        return _tokens[client] = json.RootElement.GetProperty("access_token").GetString()!;
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Answer)> Persist(
        string client, HttpMethod method, string address, string? body, (string Name, string Value)[] headers, CancellationToken cancellation)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, address);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Token(client, cancellation));
                foreach (var (name, value) in headers)
                {
                    request.Headers.TryAddWithoutValidation(name, value);
                }

                request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await _http.SendAsync(request, cancellation);
                var passes = answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
                    || (answer.StatusCode is HttpStatusCode.Conflict && answer.Headers.RetryAfter is not null);
                if (!passes || TimeProvider.System.GetUtcNow() > until)
                {
                    return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation));
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                if (TimeProvider.System.GetUtcNow() > until)
                {
                    throw new LocalFailureException($"{address} cannot be reached: {exception.Message}");
                }
            }

            await Task.Delay(Pause, cancellation);
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Local;

namespace OtPlatform.Client;

/// <summary>What the partner API said no to, in words for whoever sits at the terminal.</summary>
public sealed class RefusedException(string message) : Exception(message);

/// <summary>The partner API as a case system calls it.</summary>
public sealed class PartnerApi : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _clientId;

    private PartnerApi(Uri address, string clientId)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        _clientId = clientId;
    }

    /// <param name="address">Null for OT_INTAKE, else the system of this checkout.</param>
    /// <param name="clientId">A Development client; not used when OT_TOKEN holds a token.</param>
    public static PartnerApi Open(string? address, string clientId)
    {
        var given = address ?? Environment.GetEnvironmentVariable("OT_INTAKE") ?? OfCheckout();
        return Uri.TryCreate(given, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new PartnerApi(uri, clientId)
            : throw new RefusedException($"{given} is no address of a partner API.");
    }

    public async Task<JsonNode> Submit(string body, string key, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = Json(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await Send(request, cancellation);
    }

    public async Task<JsonNode> Read(Guid id, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/consultations/{id}");
        return await Send(request, cancellation);
    }

    public async Task<JsonNode> List(string? status, string? cursor, CancellationToken cancellation)
    {
        var query = string.Join('&', new[] { ("status", status), ("cursor", cursor) }.Where(part => part.Item2 is not null).Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/consultations?{query}");
        return await Send(request, cancellation);
    }

    public async Task<JsonNode> Search(string reference, string? status, string? cursor, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations/search")
        {
            Content = Json(new JsonObject { ["clientRef"] = reference, ["status"] = status, ["cursor"] = cursor }.ToJsonString()),
        };
        return await Send(request, cancellation);
    }

    /// <summary>Each step after the one with the id <paramref name="lastSeen"/>, until the server closes the stream.</summary>
    public async IAsyncEnumerable<SseItem<string>> Steps(Guid id, string? lastSeen, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/consultations/{id}/events");
        if (lastSeen is not null)
        {
            request.Headers.Add("Last-Event-ID", lastSeen);
        }

        await SignIn(request, cancellation);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw await Refused(answer, cancellation);
        }

        await foreach (var step in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
        {
            yield return step;
        }
    }

    public void Dispose() => _http.Dispose();

    private static string OfCheckout()
    {
        var file = RunFolder.OfCheckout.EndpointsFile;
        return File.Exists(file) && JsonNode.Parse(File.ReadAllText(file))?["intake"]?.GetValue<string>() is { } running
            ? running
            : throw new RefusedException("Nothing runs from this checkout (./deploy/run starts it), and neither --intake nor OT_INTAKE says where else.");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private async Task<JsonNode> Send(HttpRequestMessage request, CancellationToken cancellation)
    {
        await SignIn(request, cancellation);
        using var answer = await _http.SendAsync(request, cancellation);
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!
            : throw await Refused(answer, cancellation);
    }

    private async Task SignIn(HttpRequestMessage request, CancellationToken cancellation)
    {
        var token = Environment.GetEnvironmentVariable("OT_TOKEN") ?? await DevelopmentToken(cancellation);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private async Task<string> DevelopmentToken(CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(
            [new("grant_type", "client_credentials"), new("client_id", _clientId), new("client_secret", "dev")]);
        using var answer = await _http.PostAsync("/dev/token", form, cancellation);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["access_token"]!.GetValue<string>(),
            HttpStatusCode.NotFound => throw new RefusedException("This system gives no Development tokens; set OT_TOKEN."),
            _ => throw new RefusedException($"There is no Development client {_clientId}."),
        };
    }

    private static async Task<RefusedException> Refused(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var said = new StringBuilder($"{(int)answer.StatusCode} {answer.ReasonPhrase}");
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation);
            said.Append($" · {problem?["title"]}\n{problem?["detail"]}");
            foreach (var (path, why) in problem?["errors"] as JsonObject ?? [])
            {
                said.Append($"\n  {path}: {why}");
            }
        }
        catch (JsonException)
        {
            // A proxy in between may answer in its own way.
        }

        return new RefusedException(said.ToString());
    }
}

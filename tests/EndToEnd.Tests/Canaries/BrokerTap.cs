using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Canaries;

/// <summary>A queue that gets a copy of every message of the broker, and what stands in every other queue; all over the broker's management.</summary>
internal sealed class BrokerTap : IDisposable
{
    private const string Queue = "tap";
    private const int Most = 50_000;

    private readonly HttpClient _management;
    private readonly string _host;

    private BrokerTap(HttpClient management, string host)
    {
        _management = management;
        _host = host;
    }

    /// <summary>From now on every message that any exchange gets is kept.</summary>
    public static async Task<BrokerTap> Open(Endpoints endpoints)
    {
        var broker = new Uri(endpoints.RabbitMq);
        var management = new HttpClient { BaseAddress = new Uri(endpoints.RabbitMqManagement) };
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(broker.UserInfo)));
        var host = broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? name : Uri.EscapeDataString("/");
        var tap = new BrokerTap(management, host);
        using var declared = await management.PutAsJsonAsync($"api/queues/{host}/{Queue}", new { durable = false, auto_delete = false });
        declared.EnsureSuccessStatusCode();
        var exchanges = await management.GetFromJsonAsync<JsonElement>($"api/exchanges/{host}?columns=name,type");
        var tapped = 0;
        foreach (var exchange in exchanges.EnumerateArray().Select(exchange => exchange.GetProperty("name").GetString()!).Where(exchange => exchange.Length > 0 && !exchange.StartsWith("amq.", StringComparison.Ordinal)))
        {
            using var bound = await management.PostAsJsonAsync($"api/bindings/{host}/e/{Uri.EscapeDataString(exchange)}/q/{Queue}", new { routing_key = "#" });
            bound.EnsureSuccessStatusCode();
            tapped++;
        }

        Assert.That(tapped, Is.GreaterThan(10), "There are hardly any exchanges to listen at.");
        return tap;
    }

    /// <summary>Every message that was kept or still stands in a queue, with its headers.</summary>
    public async Task<IReadOnlyList<string>> Messages()
    {
        var queues = await _management.GetFromJsonAsync<JsonElement>($"api/queues/{_host}?columns=name");
        var messages = new List<string>();
        foreach (var queue in queues.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!))
        {
            using var got = await _management.PostAsJsonAsync($"api/queues/{_host}/{Uri.EscapeDataString(queue)}/get", new { count = Most, ackmode = "ack_requeue_true", encoding = "auto" });
            if (got.IsSuccessStatusCode)
            {
                messages.AddRange((await got.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Select(Text));
            }
            else
            {
                // A queue that only one consumer may read: what passes through it is in the tap too.
                Assert.That(queue, Is.Not.EqualTo(Queue), await got.Content.ReadAsStringAsync());
            }
        }

        return messages;
    }

    public void Dispose() => _management.Dispose();

    private static string Text(JsonElement message)
    {
        var payload = message.GetProperty("payload").GetString()!;
        var plain = message.GetProperty("payload_encoding").GetString() == "base64" ? Encoding.UTF8.GetString(Convert.FromBase64String(payload)) : payload;
        return $"{message.GetProperty("properties").GetRawText()} {plain}";
    }
}

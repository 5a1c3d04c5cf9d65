using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OtPlatform.Local.Faults;

/// <summary>The broker's own word on messages that nobody could do.</summary>
public static class ErrorQueues
{
    /// <summary>How many messages stand in queues for errors and for what nobody takes.</summary>
    public static async Task<long> Messages(Endpoints endpoints, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        using var management = new HttpClient();
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(new Uri(endpoints.RabbitMq).UserInfo)));
        var queues = await management.GetFromJsonAsync<JsonElement>($"{endpoints.RabbitMqManagement}/api/queues?columns=name,messages", cancellation);
        return queues.EnumerateArray()
            .Where(queue => queue.GetProperty("name").GetString()! is var name && (name.EndsWith("_error", StringComparison.Ordinal) || name.EndsWith("_skipped", StringComparison.Ordinal)))
            .Sum(queue => queue.TryGetProperty("messages", out var messages) ? messages.GetInt64() : 0);
    }
}

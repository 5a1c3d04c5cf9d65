using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OtPlatform.Testing;
using WireMock;
using WireMock.Server;

namespace OtPlatform.Intake.Tests.Webhooks;

/// <summary>A webhook of a partner, removed at the end.</summary>
internal sealed class Subscription(HttpClient partner, Guid id, string secret, string tag) : IAsyncDisposable
{
    public Guid Id => id;

    public string Secret => secret;

    public string Tag => tag;

    public string Address => $"/v1/webhooks/{id}";

    public static async Task<Subscription> Of(HttpClient partner, string url)
    {
        using var answer = await partner.PostAsJsonAsync("/v1/webhooks", new { url });
        Assert.That(answer.StatusCode, Is.EqualTo(System.Net.HttpStatusCode.Created));
        var body = await answer.Json();
        var subscription = new Subscription(partner, body["id"]!.GetValue<Guid>(), body["secret"]!.GetValue<string>(), answer.Headers.ETag!.Tag);
        Assert.That(answer.Headers.Location!.ToString(), Is.EqualTo(subscription.Address));
        return subscription;
    }

    public Task<JsonObject> Read() => Get(Address);

    public async Task<JsonArray> DeadLetters() => (await Get($"{Address}/dead-letters"))["items"]!.AsArray();

    public async ValueTask DisposeAsync()
    {
        using var answer = await partner.DeleteAsync(Address);
    }

    private async Task<JsonObject> Get(string address) => (await partner.GetFromJsonAsync<JsonObject>(address))!;
}

/// <summary>A delivery as the receiver saw it.</summary>
internal sealed record Told(string EventId, string Signature, string Body, JsonObject Message)
{
    private const int Block = 64;

    public Guid Consultation => Message["consultationId"]!.GetValue<Guid>();

    public string Status => Message["status"]!.GetValue<string>();

    public long Version => Message["version"]!.GetValue<long>();

    public string[] Signatures => [.. Signature.Split(',').Where(part => part.StartsWith("v1=", StringComparison.Ordinal)).Select(part => part[3..])];

    public string Time => Signature.Split(',').Single(part => part.StartsWith("t=", StringComparison.Ordinal))[2..];

    /// <summary>What a receiver was told, in the order in which it answered.</summary>
    public static IReadOnlyList<Told> To(WireMockServer receiver) => [.. receiver.LogEntries.Select(entry => Of(entry.RequestMessage!))];

    public static IReadOnlyList<Told> To(WireMockServer receiver, Guid consultation) => [.. To(receiver).Where(told => told.Consultation == consultation)];

    /// <summary>The signature by the definition of HMAC (RFC 2104), not by the library that makes it.</summary>
    public string SignedWith(string secret)
    {
        var given = Encoding.UTF8.GetBytes(secret);
        var key = new byte[Block];
        (given.Length > Block ? SHA256.HashData(given) : given).CopyTo(key, 0);
        byte[] Padded(byte pad) => [.. key.Select(part => (byte)(part ^ pad))];
        var inner = SHA256.HashData([.. Padded(0x36), .. Encoding.UTF8.GetBytes($"{Time}.{Body}")]);
        return Convert.ToHexStringLower(SHA256.HashData([.. Padded(0x5c), .. inner]));
    }

    private static Told Of(IRequestMessage request) => new(
        request.Headers!["OT-Event-Id"][0], request.Headers["OT-Signature"][0], request.Body!, JsonNode.Parse(request.Body!)!.AsObject());
}

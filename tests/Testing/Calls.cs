using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using OtPlatform.Platform.Grpc;

namespace OtPlatform.Testing;

/// <summary>What the tests of an HTTP interface have in common.</summary>
public static class Calls
{
    /// <summary>A sample consultation's body, changed. Each is about a client of its own, so that none is linked to another.</summary>
    public static JsonObject Sample(Action<JsonObject>? change = null, string name = "01-substance-youth")
    {
        var body = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "demo-data", "consultations", $"{name}.json")))!.AsObject();
        if (body.ContainsKey("clientRef"))
        {
            body["clientRef"] = ClientRef();
        }

        change?.Invoke(body);
        return body;
    }

    /// <summary>A client reference that nobody else has; letters alone, so that it can not look like an identity code.</summary>
    public static string ClientRef() => $"PK-{string.Concat(Guid.NewGuid().ToByteArray().Select(value => (char)('g' + (value % 16))))}";

    public static async Task<JsonObject> Json(this HttpResponseMessage answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Asserts that the answer is a problem of this code, and gives it.</summary>
    public static async Task<JsonObject> ShowsProblem(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var problem = await answer.Json();
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(status));
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(problem["type"]!.GetValue<string>(), Is.EqualTo($"urn:otplatform:problem:{code}"));
            Assert.That(problem["traceId"], Is.Not.Null);
        });
        return problem;
    }

    /// <summary>Asserts that a gRPC call fails with this status and problem.</summary>
    public static RpcException Refused(Func<Task> call, StatusCode status, string code)
    {
        var failure = Assert.ThrowsAsync<RpcException>(call)!;
        Assert.That((failure.StatusCode, GrpcProblems.CodeOf(failure)), Is.EqualTo((status, code)), failure.Status.Detail);
        return failure;
    }

    public static Task<HttpResponseMessage> Submit(this HttpClient client, JsonObject body, string? key = null) => client.PostKeyed("/v1/consultations", body, key);

    /// <summary>A write that a key makes harmless to repeat.</summary>
    public static async Task<HttpResponseMessage> PostKeyed(this HttpClient client, string address, JsonObject body, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return await client.SendAsync(request);
    }

    /// <summary>A write on a version.</summary>
    /// <param name="version">The tag as ETag gave it; null sends none.</param>
    public static async Task<HttpResponseMessage> Write(this HttpClient client, string address, string? version, JsonObject? body = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body is null ? null : JsonContent.Create(body) };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        return await client.SendAsync(request);
    }
}

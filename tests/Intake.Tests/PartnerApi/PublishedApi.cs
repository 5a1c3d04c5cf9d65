using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>One operation of the published description.</summary>
internal sealed record Operation(string Name, HttpMethod Method, string Path, JsonObject Description)
{
    /// <summary>What the description shows as a body; null when the operation takes none.</summary>
    public JsonObject? Example => Description["requestBody"]?["content"]!["application/json"]!["example"]!.DeepClone().AsObject();

    /// <summary>Name of the body's schema; null when the operation takes none.</summary>
    public string? Schema => Description["requestBody"] is { } body ? NameIn(body["content"]!["application/json"]!["schema"]!) : null;

    public bool NeedsBody => Description["requestBody"]?["required"]?.GetValue<bool>() is true;

    /// <summary>The status of a good answer.</summary>
    public int Good => int.Parse(Description["responses"]!.AsObject().First(answer => answer.Key[0] == '2').Key, CultureInfo.InvariantCulture);

    public JsonNode GoodAnswer => Description["responses"]![Good.ToString(CultureInfo.InvariantCulture)]!;

    public IEnumerable<string> Headers => Description["parameters"]!.AsArray().Select(parameter => parameter!["$ref"]).OfType<JsonNode>().Select(reference => reference.GetValue<string>().Split('/')[^1]);

    public bool TakesVersion => Headers.Contains("If-Match");

    public static string? NameIn(JsonNode schema) => schema["$ref"]?.GetValue<string>().Split('/')[^1];

    /// <summary>A request as the description shows it.</summary>
    /// <param name="id">Of what it is about, where the address names one.</param>
    /// <param name="version">As ETag gave it.</param>
    public HttpRequestMessage Request(Guid id, string version = "\"1\"")
    {
        var address = Path;
        foreach (var parameter in Description["parameters"]!.AsArray().OfType<JsonObject>().Where(parameter => parameter["in"]?.GetValue<string>() is "path"))
        {
            var name = parameter["name"]!.GetValue<string>();
            address = address.Replace($"{{{name}}}", name == "id" ? id.ToString() : parameter["example"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        var request = new HttpRequestMessage(Method, address);
        if (Example is { } body)
        {
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        }

        if (Headers.Contains("Idempotency-Key"))
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        }

        if (TakesVersion)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        return request;
    }
}

/// <summary>Follow-ups of absence for the tests, each of another pupil.</summary>
internal static class FollowUps
{
    public static async Task<Guid> Start(HttpClient partner)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/absence-follow-ups");
        var body = new JsonObject { ["clientRef"] = Guid.NewGuid().ToString("N"), ["county"] = "pirkanmaa", ["language"] = "fi", ["ageBand"] = "13-15", ["hours"] = 35.5m };
        request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var started = await partner.SendAsync(request);
        started.EnsureSuccessStatusCode();
        return (await started.Json())["id"]!.GetValue<Guid>();
    }
}

/// <summary>contracts/openapi/partner-v1.json, and what checks it.</summary>
internal static class PublishedApi
{
    public static readonly string File = Path.Combine(Repository.Root, "contracts", "openapi", "partner-v1.json");

    private static readonly string Node = Path.Combine(Repository.Root, "tests", "Intake.Tests", "PartnerApi", "node");
    private static readonly Lazy<Task> Installed = new(async () =>
    {
        var (status, output) = await Start("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error");
        Assert.That(status, Is.Zero, output);
    });

    public static JsonObject Read() => JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();

    public static IReadOnlyList<Operation> Operations() =>
    [
        .. from path in Read()["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           select new Operation(operation.Value!["operationId"]!.GetValue<string>(), HttpMethod.Parse(operation.Key), path.Key, operation.Value!.AsObject()),
    ];

    /// <summary>For each text whether it is what the schema says, by a JSON Schema validator that knows nothing of our code: <c>ok</c>, or the fault.</summary>
    public static async Task<IReadOnlyList<string>> Judge(IEnumerable<(string Schema, string Text)> cases)
    {
        var file = Path.GetTempFileName();
        try
        {
            await System.IO.File.WriteAllLinesAsync(file, cases.Select(one => JsonSerializer.Serialize(new { schema = one.Schema, text = one.Text })));
            var (status, output) = await Run("node", "judge.mjs", File, file);
            Assert.That(status, Is.Zero, output);
            return output.TrimEnd('\n').Split('\n');
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    /// <summary>Runs one of the checks; its packages are installed first, by the lock file.</summary>
    public static async Task<(int Status, string Output)> Run(string program, params string[] arguments)
    {
        await Installed.Value;
        return await Start(program, arguments);
    }

    private static async Task<(int Status, string Output)> Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Node, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
    }
}

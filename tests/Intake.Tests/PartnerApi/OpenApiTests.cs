using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Intake.Tests.Consultations;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>The description of the partner API: published as it is served, without a fault, and true of a running Intake.</summary>
[TestFixture]
internal sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] ThatNeedAnAnswer = ["ConfirmAnswer", "ObjectToAnswer", "GiveFeedback"];

    private string _catalogue = null!;
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        // One area where requests go by way of a key person, so that there is one to be passed on.
        _catalogue = KeyPersonTests.CatalogueWith(KeyPersonTests.Access("viaKeyPerson", "[]", "[]", "partner-pirkanmaa"), area: "pohjoinen");
        _intake = await ServiceHost<Program>.Start("openapi", new Dictionary<string, string> { ["Catalogue:Path"] = _catalogue });
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _others = new OtherServices(_intake);
        if (Environment.GetEnvironmentVariable("OT_WRITE_OPENAPI") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PublishedApi.File)!);
            await File.WriteAllTextAsync(PublishedApi.File, await Served());
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
        Directory.Delete(_catalogue, recursive: true);
    }

    [Test]
    public async Task What_is_published_is_what_is_served() =>
        Assert.That(
            await Served(),
            Is.EqualTo(await File.ReadAllTextAsync(PublishedApi.File)),
            "The partner API has changed. Look at the difference as a partner would; `./deploy/openapi` writes contracts/openapi/partner-v1.json anew.");

    [Test]
    public async Task The_linter_has_nothing_to_say()
    {
        var (_, output) = await PublishedApi.Run("node", "node_modules/@redocly/cli/bin/cli.js", "lint", PublishedApi.File, "--config", "redocly.yaml", "--format", "json", "--max-problems", "200");
        var totals = JsonNode.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..])!["totals"]!;
        Assert.That((totals["errors"]!.GetValue<int>(), totals["warnings"]!.GetValue<int>(), totals["ignored"]!.GetValue<int>()), Is.EqualTo((0, 0, 0)), output);
    }

    [Test]
    public void Every_field_parameter_and_operation_says_what_it_is()
    {
        var api = PublishedApi.Read();
        var fields = from schema in api["components"]!["schemas"]!.AsObject()
                     from field in schema.Value!["properties"]?.AsObject() ?? []
                     where (field.Value!["$ref"] is { } reference ? api["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]] : field.Value)!["description"] is null
                     select $"{schema.Key}.{field.Key}";
        var parameters = from operation in PublishedApi.Operations()
                         from parameter in operation.Description["parameters"]!.AsArray()
                         where parameter!["$ref"] is null && parameter["description"] is null
                         select $"{operation.Name}: {parameter["name"]}";
        Assert.Multiple(() =>
        {
            Assert.That(fields, Is.Empty, "Say it in the record's documentation.");
            Assert.That(parameters, Is.Empty, "Say it in services/Intake/PartnerApi/examples.json.");
            Assert.That(PublishedApi.Operations().Where(operation => operation.Description["summary"] is null).Select(operation => operation.Name), Is.Empty);
        });
    }

    [Test]
    public void Every_operation_has_examples_of_its_body_and_of_every_answer()
    {
        var without = from operation in PublishedApi.Operations()
                      from content in Contents(operation)
                      where content.Media["example"] is null && content.Media["examples"] is null
                      select $"{operation.Name} {content.Of}";
        Assert.That(without, Is.Empty, "Give one in services/Intake/PartnerApi/examples.json.");
    }

    [TestCaseSource(typeof(PublishedApi), nameof(PublishedApi.Operations))]
    public async Task The_example_gets_the_answer_that_is_described(Operation operation)
    {
        var id = await Arrange(operation);
        using var request = operation.Request(id, operation.TakesVersion ? await Version(operation, id) : "\"1\"");
        using var answer = await _partner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That((int)answer.StatusCode, Is.EqualTo(operation.Good), answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync());
        foreach (var (header, _) in operation.GoodAnswer["headers"]?.AsObject() ?? [])
        {
            Assert.That(answer.Headers.Contains(header), Is.True, $"The answer lacks {header}.");
        }

        if (operation.GoodAnswer["content"]?["application/json"]?["schema"] is { } schema && Operation.NameIn(schema) is { } name)
        {
            Assert.That(await PublishedApi.Judge([(name, await answer.Content.ReadAsStringAsync())]), Is.EqualTo(new[] { "ok" }));
        }
    }

    [Test]
    public async Task If_Match_is_asked_for_where_the_description_says_so_and_nowhere_else()
    {
        foreach (var operation in PublishedApi.Operations().Where(operation => operation.Method != HttpMethod.Get))
        {
            using var request = operation.Request(await Arrange(operation));
            request.Headers.Remove("If-Match");
            using var answer = await (operation.Path.Contains("{id}", StringComparison.Ordinal) ? _partner : _neighbour).SendAsync(request);
            Assert.That(answer.StatusCode is HttpStatusCode.PreconditionRequired, Is.EqualTo(operation.TakesVersion), operation.Name);
        }
    }

    private static IEnumerable<(string Of, JsonNode Media)> Contents(Operation operation)
    {
        foreach (var (_, media) in operation.Description["requestBody"]?["content"]?.AsObject() ?? [])
        {
            yield return ("body", media!);
        }

        foreach (var (status, answer) in operation.Description["responses"]!.AsObject())
        {
            var meant = answer!["$ref"] is { } reference ? PublishedApi.Read()["components"]!["responses"]![reference.GetValue<string>().Split('/')[^1]]! : answer;
            foreach (var (_, media) in meant["content"]?.AsObject() ?? [])
            {
                yield return (status, media!);
            }
        }
    }

    private async Task<string> Served()
    {
        using var anyone = _intake.CreateClient();
        return JsonNode.Parse(await anyone.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.ToJsonString(Readable) + "\n";
    }

    /// <summary>Makes what the operation's example is about.</summary>
    private async Task<Guid> Arrange(Operation operation)
    {
        if (operation.Path.StartsWith("/v1/webhooks/{id}", StringComparison.Ordinal))
        {
            return (await Made("/v1/webhooks", new JsonObject { ["url"] = $"https://case-system.example/{Guid.NewGuid():N}" }))["id"]!.GetValue<Guid>();
        }

        if (operation.Path.StartsWith("/v1/absence-follow-ups/{id}", StringComparison.Ordinal))
        {
            return await FollowUps.Start(_partner);
        }

        if (!operation.Path.StartsWith("/v1/consultations/{id}", StringComparison.Ordinal))
        {
            foreach (var webhook in (await Read("/v1/webhooks"))["items"]!.AsArray())
            {
                using var removed = await _partner.DeleteAsync(new Uri($"/v1/webhooks/{webhook!["id"]}", UriKind.Relative));
            }

            return Guid.Empty;
        }

        if (ThatNeedAnAnswer.Contains(operation.Name))
        {
            var answered = await _others.Routed(_partner, Route.ExpertConsultation);
            await _others.Arranged(answered);
            await _others.Answered(answered, Guid.NewGuid());
            await Eventually.Holds(async () => (await Read($"/v1/consultations/{answered}"))["status"]!.GetValue<string>() == "answered");
            return answered;
        }

        using var submitted = operation.Name == "PassOn"
            ? await _neighbour.Submit(Calls.Sample(body => body["county"] = "kainuu"))
            : await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        if (operation.Name == "ReopenConsultation")
        {
            using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", submitted.Headers.ETag!.Tag);
            withdrawn.EnsureSuccessStatusCode();
        }

        return id;
    }

    private async Task<string> Version(Operation operation, Guid id) =>
        $"\"{(await Read(operation.Path[..(operation.Path.IndexOf("{id}", StringComparison.Ordinal) + 4)].Replace("{id}", id.ToString(), StringComparison.Ordinal)))["version"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture)}\"";

    private async Task<JsonObject> Read(string address)
    {
        using var answer = await _partner.GetAsync(new Uri(address, UriKind.Relative));
        return await answer.Json();
    }

    private async Task<JsonObject> Made(string address, JsonObject body)
    {
        using var answer = await _partner.Write(address, null, body);
        answer.EnsureSuccessStatusCode();
        return await answer.Json();
    }
}

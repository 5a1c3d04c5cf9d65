using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>What takes no body takes nothing that is meant for something; and nobody asks too much at once.</summary>
[TestFixture]
internal sealed class BodylessOperationsTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("bodyless");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    /// <summary>Every operation of the running service that changes something and says nothing of a body.</summary>
    private IReadOnlyList<(string Method, string Pattern)> Bodyless() =>
    [
        .. _intake.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText?.TrimStart('/').StartsWith("v1/", StringComparison.Ordinal) == true && endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is null && endpoint.Metadata.GetMetadata<OtPlatform.Intake.PartnerApi.BodylessOperations.TakesBody>() is null)
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Where(method => method != "GET").Select(method => (method, $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}"))),
    ];

    [TestCase("{\"why\":1}", "$.why")]
    [TestCase("{\"reason\":\"131052-308T\"}", "$.reason")]
    [TestCase("{\"bad", "$")]
    [TestCase("[]", "$")]
    public async Task Another_body_is_refused_by_its_path_and_nothing_happens(string body, string path)
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        var tried = 0;
        foreach (var (method, pattern) in Bodyless())
        {
            using var answer = await Send(method, pattern, id, body);
            var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
            Assert.That(problem["errors"]![path], Is.Not.Null, $"{method} {pattern}: {problem.ToJsonString()}");
            Assert.That(problem.ToJsonString(), Does.Not.Contain("131052"));
            tried++;
        }

        Assert.That(tried, Is.GreaterThanOrEqualTo(4), "The route table was not seen.");
        using var after = await _partner.GetAsync(submitted.Headers.Location);
        Assert.That(after.Headers.ETag, Is.EqualTo(submitted.Headers.ETag));
    }

    [TestCase("")]
    [TestCase("{}")]
    public async Task None_and_an_empty_object_are_fine(string body)
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        using var withdrawn = await Send("POST", "/v1/consultations/{id:guid}/withdrawal", (await submitted.Json())["id"]!.GetValue<Guid>(), body);
        Assert.That((withdrawn.StatusCode, (await withdrawn.Json())["status"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.OK, "withdrawn")));
    }

    [Test]
    public async Task Who_asks_too_much_at_once_waits_and_the_others_do_not()
    {
        await using var strict = await ServiceHost<Program>.Start("limits", new Dictionary<string, string> { ["Http:RequestsPerSecondAndClient"] = "5" });
        using var eager = await strict.ClientFor("partner-pirkanmaa");
        using var calm = await strict.ClientFor("partner-kainuu");
        eager.DefaultRequestHeaders.Add("Accept-Language", "sv");
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => eager.GetAsync("/v1/consultations")));
        var refused = answers.Where(answer => answer.StatusCode is HttpStatusCode.TooManyRequests).ToList();
        Assert.That(answers.Select(answer => answer.StatusCode).Distinct(), Is.EquivalentTo(new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests }));
        Assert.That(refused.Select(answer => answer.Headers.RetryAfter!.Delta), Has.All.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        var problem = await refused[0].ShowsProblem(HttpStatusCode.TooManyRequests, "platform.too-many-requests");
        Assert.That(problem["detail"]!.GetValue<string>(), Is.Not.Empty.And.Not.Contains("Too many"));

        using var other = await calm.GetAsync("/v1/consultations");
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Eventually.Holds(async () =>
        {
            using var again = await eager.GetAsync("/v1/consultations");
            Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        });
        Array.ForEach(answers, answer => answer.Dispose());
    }

    private async Task<HttpResponseMessage> Send(string method, string pattern, Guid id, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), pattern.Replace("{id:guid}", id.ToString(), StringComparison.Ordinal));
        request.Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        return await _partner.SendAsync(request);
    }
}

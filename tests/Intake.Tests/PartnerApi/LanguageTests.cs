using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Http;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;
using Message = OtPlatform.Platform.Http.Message;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>What callers are told, in Finnish, Swedish and English.</summary>
[TestFixture]
internal sealed class LanguageTests
{
    private static readonly Assembly[] Speaking = [typeof(Message).Assembly, typeof(Submissions).Assembly];
    private static readonly MessageTexts Texts = MessageTexts.Of(Speaking);

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("language");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public void Every_message_in_the_code_has_its_texts_and_every_text_its_message()
    {
        var said = Speaking.SelectMany(MessagesIn.Code).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(said, Has.Count.GreaterThan(60), "The code was not read.");
            Assert.That(said.Distinct().Except(Texts.All.Keys), Is.Empty, "Add them to messages.json of Platform or Intake (docs/problems.md).");
            Assert.That(Texts.All.Keys.Except(said), Is.Empty, "Nobody says this any more: take it out of messages.json.");
        });
    }

    [Test]
    public void Each_text_is_there_in_all_languages_with_the_same_gaps() =>
        Assert.Multiple(() =>
        {
            foreach (var (english, (finnish, swedish)) in Texts.All)
            {
                Assert.That((string[])[finnish, swedish], Has.None.EqualTo(english).And.None.Matches<string>(string.IsNullOrWhiteSpace), english);
                Assert.That((MessagesIn.Gaps(finnish), MessagesIn.Gaps(swedish)), Is.EqualTo((MessagesIn.Gaps(english), MessagesIn.Gaps(english))), english);
            }
        });

    [TestCase(null, "Pakollinen tieto.")]
    [TestCase("fi", "Pakollinen tieto.")]
    [TestCase("sv-FI", "Obligatorisk uppgift.")]
    [TestCase("en", "Required.")]
    [TestCase("de, en;q=0.5, sv;q=0.9", "Obligatorisk uppgift.")]
    [TestCase("sv;q=0, en;q=0.1", "Required.")]
    [TestCase("en;q=0.8, *;q=0.9", "Pakollinen tieto.")]
    [TestCase("se", "Pakollinen tieto.")]
    [TestCase("de", "Pakollinen tieto.")]
    [TestCase(";;;", "Pakollinen tieto.")]
    public async Task A_missing_field_is_named_in_the_callers_language(string? wanted, string said)
    {
        using var answer = await Post("/v1/consultations", Calls.Sample(body => body.Remove("question")), wanted);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!["$.question"]!.GetValue<string>(), Is.EqualTo(said));
    }

    [TestCase("fi", "Konsultaatio on peruttu.", "Enintään 20000 merkkiä.", "Lähetä voimassa oleva bearer-tunniste.")]
    [TestCase("sv", "Konsultationen har återtagits.", "Högst 20000 tecken.", "Skicka en giltig bearer-token.")]
    [TestCase("en", "The consultation has been withdrawn.", "At most 20000 characters.", "Send a valid bearer token.")]
    public async Task Rules_bounds_and_common_problems_speak_it_too(string language, string rule, string bound, string common)
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var address = submitted.Headers.Location!.ToString();
        using var withdrawn = await _partner.Write($"{address}/withdrawal", submitted.Headers.ETag!.Tag);
        using var late = await Post($"{address}/messages", new JsonObject { ["text"] = "Sana." }, language, withdrawn.Headers.ETag!.Tag);
        using var tooLong = await Post($"{address}/messages", new JsonObject { ["text"] = new string('a', 20_001) }, language, withdrawn.Headers.ETag!.Tag);
        using var anybody = _intake.CreateClient();
        anybody.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", language);
        using var unknown = await anybody.GetAsync(new Uri(address, UriKind.Relative));
        var refused = await late.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-withdrawn");
        var bounded = await tooLong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        var unsigned = await unknown.ShowsProblem(HttpStatusCode.Unauthorized, "platform.not-signed-in");
        Assert.That(
            (refused["detail"]!.GetValue<string>(), bounded["errors"]!["$.text"]!.GetValue<string>(), unsigned["detail"]!.GetValue<string>()),
            Is.EqualTo((rule, bound, common)));
    }

    [TestCase("fi", "$.county: Tätä koodia ei ole luettelossa.")]
    [TestCase("sv", "$.county: Koden finns inte i denna lista.")]
    [TestCase("en", "$.county: Not a known code of this list.")]
    [TestCase(null, "$.county: Not a known code of this list.")]
    public async Task A_gRPC_call_asks_by_its_metadata(string? language, string said)
    {
        using var channel = _intake.OpenChannel();
        var headers = await _intake.TokenOf("partner-pirkanmaa");
        if (language is not null)
        {
            headers.Add("accept-language", language);
        }

        var request = new SubmitRequest { IdempotencyKey = Guid.NewGuid().ToString(), Submission = new Submission { County = "atlantis" } };
        var refused = Calls.Refused(async () => await new Protos.Intake.V1.Consultations.ConsultationsClient(channel).SubmitAsync(request, headers), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status.Detail, Does.Contain(said));
            Assert.That(Encoding.UTF8.GetString(refused.Trailers.GetValueBytes("grpc-status-details-bin")!), Does.Contain(said[(said.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        });
    }

    [TestCase("/v1/consultations?size=abc", "size")]
    [TestCase("/v1/consultations?size=99999999999", "size")]
    [TestCase("/v1/consultations?size=0", "size")]
    [TestCase("/v1/consultations?size=101", "size")]
    [TestCase("/v1/consultations?size=-1", "size")]
    [TestCase("/v1/consultations?size=2&size=3", "size")]
    [TestCase("/v1/consultations?statsu=answered", "statsu")]
    [TestCase("/v1/consultations?131052-308T=1", "?")]
    [TestCase("/v1/absence-follow-ups?size=0", "size")]
    [TestCase("/v1/catalogue/topics?language=sv", "language")]
    [TestCase("/v1/consultations?status=lost", "status")]
    [TestCase("/v1/consultations?cursor=x", "cursor")]
    public async Task A_parameter_that_cannot_be_read_is_named(string address, string name)
    {
        using var answer = await _partner.GetAsync(new Uri(address, UriKind.Relative));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { name }), problem.ToJsonString());
    }

    [TestCase("/v1/consultations?status=&cursor=")]
    [TestCase("/v1/absence-follow-ups?status=&cursor=")]
    public async Task What_is_named_and_left_empty_is_left_out(string address)
    {
        using var answer = await _partner.GetAsync(new Uri(address, UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("size", 0, "$.size")]
    [TestCase("size", 1_000, "$.size")]
    [TestCase("status", "lost", "$.status")]
    [TestCase("cursor", "x", "$.cursor")]
    public async Task A_search_that_cannot_be_read_is_named_by_its_path(string field, object value, string path)
    {
        using var answer = await Post("/v1/consultations/search", new JsonObject { ["clientRef"] = "PK-1", [field] = JsonSerializer.SerializeToNode(value) }, "sv");
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { path }), problem.ToJsonString());
    }

    [TestCase("""{ "quesiton": "x" }""", "$.quesiton")]
    [TestCase("""{ "Kerttu K.": "x" }""", "$")]
    [TestCase("""{ "safety": { "Kerttu-17": true } }""", "$.safety")]
    [TestCase("""{ "safety": { "Kerttu 17": "131052-9085" } }""", "$.safety")]
    [TestCase("""{ "screening": { "answers": { "q17": "two" } } }""", "$.screening.answers")]
    public async Task A_name_that_is_no_fields_is_not_repeated(string body, string path)
    {
        using var answer = await Post("/v1/consultations", JsonNode.Parse(body)!.AsObject(), "en");
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { path }));
    }

    private async Task<HttpResponseMessage> Post(string address, JsonObject body, string? language, string? version = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        if (language is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Language", language);
        }

        return await _partner.SendAsync(request);
    }
}

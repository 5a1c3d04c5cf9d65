using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>A requester's later words over the partner API, on the real store and bus.</summary>
[TestFixture]
internal sealed class LaterWordsApiTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;

    private static IEnumerable<TestCaseData> Words =>
    [
        new("reopening", new JsonObject { ["reason"] = "Asia on taas ajankohtainen." }, "reason"),
        new("consent", new JsonObject { ["reference"] = "consent-2" }, "reference"),
        new("consent/withdrawal", new JsonObject { ["reason"] = "Perhe perui." }, "reason"),
    ];

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_words");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [TestCaseSource(nameof(Words))]
    public async Task Every_word_needs_its_version_its_owner_known_fields_bounds_and_no_identity_code(string action, JsonObject body, string text)
    {
        ArgumentNullException.ThrowIfNull(body);
        var id = await Submitted();
        var (address, tag) = ($"/v1/consultations/{id}/{action}", await Tag(id));
        using var without = await _partner.Write(address, null, Copy(body));
        using var stale = await _partner.Write(address, "\"99\"", Copy(body));
        using var others = await _neighbour.Write(address, tag, Copy(body));
        using var unknown = await _partner.Write(address, tag, Copy(body, ("unheardOf", 1)));
        using var code = await _partner.Write(address, tag, Copy(body, (text, "Asiakas 131052-9085 soitti.")));
        using var longer = await _partner.Write(address, tag, Copy(body, (text, new string('a', 20_001))));
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await unknown.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        var refused = await code.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(refused["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { $"$.{text}" }));
        Assert.That(refused.ToJsonString(), Does.Not.Contain("131052"));
        var bounded = await longer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(bounded["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { $"$.{text}" }));
        Assert.That(await Tag(id), Is.EqualTo(tag), "Nothing was stored.");
    }

    [Test]
    public async Task R1_what_was_withdrawn_is_reopened_with_a_reason_that_is_in_the_vault_only()
    {
        var canary = $"kanarialintu{Guid.NewGuid():N}";
        var id = await Submitted();
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", await Tag(id));
        using var bare = await _partner.Write($"/v1/consultations/{id}/reopening", withdrawn.Headers.ETag!.Tag, []);
        using var reopened = await _partner.Write($"/v1/consultations/{id}/reopening", withdrawn.Headers.ETag!.Tag, new JsonObject { ["reason"] = canary });
        Assert.That((await bare.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.reason"], Is.Not.Null);
        var view = await reopened.Json();
        Assert.Multiple(async () =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
            Assert.That(view["dueBy"], Is.Not.Null);
            Assert.That(view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo("Pyyntö on avattu uudelleen, asia arvioidaan uudelleen."));
            Assert.That(view.ToJsonString(), Does.Not.Contain(canary));
            Assert.That((await Narratives(id, "coordinator-sisa")).Single(text => text.Kind == "reopening").Text, Is.EqualTo(canary));
            Assert.That(await Stored(canary), Is.Zero);
        });
        using var again = await _partner.Write($"/v1/consultations/{id}/reopening", reopened.Headers.ETag!.Tag, new JsonObject { ["reason"] = "x" });
        await again.ShowsProblem(HttpStatusCode.Conflict, "intake.consultation-not-over");
    }

    [Test]
    public async Task R8_an_expert_reads_until_the_consent_is_withdrawn_and_not_a_moment_longer()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Invited(id, Guid.CreateVersion7());
        var expert = $"expert-{OtherServices.ExpertId}";
        await Eventually.Holds(async () => Assert.That((await Narratives(id, expert)).Select(text => text.Kind), Does.Contain("question")));
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/consent/withdrawal", await Tag(id));
        var view = await withdrawn.Json();
        Calls.Refused(async () => await Narratives(id, expert), Grpc.Core.StatusCode.NotFound, "platform.not-found");
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("needsInformation"));
            Assert.That(view["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("requester"));
            Assert.That(view["dueBy"], Is.Not.Null);
            Assert.That(view["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "information", "withdrawal", "consent" }));
            Assert.That(view["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Does.StartWith("Suostumus on peruttu."));
        });

        await _others.Invited(id, Guid.CreateVersion7());
        using var recorded = await _partner.Write($"/v1/consultations/{id}/consent", withdrawn.Headers.ETag!.Tag, new JsonObject { ["validUntil"] = "2099-12-31" });
        Assert.That((await recorded.Json())["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
        using var past = await _partner.Write($"/v1/consultations/{id}/consent", recorded.Headers.ETag!.Tag, new JsonObject { ["validUntil"] = "2020-12-31" });
        Assert.That((await past.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.validUntil"], Is.Not.Null);
    }

    [Test]
    public async Task R8_a_consent_ends_by_itself_when_its_last_day_is_over()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_consent");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var others = new OtherServices(intake);
        var last = DateTimeOffset.UtcNow.AddDays(3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var id = await others.Routed(partner, Route.HybridTeam, body => body["legalBasis"]!["validUntil"] = last);
        await others.Activated(id);
        await Eventually.Holds(async () => Assert.That((await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["status"]!.GetValue<string>(), Is.EqualTo("teamWorking")));
        intake.MoveClock(TimeSpan.FromDays(4) + TimeSpan.FromMinutes(1));
        await Eventually.Holds(async () =>
        {
            var view = (await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
            Assert.That((view["status"]!.GetValue<string>(), view["responsible"]!["kind"]!.GetValue<string>(), view["team"]), Is.EqualTo(("needsInformation", "requester", (JsonNode?)null)));
        });
    }

    private async Task<Guid> Submitted(Action<JsonObject>? change = null)
    {
        using var submitted = await _partner.Submit(Calls.Sample(change));
        submitted.EnsureSuccessStatusCode();
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task<string> Tag(Guid id)
    {
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        return read.Headers.ETag!.Tag;
    }

    private async Task<IReadOnlyList<Narrative>> Narratives(Guid id, string client)
    {
        using var channel = _intake.OpenChannel();
        var read = await new Protos.Intake.V1.Narratives.NarrativesClient(channel).ReadAsync(
            new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "triage" }, await _intake.TokenOf(client));
        return read.Narratives;
    }

    /// <summary>How many rows of the events and documents hold the text readably.</summary>
    private async Task<long> Stored(string text)
    {
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var count = store.CreateCommand("select (select count(*) from ot.mt_events where data::text like $1) + (select count(*) from ot.mt_doc_vaulttext where data::text like $1) + (select count(*) from ot.mt_doc_requestersview where data::text like $1)");
        count.Parameters.AddWithValue($"%{text}%");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static JsonObject Copy(JsonObject body, params (string Field, JsonNode Value)[] with)
    {
        var copy = body.DeepClone().AsObject();
        foreach (var (field, value) in with)
        {
            copy[field] = value;
        }

        return copy;
    }
}

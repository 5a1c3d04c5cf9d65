using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Intake.Narratives;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>The partner API against a real store and a real broker.</summary>
[TestFixture]
internal sealed class PartnerApiTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private HttpClient _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _coordinator = await _intake.ClientFor("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        _coordinator.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_submission_is_acknowledged_and_found_at_once()
    {
        using var answer = await Submit(Body());
        var acknowledged = await answer.Json();
        var found = await _partner.GetAsync(answer.Headers.Location);
        var read = await found.Json();
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(acknowledged["status"]!.GetValue<string>(), Is.EqualTo("received"));
            Assert.That(acknowledged["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
            Assert.That(acknowledged["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow));
            Assert.That(acknowledged["number"]!.GetValue<string>(), Does.Match("^OT-[0-9A-Z]{4}-[0-9A-Z]{4}$"));
            Assert.That(read["id"]!.GetValue<Guid>(), Is.EqualTo(acknowledged["id"]!.GetValue<Guid>()));
            Assert.That(found.Headers.ETag!.Tag, Is.EqualTo($"\"{read["version"]}\""));
        });
    }

    [Test]
    public async Task R10_the_same_key_and_body_get_the_same_answer_byte_for_byte()
    {
        var (body, key) = (Body(), NewKey());
        using var first = await Submit(body, key);
        using var second = await Submit(body, key);
        Assert.Multiple(async () =>
        {
            Assert.That(await second.Content.ReadAsByteArrayAsync(), Is.EqualTo(await first.Content.ReadAsByteArrayAsync()));
            Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(second.Headers.Location, Is.EqualTo(first.Headers.Location));
            Assert.That(second.Headers.ETag, Is.EqualTo(first.Headers.ETag));
        });
    }

    [Test]
    public async Task The_same_key_with_another_body_is_refused()
    {
        var key = NewKey();
        using var first = await Submit(Body(), key);
        using var second = await Submit(Body(body => body["question"] = "Another question"), key);
        await second.ShowsProblem(HttpStatusCode.Conflict, "idempotency.key-reused");
    }

    [Test]
    public async Task A_key_is_the_clients_own()
    {
        var key = NewKey();
        using var first = await Submit(Body(), key);
        using var other = await Submit(Body(body => body["county"] = "kainuu"), key, _neighbour);
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task R10_one_key_sent_many_times_at_once_makes_one_consultation()
    {
        var (body, key) = (Body(), NewKey());
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Submit(body, key)));
        var accepted = answers.Where(answer => answer.StatusCode is HttpStatusCode.Accepted).Select(answer => answer.Headers.Location).Distinct().ToList();
        foreach (var answer in answers.Where(answer => answer.StatusCode is not HttpStatusCode.Accepted))
        {
            Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
            await answer.ShowsProblem(HttpStatusCode.Conflict, "idempotency.in-progress");
        }

        Assert.That(accepted, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_a_key_nothing_is_submitted()
    {
        using var answer = await _partner.PostAsJsonAsync("/v1/consultations", Body());
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!["Idempotency-Key"], Is.Not.Null);
    }

    [TestCase("131052-9085")]
    [TestCase("case:131052-9085:1")]
    public async Task R8_an_identity_code_is_no_key(string key)
    {
        using var answer = await Submit(Body(), key);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!["Idempotency-Key"], Is.Not.Null);
        Assert.That(problem.ToJsonString(), Does.Not.Contain("131052"));
    }

    [Test]
    public async Task Who_only_reads_a_request_is_told_of_nothing_to_do_with_it()
    {
        using var answer = await Submit(Body());
        var read = (await _coordinator.GetFromJsonAsync<JsonObject>(answer.Headers.Location))!;
        var own = (await _partner.GetFromJsonAsync<JsonObject>(answer.Headers.Location))!;
        Assert.That(read["allowedActions"]!.AsArray(), Is.Empty);
        Assert.That(own["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Does.Contain("withdrawal").And.Contain("messages"));
        foreach (var action in own["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()))
        {
            using var refused = await _coordinator.Write($"{answer.Headers.Location}/{action}", answer.Headers.ETag!.Tag);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden).Or.EqualTo(HttpStatusCode.NotFound), action);
        }
    }

    [Test]
    public async Task R8_an_identity_code_anywhere_is_refused_by_path_and_kept_nowhere()
    {
        const string code = "131052-9085";
        Assert.That(Intake.Consultations.PersonalIdentityCode.IsIn(code), Is.True, "The test's own code is not a valid one.");
        using var answer = await Submit(Body(body => body["triedSoFar"]![0]!["result"] = $"Asiakas {code}"));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.Multiple(async () =>
        {
            Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { "$.triedSoFar[0].result" }));
            Assert.That(problem.ToJsonString(), Does.Not.Contain(code));
            Assert.That(await TextInStore(code), Is.False);
        });
    }

    [TestCase("kind", "$.kind")]
    [TestCase("county", "$.county")]
    [TestCase("language", "$.language")]
    [TestCase("requester", "$.requester")]
    [TestCase("question", "$.question")]
    [TestCase("legalBasis", "$.legalBasis")]
    [TestCase("ageBand", "$.ageBand")]
    [TestCase("clientRef", "$.clientRef")]
    [TestCase("responsibleWorker", "$.responsibleWorker")]
    public async Task What_is_required_is_named_when_it_is_missing(string field, string path)
    {
        using var answer = await Submit(Body(body => body.Remove(field)));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]![path], Is.Not.Null);
    }

    [Test]
    public async Task An_unknown_field_is_refused_by_path()
    {
        using var answer = await Submit(Body(body => body["name"] = "x"));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!["$.name"], Is.Not.Null);
    }

    [Test]
    public async Task Every_field_that_is_not_made_as_expected_is_named_at_once_with_what_is_expected()
    {
        using var english = await _intake.ClientFor("partner-pirkanmaa");
        english.DefaultRequestHeaders.Add("Accept-Language", "en");
        using var answer = await Submit(Body(body =>
        {
            body["question"] = 5;
            body["topics"] = "school-absence";
            body["marks"] = new JsonArray("rare", 7);
            body["requester"]!["email"] = false;
            body["requester"]!["Motto"] = "words of their own";
            body["legalBasis"]!["validUntil"] = "31.5.2027";
            body["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = new JsonArray() }, "a call");
            body["words of their own"] = 1;
        }), client: english);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().ToDictionary(error => error.Key, error => error.Value!.GetValue<string>()), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["$.question"] = "Text is expected.",
            ["$.topics"] = "A list is expected.",
            ["$.marks[1]"] = "Text is expected.",
            ["$.requester.email"] = "Text is expected.",
            ["$.requester.Motto"] = "There is no such field here.",
            ["$.legalBasis.validUntil"] = "A date as 2027-05-31 is expected.",
            ["$.triedSoFar[0].what"] = "Text is expected.",
            ["$.triedSoFar[1]"] = "A JSON object is expected.",
            ["$"] = "There is no such field here.",
        }));
        Assert.That(problem.ToJsonString(), Does.Not.Contain("of their own"));
    }

    [Test]
    public async Task Two_keys_are_refused_as_is_a_charset_that_is_not_read()
    {
        using var twice = Keyed("application/json");
        twice.Headers.Add("Idempotency-Key", NewKey());
        using var refused = await _partner.SendAsync(twice);
        Assert.That((await refused.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["Idempotency-Key"], Is.Not.Null);
        foreach (var (type, status) in new[] { ("APPLICATION/JSON", HttpStatusCode.Accepted), ("application/json; charset=\"UTF-8\"", HttpStatusCode.Accepted), ("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType) })
        {
            using var request = Keyed(type);
            using var answer = await _partner.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(status), type);
        }

        HttpRequestMessage Keyed(string type)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(Body().ToJsonString())) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.Add("Idempotency-Key", NewKey());
            return request;
        }
    }

    [TestCase("$.question", "\u200b\u00ad")]
    [TestCase("$.question", "Apua\0")]
    [TestCase("$.strengths", "\u0007")]
    [TestCase("$.clientRef", "PK\t7")]
    [TestCase("$.clientRef", "\u2060")]
    [TestCase("$.requester.unit", "Neuvola\nB")]
    [TestCase("$.requester.email", "notmail")]
    [TestCase("$.requester.email", "a b@c.example")]
    [TestCase("$.requester.phone", "112\u0000")]
    public async Task What_nobody_could_read_or_use_is_named(string path, string value)
    {
        using var answer = await Submit(Body(body =>
        {
            var parts = path[2..].Split('.');
            (parts.Length == 1 ? body : body[parts[0]]!)[parts[^1]] = value;
        }));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { path }));
    }

    [Test]
    public async Task Words_keep_their_lines_and_signs_and_staff_their_ways_of_writing_a_number()
    {
        foreach (var phone in new[] { "+358 40 000 0000", "040-000 0000", "(03) 000.000", "112", "vaihde, pyydä neuvola" })
        {
            using var answer = await Submit(Body(body =>
            {
                body["question"] = "Rivi 1\r\nRivi 2\t– \ud83d\udc67 ää";
                body["requester"]!["email"] = "neuvola.itä@tampere.esimerkki.example";
                body["requester"]!["phone"] = phone;
            }));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        }
    }

    [Test]
    public async Task A_cursor_goes_on_with_its_own_list_and_with_no_other()
    {
        using var client = await _intake.ClientFor("partner-kymenlaakso");
        for (var count = 0; count < 3; count++)
        {
            using var submitted = await Submit(Body(body => body["county"] = "kymenlaakso"), client: client);
        }

        var cursor = (await client.GetFromJsonAsync<JsonObject>("/v1/consultations?size=2&status=received"))!["next"]!.GetValue<string>();
        var alone = (await client.GetFromJsonAsync<JsonObject>($"/v1/consultations?size=2&cursor={cursor}"))!;
        Assert.That((alone["items"]!.AsArray().Count, alone["items"]![0]!["status"]!.GetValue<string>()), Is.EqualTo((1, "received")), "It goes on by the status that it began with.");
        foreach (var (of, place) in new[] { (client, $"/v1/consultations?status=closed&cursor={cursor}"), (client, $"/v1/absence-follow-ups?cursor={cursor}"), (_neighbour, $"/v1/consultations?cursor={cursor}"), (_coordinator, $"/v1/consultations?cursor={cursor}") })
        {
            using var other = await of.GetAsync(new Uri(place, UriKind.Relative));
            Assert.That((await other.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["cursor"], Is.Not.Null, place);
        }
    }

    [Test]
    public async Task An_access_log_begins_at_a_number_that_a_page_can_have_given()
    {
        using var answer = await Submit(Body());
        using var log = await _partner.GetAsync(new Uri($"{answer.Headers.Location}/access-log?after=-1", UriKind.Relative));
        Assert.That((await log.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["after"], Is.Not.Null);
    }

    [Test]
    public async Task An_unknown_code_is_refused_but_an_unknown_service_is_kept_as_other()
    {
        using var mark = await Submit(Body(body => body["marks"]!.AsArray().Add("mystery")));
        using var service = await Submit(Body(body => body["involvedServices"]!.AsArray().Add("a new kind of service")));
        var problem = await mark.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.Multiple(() =>
        {
            Assert.That(problem["errors"]!.AsObject().Single().Key, Does.StartWith("$.marks["));
            Assert.That(service.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        });
    }

    [Test]
    public async Task I_do_not_know_is_a_fine_answer()
    {
        using var answer = await Submit(Body(body =>
        {
            foreach (var optional in new[] { "topics", "marks", "triedSoFar", "strengths", "childsView", "involvedServices", "wishedChannels", "urgency", "safety", "municipality" })
            {
                body.Remove(optional);
            }
        }));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [TestCase("not json")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase("{\"kind\": 5}")]
    public async Task What_is_no_request_is_a_400(string content)
    {
        using var body = new StringContent(content, Encoding.UTF8, "application/json");
        using var answer = await Post(body);
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [TestCase(new byte[] { 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d }, TestName = "Bytes that are no UTF-8 are a 400")]
    [TestCase(new byte[] { 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0x5c, 0x75, 0x64, 0x38, 0x30, 0x30, 0x22, 0x7d }, TestName = "Half a surrogate pair is a 400")]
    public async Task Broken_text_is_a_400(byte[] content)
    {
        using var body = new ByteArrayContent(content) { Headers = { ContentType = new("application/json") } };
        using var answer = await Post(body);
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
    }

    [TestCase("text/plain")]
    [TestCase("application/merge-patch+json")]
    [TestCase("application/x-www-form-urlencoded")]
    public async Task Only_plain_JSON_is_read(string type)
    {
        using var body = new StringContent(Body().ToJsonString(), Encoding.UTF8, type);
        using var answer = await Post(body);
        await answer.ShowsProblem(HttpStatusCode.UnsupportedMediaType, "platform.unsupported-media-type");
    }

    [Test]
    public async Task R8_a_field_name_in_the_callers_own_words_is_not_repeated()
    {
        using var answer = await Submit(Body(body => body["Matti M 040 123"] = 1));
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem.ToJsonString(), Does.Not.Contain("Matti"));
    }

    [Test]
    public async Task Field_names_are_written_as_documented()
    {
        using var answer = await Submit(Body(body =>
        {
            body.Remove("kind");
            body["Kind"] = "clientWork";
        }));
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task The_requester_is_told_what_is_missing()
    {
        using var submitted = await Submit(Body());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        var now = DateTimeOffset.UtcNow;
        await Publish(new CaseOpened(id, id, "sisa", false, "default.1", now, now.AddHours(4)), Guid.NewGuid(), id, 1);
        await Publish(new InformationRequested(id, id, "sisa", ["legalBasis"], now, now.AddDays(3)), Guid.NewGuid(), id, 3);
        await Eventually.Holds(async () => (await Read(id))["status"]!.GetValue<string>() == "needsInformation");
        var read = await Read(id);
        Assert.Multiple(() =>
        {
            Assert.That(read["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Does.Contain("suostumus"));
            Assert.That(read["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("requester"));
            Assert.That(read["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Does.Contain("information"));
        });
    }

    [Test]
    public async Task A_body_beyond_256_KiB_is_a_413()
    {
        using var answer = await Submit(Body(body => body["question"] = new string('a', 300_000)));
        await answer.ShowsProblem(HttpStatusCode.RequestEntityTooLarge, "platform.too-large");
    }

    [Test]
    public async Task A_text_beyond_20000_characters_is_a_400()
    {
        using var answer = await Submit(Body(body => body["question"] = new string('a', 20_001)));
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task Another_county_is_not_the_partners_to_submit_for()
    {
        using var answer = await Submit(Body(body => body["county"] = "kainuu"));
        await answer.ShowsProblem(HttpStatusCode.Forbidden, "intake.county-not-yours");
    }

    [Test]
    public async Task Nobody_without_a_token_gets_in()
    {
        using var stranger = _intake.CreateClient();
        using var answer = await stranger.GetAsync(new Uri("/v1/consultations", UriKind.Relative));
        await answer.ShowsProblem(HttpStatusCode.Unauthorized, "platform.not-signed-in");
    }

    [Test]
    public async Task A_coordinator_may_read_but_not_submit()
    {
        using var answer = await Submit(Body(), client: _coordinator);
        await answer.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
    }

    [Test]
    public async Task What_belongs_to_another_partner_does_not_exist_for_me()
    {
        using var mine = await Submit(Body());
        using var theirs = await _neighbour.GetAsync(mine.Headers.Location);
        using var areas = await _coordinator.GetAsync(mine.Headers.Location);
        await theirs.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        Assert.That(areas.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task The_list_pages_through_all_of_mine_newest_first()
    {
        using var client = await _intake.ClientFor("partner-satakunta");
        var ids = new List<Guid>();
        for (var count = 0; count < 5; count++)
        {
            using var answer = await Submit(Body(body => body["county"] = "satakunta"), client: client);
            ids.Insert(0, (await answer.Json())["id"]!.GetValue<Guid>());
        }

        var listed = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await client.GetFromJsonAsync<JsonObject>($"/v1/consultations?size=2&status=received{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            listed.AddRange(page!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<Guid>()));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        Assert.That(listed, Is.EqualTo(ids));
    }

    [Test]
    public async Task Every_status_of_the_code_list_can_be_asked_for()
    {
        foreach (var status in Repository.Catalogue.Codes.Statuses)
        {
            using var answer = await _partner.GetAsync(new Uri($"/v1/consultations?status={status}", UriKind.Relative));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), status);
        }
    }

    [TestCase("status=rejected")]
    [TestCase("status=notSubmitted")]
    [TestCase("cursor=nonsense")]
    public async Task A_list_with_nonsense_is_a_400(string query)
    {
        using var answer = await _partner.GetAsync(new Uri($"/v1/consultations?{query}", UriKind.Relative));
        await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task Writes_need_the_version_they_were_decided_on()
    {
        using var submitted = await Submit(Body());
        using var without = await _partner.PostAsync($"{submitted.Headers.Location}/withdrawal", null);
        using var stale = await _partner.Write($"{submitted.Headers.Location}/withdrawal", "\"99\"");
        using var right = await _partner.Write($"{submitted.Headers.Location}/withdrawal", submitted.Headers.ETag!.Tag);
        var withdrawn = await right.Json();
        await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
        Assert.Multiple(() =>
        {
            Assert.That(withdrawn["status"]!.GetValue<string>(), Is.EqualTo("withdrawn"));
            Assert.That(withdrawn["responsible"], Is.Null);
            Assert.That(withdrawn["dueBy"], Is.Null);
            Assert.That(withdrawn["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "reopening", "consent/withdrawal", "erasure" }));
        });
    }

    [Test]
    public async Task Information_is_added_on_a_version_and_moves_the_request_back_to_triage()
    {
        using var submitted = await Submit(Body());
        var address = $"{submitted.Headers.Location}/information";
        using var empty = await _partner.Write(address, submitted.Headers.ETag!.Tag, []);
        using var code = await _partner.Write(address, submitted.Headers.ETag!.Tag, new JsonObject { ["text"] = "131052-9085" });
        using var added = await _partner.Write(address, submitted.Headers.ETag!.Tag, new JsonObject { ["text"] = "More", ["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = "A meeting" }) });
        using var others = await _neighbour.Write(address, submitted.Headers.ETag!.Tag, new JsonObject { ["text"] = "Mine?" });
        var view = await added.Json();
        await empty.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        await code.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        await others.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        Assert.Multiple(() =>
        {
            Assert.That(view["status"]!.GetValue<string>(), Is.EqualTo("inTriage"));
            Assert.That(view["timeline"]!.AsArray(), Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task Triages_messages_move_what_the_requester_sees_each_once()
    {
        using var submitted = await Submit(Body());
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        var now = DateTimeOffset.UtcNow;
        var opened = new CaseOpened(id, id, "sisa", false, "default.1", now, now.AddHours(4));
        var decided = new RouteDecided(id, id, "sisa", Route.HybridTeam, [Ground.Complexity], [], false, false, ["social"], "default.1", "coordinator-sisa", null, now, now.AddDays(3));
        var (openedId, decidedId) = (Guid.NewGuid(), Guid.NewGuid());
        await Publish(opened, openedId, id, 1);
        await Publish(opened, openedId, id, 1);
        await Publish(decided, decidedId, id, 3);
        await Publish(decided, decidedId, id, 3);
        await Eventually.Holds(async () => (await Read(id))["status"]!.GetValue<string>() == "teamBeingAssembled");
        var last = await Submit(Body());
        var read = await Read(id);
        Assert.Multiple(() =>
        {
            Assert.That(read["route"]!.GetValue<string>(), Is.EqualTo("hybridTeam"));
            Assert.That(read["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("coordinator"));
            Assert.That(read["dueBy"]!.GetValue<DateTimeOffset>(), Is.EqualTo(now.AddDays(3)).Within(TimeSpan.FromMilliseconds(1)));
            Assert.That(read["timeline"]!.AsArray(), Has.Count.EqualTo(3));
        });
        last.Dispose();
    }

    [Test]
    public async Task R2_what_nobody_takes_over_in_time_goes_to_the_coordinating_team()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_overdue");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var submitted = await Submit(Body(), client: partner);
        intake.MoveClock(TimeSpan.FromDays(14));
        await Eventually.Holds(async () =>
        {
            var read = await partner.GetFromJsonAsync<JsonObject>(submitted.Headers.Location);
            Assert.That(read!["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("coordinatingTeam"));
            Assert.That(read["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow.AddDays(13)));
        });
    }

    [Test]
    public async Task R2_with_Triage_down_for_hours_no_request_is_without_an_accountable_party_and_a_date_that_is_watched()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_without_triage");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var (clock, policy) = (intake.Services.GetRequiredService<TimeProvider>(), intake.Services.GetRequiredService<IntakePolicy>());
        var requests = new Dictionary<string, bool>();
        foreach (var (urgency, danger) in new[] { ("routine", false), ("soon", false), ("urgent", false), ("urgent", true) })
        {
            using var submitted = await Submit(Body(body =>
            {
                body["urgency"] = urgency;
                body["safety"] = new JsonObject { ["immediateDanger"] = danger };
            }), client: partner);
            requests[submitted.Headers.Location!.ToString()] = danger;
        }

        var accountable = new List<string>();
        foreach (var hours in new[] { 0.5, 1, 2, 3, 5, 8, 24, 72, 240 })
        {
            await intake.PassTime(TimeSpan.FromHours(hours));
            foreach (var (place, danger) in requests)
            {
                await Eventually.Holds(async () =>
                {
                    var read = (await partner.GetFromJsonAsync<JsonObject>(place))!;
                    var (kind, due) = (read["responsible"]!["kind"]!.GetValue<string>(), read["dueBy"]!.GetValue<DateTimeOffset>());
                    Assert.That(kind, Is.EqualTo("areaCoordinators").Or.EqualTo("coordinatingTeam"));
                    Assert.That((read["responsible"]!["name"]!.GetValue<string>(), read["responsible"]!["contact"]!.GetValue<string>()), Is.Not.EqualTo((string.Empty, string.Empty)));
                    Assert.That(policy.Watched("sisa", due, danger).OverdueAt, Is.GreaterThan(clock.GetUtcNow()), $"{place}: silence after {hours} h.");
                    accountable.Add(kind);
                });
            }
        }

        Assert.That(accountable.Distinct(), Is.EquivalentTo(new[] { "areaCoordinators", "coordinatingTeam" }), "Nothing was handed on.");
        Assert.That(accountable.TakeLast(requests.Count), Is.All.EqualTo("coordinatingTeam"));

        var id = Guid.Parse(requests.Keys.First().Split('/')[^1]);
        await new OtherServices(intake).Opened(id);
        await Eventually.Holds(async () => Assert.That((await partner.GetFromJsonAsync<JsonObject>(requests.Keys.First()))!["status"]!.GetValue<string>(), Is.EqualTo("inTriage"), "Triage is back."));
    }

    [Test]
    public async Task R2_immediate_danger_is_due_in_minutes_day_and_night_and_then_the_coordinating_teams()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_danger");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var submitted = await Submit(Body(body => body["safety"] = new JsonObject { ["immediateDanger"] = true }), client: partner);
        var acknowledged = await submitted.Json();
        Assert.That(acknowledged["dueBy"]!.GetValue<DateTimeOffset>(), Is.LessThan(DateTimeOffset.UtcNow.AddMinutes(31)));
        intake.MoveClock(TimeSpan.FromMinutes(46));
        await Eventually.Holds(async () =>
            (await partner.GetFromJsonAsync<JsonObject>(submitted.Headers.Location))!["responsible"]!["kind"]!.GetValue<string>() == "coordinatingTeam");
    }

    [Test]
    public async Task R10_what_was_acknowledged_is_acknowledged_again_when_its_consent_has_run_out_meanwhile()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_again");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var body = Body(body => body["legalBasis"]!["validUntil"] = DateTimeOffset.UtcNow.AddDays(1).ToString("yyyy-MM-dd"));
        using var first = await Submit(body, "a-key", partner);
        intake.MoveClock(TimeSpan.FromDays(10));
        await Eventually.Holds(async () =>
        {
            using var fresh = await Submit(body, client: partner);
            Assert.That(fresh.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        });
        using var again = await Submit(body, "a-key", partner);
        Assert.That(await again.Content.ReadAsByteArrayAsync(), Is.EqualTo(await first.Content.ReadAsByteArrayAsync()));
    }

    [Test]
    public async Task An_urgent_request_outside_duty_hours_says_where_to_turn_until_the_office_opens_C12()
    {
        await using var intake = await ServiceHost<Program>.Start("intake_duty");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        intake.MoveClock(NextWeek(DayOfWeek.Saturday) - DateTimeOffset.UtcNow);
        JsonObject? urgent = null;
        await Eventually.Holds(async () =>
        {
            using var submitted = await Submit(Body(body => body["urgency"] = "urgent"), client: partner);
            urgent = await submitted.Json();
            Assert.That(urgent["emergency"]!["text"]!.GetValue<string>(), Does.Contain("Pirkanmaa"));
        });
        using var routine = await Submit(Body(), client: partner);
        Assert.That((await routine.Json())["emergency"], Is.Null);

        intake.MoveClock(NextWeek(DayOfWeek.Tuesday) - DateTimeOffset.UtcNow);
        await Eventually.Holds(async () => (await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{urgent!["id"]}"))!["emergency"] is null);
    }

    [TestCase("fi", "fi", "112")]
    [TestCase("sv", "sv", "112")]
    [TestCase("en", "en", "112")]
    [TestCase("se", "fi", "pohjoissaameksi")]
    public async Task In_immediate_danger_the_answer_says_where_to_turn_R11(string language, string answered, string contains)
    {
        using var answer = await Submit(Body(body =>
        {
            body["language"] = language;
            body["safety"] = new JsonObject { ["immediateDanger"] = true };
        }));
        var emergency = (await answer.Json())["emergency"]!;
        Assert.Multiple(() =>
        {
            Assert.That(emergency["language"]!.GetValue<string>(), Is.EqualTo(answered));
            Assert.That(emergency["text"]!.GetValue<string>(), Does.Contain(contains));
        });
    }

    [Test]
    public async Task R8_the_words_are_in_the_vault_only_and_open_with_their_key_and_an_entry_in_the_access_log()
    {
        var canary = $"kanarialintu{Guid.NewGuid():N}";
        using var submitted = await Submit(Body(body =>
        {
            body["question"] = $"question {canary}";
            body["strengths"] = canary;
            body["requester"]!["email"] = $"{canary}@partner.example";
            body["safety"] = new JsonObject { ["contactWarning"] = canary };
        }));
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var find = store.CreateCommand("select id from ot.mt_doc_vaulttext where owner = $1 and data->>'kind' = 'question'");
        find.Parameters.AddWithValue(id);
        var textId = (Guid)(await find.ExecuteScalarAsync())!;
        var text = await _intake.Services.GetRequiredService<Vault>().Read(textId, "test", "reader", CancellationToken.None);
        await using var log = store.CreateCommand("select count(*) from ot.mt_doc_textaccess where owner = $1 and data->>'reader' = 'reader'");
        log.Parameters.AddWithValue(id);
        Assert.Multiple(async () =>
        {
            Assert.That(text, Is.EqualTo($"question {canary}"));
            Assert.That(await TextInStore(canary), Is.False);
            Assert.That(await log.ExecuteScalarAsync(), Is.EqualTo(1L));
        });
    }

    [Test]
    public async Task The_description_of_the_API_is_OpenAPI_3_1()
    {
        using var anyone = _intake.CreateClient();
        var description = await anyone.GetFromJsonAsync<JsonObject>("/openapi/v1.json");
        Assert.Multiple(() =>
        {
            Assert.That(description!["openapi"]!.GetValue<string>(), Does.StartWith("3.1"));
            Assert.That(description["paths"]!["/v1/consultations/{id}/information"], Is.Not.Null);
        });
    }

    /// <summary>A day at ten o'clock in Helsinki's winter, one to two weeks from now; the Saturday comes before the Tuesday.</summary>
    private static DateTimeOffset NextWeek(DayOfWeek day)
    {
        var saturday = new DateTimeOffset(DateTimeOffset.UtcNow.Date, TimeSpan.Zero).AddDays(7);
        while (saturday.DayOfWeek is not DayOfWeek.Saturday || !Platform.Hosting.WorkingCalendar.IsWorkingDay(DateOnly.FromDateTime(saturday.Date.AddDays(3))))
        {
            saturday = saturday.AddDays(1);
        }

        return (day is DayOfWeek.Saturday ? saturday : saturday.AddDays(3)).AddHours(8);
    }

    private async Task<HttpResponseMessage> Post(HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations") { Content = content };
        request.Headers.Add("Idempotency-Key", NewKey());
        return await _partner.SendAsync(request);
    }

    private static string NewKey() => Guid.NewGuid().ToString();

    private static JsonObject Body(Action<JsonObject>? change = null) => Calls.Sample(change);

    private async Task<JsonObject> Read(Guid id) => (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;

    private Task<HttpResponseMessage> Submit(JsonObject body, string? key = null, HttpClient? client = null) => (client ?? _partner).Submit(body, key);

    private async Task Publish<T>(T message, Guid messageId, Guid stream, long version)
        where T : class =>
        await _intake.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId;
            context.Headers.Set("ot-source", "triage");
            context.Headers.Set("ot-stream-id", stream.ToString());
            context.Headers.Set("ot-stream-version", version);
        });

    /// <summary>Whether the text stands anywhere in the tables of the store, in the clear.</summary>
    private async Task<bool> TextInStore(string text)
    {
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var tables = store.CreateCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'ot'");
        var names = new List<string>();
        await using (var reader = await tables.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(0));
            }
        }

        Assert.That(names, Is.Not.Empty);
        foreach (var name in names)
        {
#pragma warning disable CA2100 // The table's name comes from the catalogue of the database itself.
            await using var search = store.CreateCommand($"select exists (select 1 from {name} as t where position($1 in t::text) > 0)");
#pragma warning restore CA2100
            search.Parameters.AddWithValue(text);
            if ((bool)(await search.ExecuteScalarAsync())!)
            {
                return true;
            }
        }

        return false;
    }
}

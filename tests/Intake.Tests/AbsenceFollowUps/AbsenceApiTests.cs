using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.AbsenceFollowUps;

/// <summary>Follow-ups of absence over the partner API, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class AbsenceApiTests
{
    private const string Address = "/v1/absence-follow-ups";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _school = null!;
    private HttpClient _neighbour = null!;
    private HttpClient _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("absence");
        _school = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _coordinator = await _intake.ClientFor("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _school.Dispose();
        _neighbour.Dispose();
        _coordinator.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_follow_up_is_found_as_it_was_acknowledged_with_the_guidance_of_its_step()
    {
        using var answer = await Begin(30.5m);
        var begun = await answer.Json();
        using var found = await _school.GetAsync(answer.Headers.Location);
        var read = await found.Json();
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(read.ToJsonString(), Is.EqualTo(begun.ToJsonString()));
            Assert.That(found.Headers.ETag, Is.EqualTo(answer.Headers.ETag));
            Assert.That(Text(read, "status"), Is.EqualTo("stepOpen"));
            Assert.That(read["steps"]!.AsArray().Select(step => Text(step!, "code")), Is.EqualTo(new[] { "over-30" }));
            Assert.That(read["steps"]![0]!["missing"]!.AsArray().Select(need => need!.GetValue<string>()), Is.EqualTo(new[] { "meeting", "familyAgreement", "followUp" }));
            Assert.That(Text(read["steps"]![0]!["guidance"]![0]!, "text"), Is.EqualTo(Repository.Catalogue.Texts.Guidance["absence.meeting"].Fi));
            Assert.That(Text(read["responsible"]!, "kind"), Is.EqualTo("requester"));
            Assert.That(read["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow));
        });
    }

    [Test]
    public async Task R10_the_same_key_and_body_get_the_same_answer_byte_for_byte()
    {
        var (body, key) = (Body(5), Guid.NewGuid().ToString());
        using var first = await Begin(body, key);
        using var again = await Begin(body, key);
        Assert.That(await again.Content.ReadAsByteArrayAsync(), Is.EqualTo(await first.Content.ReadAsByteArrayAsync()));
        body["hours"] = 6;
        using var other = await Begin(body, key);
        await other.ShowsProblem(HttpStatusCode.Conflict, "idempotency.key-reused");
        using var none = await _school.PostAsJsonAsync(Address, body);
        await none.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task One_pupil_is_followed_once_in_a_period_also_when_two_begin_at_once()
    {
        var body = Body(5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Begin(body)));
        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Created), Is.EqualTo(1));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
        {
            await answer.ShowsProblem(HttpStatusCode.Conflict, "intake.absence-followed-already");
        }
    }

    [Test]
    public async Task G9_8_a_step_goes_from_the_first_hour_too_many_to_its_follow_up_over_the_interface()
    {
        var place = await Begun(30.0m);
        Assert.That((await Read(place))["steps"]!.AsArray(), Is.Empty);
        var over = await Say(place, "hours", new { hours = 30.5 });
        Assert.That(Text(over, "status"), Is.EqualTo("stepOpen"));
        var met = await Say(place, "meeting", new { heldOn = Day(0), participants = new[] { "teacher", "nobody-we-know" }, agreedWithFamily = true, note = "What was agreed" });
        Assert.That((Text(met, "status"), Text(met["meetings"]![0]!, "note"), Text(met["meetings"]![0]!["participants"]![1]!)), Is.EqualTo(("stepOpen", "What was agreed", "other")));
        using var unnamed = await Write(place, "meeting", new { followUp = new { date = Day(20) } });
        Assert.That((await unnamed.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.followUp.responsible"], Is.Not.Null);
        using var undated = await Write(place, "meeting", new { followUp = new { responsible = "sw-114" } });
        Assert.That((await undated.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.followUp.date"], Is.Not.Null);
        var agreed = await Say(place, "meeting", new { followUp = new { date = Day(20), responsible = "sw-114" } });
        Assert.Multiple(() =>
        {
            Assert.That((Text(agreed, "status"), agreed["steps"]![0]!["complete"]!.GetValue<bool>()), Is.EqualTo(("followUpAgreed", true)));
            Assert.That((Text(agreed["responsible"]!, "kind"), Text(agreed["responsible"]!, "contact")), Is.EqualTo(("followUpResponsible", "sw-114")));
        });
    }

    [Test]
    public async Task R8_a_reading_of_all_notes_and_corrections_is_one_line_of_each_kind()
    {
        var place = await Begun(40);
        foreach (var hours in new[] { 35, 31 })
        {
            await Say(place, "meeting", new { heldOn = Day(0), agreedWithFamily = true, note = $"At {hours}", followUp = new { date = Day(9), responsible = "sw-1" } });
            await Say(place, "hours", new { hours, reason = $"Now {hours}" });
        }

        async Task<List<string>> Log() => [.. (await _school.GetFromJsonAsync<JsonObject>($"{place}/access-log"))!["items"]!.AsArray().Select(line => Text(line!, "kind"))];
        var before = await Log();
        await Read(place);
        Assert.That((await Log()).Skip(before.Count), Is.EquivalentTo(new[] { "absenceMeetings", "absenceCorrections" }));
    }

    [TestCase("unborn")]
    [TestCase("0-2")]
    [TestCase("18-25")]
    public async Task A_pupil_is_of_an_age_at_which_one_goes_to_school(string band)
    {
        var body = Body(5);
        body["ageBand"] = band;
        using var answer = await Begin(body);
        Assert.That((await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.ageBand"], Is.Not.Null);
    }

    [Test]
    public async Task R2_while_nothing_is_due_the_school_follows_until_the_counting_period_ends()
    {
        var read = await Read(await Begun(5));
        Assert.Multiple(() =>
        {
            Assert.That((Text(read, "status"), Text(read["responsible"]!, "kind"), read["overdueSince"]), Is.EqualTo(("monitored", "requester", (JsonNode?)null)));
            Assert.That(DateOnly.FromDateTime(read["dueBy"]!.GetValue<DateTimeOffset>().UtcDateTime), Is.EqualTo(DateOnly.Parse(Text(read["period"]!, "until"), System.Globalization.CultureInfo.InvariantCulture)).Or.EqualTo(DateOnly.Parse(Text(read["period"]!, "until"), System.Globalization.CultureInfo.InvariantCulture).AddDays(1)));
        });
    }

    [Test]
    public async Task Fewer_hours_come_with_a_reason_that_the_school_reads_again()
    {
        var place = await Begun(31);
        using var fewer = await Write(place, "hours", new { hours = 12 });
        await fewer.ShowsProblem(HttpStatusCode.Conflict, "intake.absence-hours-fewer");
        var corrected = await Say(place, "hours", new { hours = 12, reason = "Counted twice", kinds = new { unauthorised = 2, sick = 10 } });
        Assert.Multiple(() =>
        {
            Assert.That(corrected["hours"]!.GetValue<decimal>(), Is.EqualTo(12));
            Assert.That(corrected["steps"]!.AsArray(), Is.Empty);
            Assert.That(Text(corrected["recorded"]![1]!, "correction"), Is.EqualTo("Counted twice"));
            Assert.That(corrected["kinds"]!["sick"]!.GetValue<decimal>(), Is.EqualTo(10));
        });
    }

    [TestCase("hours", """{ "hours": -1 }""", "$.hours")]
    [TestCase("hours", """{ "hours": 0.001 }""", "$.hours")]
    [TestCase("meeting", """{ "heldOn": "1900-01-01" }""", "$.heldOn")]
    [TestCase("meeting", """{ "heldOn": "2026-01-10", "followUp": { "date": "9999-12-31", "responsible": "w" } }""", "$.followUp.date")]
    [TestCase("hours", """{ "hours": 10, "kinds": { "sick": 9 } }""", "$.kinds")]
    [TestCase("hours", """{ "hours": 10, "kinds": { "sick": 11, "other": -1 } }""", "$.kinds")]
    [TestCase("meeting", "{ }", "$.heldOn")]
    [TestCase("meeting", """{ "heldOn": "2999-01-01" }""", "$.heldOn")]
    [TestCase("meeting", """{ "heldOn": "2026-01-10", "followUp": { "date": "2026-01-09", "responsible": "w" } }""", "$.followUp.date")]
    [TestCase("meeting", """{ "note": "Later", "followUp": { "date": "2999-01-09", "responsible": "w" } }""", "$.heldOn")]
    [TestCase("contact", """{ "kind": "elsewhere", "madeOn": "2026-01-10" }""", "$.kind")]
    [TestCase("contact", """{ "kind": "consultation" }""", "$.madeOn")]
    [TestCase("meeting", """{ "heldOn": "2026-01-10", "note": "131052-9085" }""", "$.note")]
    [TestCase("hours", """{ "hours": 10, "reason": "131052-9085" }""", "$.reason")]
    [TestCase("escalation", """{ "question": "131052-9085" }""", "$.question")]
    public async Task Bad_input_is_refused_by_its_path_and_changes_nothing(string action, string body, string path)
    {
        var place = await Begun(31);
        var before = await Read(place);
        using var answer = await _school.Write($"{place}/{action}", await Tag(place), JsonNode.Parse(body)!.AsObject());
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Does.Contain(path));
        Assert.That((problem.ToJsonString().Contains("131052-9085", StringComparison.Ordinal), (await Read(place)).ToJsonString()), Is.EqualTo((false, before.ToJsonString())));
    }

    [TestCase("clientRef")]
    [TestCase("county")]
    [TestCase("language")]
    [TestCase("ageBand")]
    [TestCase("hours")]
    public async Task What_a_follow_up_needs_is_named(string field)
    {
        var body = Body(5);
        body.Remove(field);
        using var answer = await Begin(body);
        Assert.That((await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { $"$.{field}" }));
    }

    [Test]
    public async Task A_write_needs_the_version_that_was_read()
    {
        var place = await Begun(31);
        foreach (var action in new[] { "hours", "meeting", "escalation", "contact", "erasure" })
        {
            using var without = await _school.Write($"{place}/{action}", null, new JsonObject());
            await without.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        }

        var old = await Tag(place);
        await Say(place, "hours", new { hours = 32 });
        using var stale = await _school.Write($"{place}/hours", old, Json(new { hours = 33 }));
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");
    }

    [Test]
    public async Task Nobody_but_the_school_that_follows_sees_it_not_even_the_areas_coordinators()
    {
        var place = await Begun(31);
        foreach (var other in new[] { _neighbour, _coordinator })
        {
            foreach (var read in new[] { place, $"{place}/access-log" })
            {
                using var answer = await other.GetAsync(read);
                await answer.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
            }

            var items = (await other.GetFromJsonAsync<JsonObject>(Address))!["items"]!.AsArray();
            Assert.That(items.Select(item => $"{Address}/{Text(item!, "id")}"), Has.None.EqualTo(place));
        }

        foreach (var action in new[] { "hours", "meeting", "escalation", "contact", "erasure" })
        {
            using var answer = await _neighbour.Write($"{place}/{action}", "\"1\"", new JsonObject());
            await answer.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        }

        using var otherCounty = await _neighbour.PostKeyed(Address, Body(5));
        await otherCounty.ShowsProblem(HttpStatusCode.Forbidden, "intake.county-not-yours");
    }

    [Test]
    public async Task G9_8_over_70_hours_the_matter_goes_into_a_consultation_with_what_is_known_and_nothing_is_asked_twice()
    {
        var place = await Begun(70.5m, "PK-ESC-1");
        foreach (var step in new[] { "over-30", "over-50", "over-70" })
        {
            await Say(place, "meeting", new { step, heldOn = Day(0), agreedWithFamily = true, note = $"Tried {step}", followUp = new { date = Day(14), responsible = "sw-114" } });
        }

        var waiting = await Read(place);
        Assert.That(waiting["steps"]![2]!["missing"]!.AsArray().Select(need => need!.GetValue<string>()), Is.EqualTo(new[] { "consultation" }));
        Assert.That(waiting["steps"]![2]!["guidance"]!.AsArray().Select(words => Text(words!, "code")), Is.SupersetOf(new[] { "absence.socialWelfareContact", "absence.childWelfareNotification", "absence.atOnce" }));
        var asked = await Say(place, "escalation", Escalation());
        var id = Text(asked["consultations"]![0]!);
        var consultation = (await _school.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!;
        using var found = await _school.PostAsJsonAsync("/v1/consultations/search", new { clientRef = "PK-ESC-1" });
        Assert.Multiple(async () =>
        {
            Assert.That(asked["steps"]![2]!["complete"]!.GetValue<bool>(), Is.True);
            Assert.That(Text(consultation, "status"), Is.EqualTo("received"));
            Assert.That((await found.Json())["items"]!.AsArray().Select(item => Text(item!, "id")), Is.EqualTo(new[] { id }));
            Assert.That((await Stored($"select data::text from ot.mt_events where stream_id = '{id}'")).Single(), Does.Contain("\"triedCount\": 3").And.Contain("school.absence").And.Contain("70.5"));
        });
        using var again = await Write(place, "escalation", Escalation());
        await again.ShowsProblem(HttpStatusCode.Conflict, "intake.absence-consulted-already");
        using var wrong = await Write(await Begun(31), "escalation", new { question = "Why?" });
        Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!.AsObject().Select(error => error.Key), Is.SupersetOf(new[] { "$.requester", "$.legalBasis", "$.responsibleWorker" }));
    }

    [Test]
    public async Task R8_an_erased_follow_up_leaves_neither_words_nor_hours_in_the_store()
    {
        var place = await Begun(88.25m, "PK-ERASE-1");
        await Say(place, "meeting", new { heldOn = Day(0), agreedWithFamily = true, note = "Canary", followUp = new { date = Day(9), responsible = "sw-erase-9" } });
        await Say(place, "contact", new { kind = "childWelfareNotification", madeOn = Day(-3) });
        var id = place.Split('/')[^1];
        using var erased = await Write(place, "erasure", null);
        var shown = await erased.Json();
        using var again = await Write(place, "erasure", null);
        using var more = await Write(place, "hours", new { hours = 90 });
        await more.ShowsProblem(HttpStatusCode.Conflict, "intake.absence-follow-up-erased");
        var kept = string.Join('\n', await Stored($"select data::text from ot.mt_events where stream_id = '{id}' union all select data::text from ot.mt_doc_absencefollowupview where id = '{id}' union all select data::text from ot.mt_doc_vaulttext where owner = '{id}'"));
        var log = (await _school.GetFromJsonAsync<JsonObject>($"{place}/access-log"))!["items"]!.AsArray();
        Assert.Multiple(() =>
        {
            Assert.That(shown["erased"]!["completeBy"], Is.Not.Null);
            Assert.That((shown["hours"], again.StatusCode), Is.EqualTo(((JsonNode?)null, HttpStatusCode.OK)));
            Assert.That(kept, Does.Not.Contain("88.25").And.Not.Contain("sw-erase-9").And.Not.Contain("Canary").And.Not.Contain("\"childWelfareNotification\"").And.Not.Contain(Day(-3)).And.Contain("over-70"));
            Assert.That(kept, Does.Not.Contain("matterKey\": \""));
            Assert.That(Text(log[^1]!, "purpose"), Is.EqualTo("erasure"));
        });
    }

    [Test]
    public async Task The_schools_own_list_finds_those_in_which_something_is_due()
    {
        var (open, quiet) = (await Begun(31), await Begun(3));
        var due = (await _school.GetFromJsonAsync<JsonObject>($"{Address}?status=stepOpen&size=100"))!["items"]!.AsArray().Select(item => $"{Address}/{Text(item!, "id")}").ToList();
        Assert.That((due.Contains(open), due.Contains(quiet)), Is.EqualTo((true, false)));
        var page = (await _school.GetFromJsonAsync<JsonObject>($"{Address}?size=1"))!;
        var next = (await _school.GetFromJsonAsync<JsonObject>($"{Address}?size=1&cursor={Uri.EscapeDataString(Text(page, "next"))}"))!;
        Assert.That((Text(page["items"]![0]!, "id"), Text(next["items"]![0]!, "id")), Is.EqualTo((quiet.Split('/')[^1], open.Split('/')[^1])));
        using var unknown = await _school.GetAsync($"{Address}?status=lost");
        await unknown.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    private static JsonObject Body(decimal hours, string? clientRef = null) => new()
    {
        ["clientRef"] = clientRef ?? Guid.NewGuid().ToString("N"),
        ["county"] = "pirkanmaa",
        ["language"] = "fi",
        ["ageBand"] = "13-15",
        ["hours"] = hours,
    };

    private static object Escalation() => new
    {
        question = "How does the pupil find the way back to school?",
        requester = new { role = "school-social-worker", sector = "education", unit = "School" },
        responsibleWorker = new { role = "own-worker", @ref = "sw-114" },
        legalBasis = new { type = "consent" },
        shareMeetings = true,
    };

    private static string Day(int fromToday) => DateOnly.FromDateTime(DateTime.UtcNow).AddDays(fromToday).ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Json(object body) => System.Text.Json.JsonSerializer.SerializeToNode(body)!.AsObject();

    private static string Text(JsonNode node, string? field = null) => (field is null ? node : node[field]!).GetValue<string>();

    private Task<HttpResponseMessage> Begin(decimal hours) => Begin(Body(hours));

    private Task<HttpResponseMessage> Begin(JsonObject body, string? key = null) => _school.PostKeyed(Address, body, key);

    private async Task<string> Begun(decimal hours, string? clientRef = null)
    {
        using var answer = await Begin(Body(hours, clientRef));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    private async Task<JsonObject> Read(string place) => (await _school.GetFromJsonAsync<JsonObject>(place))!;

    private async Task<string> Tag(string place)
    {
        using var answer = await _school.GetAsync(place);
        return answer.Headers.ETag!.Tag;
    }

    private async Task<HttpResponseMessage> Write(string place, string action, object? body) => await _school.Write($"{place}/{action}", await Tag(place), body is null ? null : Json(body));

    private async Task<JsonObject> Say(string place, string action, object body)
    {
        using var answer = await Write(place, action, body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private async Task<IReadOnlyList<string>> Stored(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}

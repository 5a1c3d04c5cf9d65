using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>Policies at the console: what is in force and drafted, written setting by setting, tried out and published.</summary>
[TestFixture]
internal sealed class PolicyPagesTests
{
    private const string DraftId = "0195d2c0-0000-7000-8000-000000000001";
    private static readonly string Shipped = File.ReadAllText(Path.Combine(Repository.CataloguePath, "policies", "default.json"));

    private RunningConsole _console = null!;
    private Browser _coordinator = null!;
    private Browser _leader = null!;
    private Browser _operator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_policies");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        _leader = await _console.Browser().SignedIn("leadership-sisa");
        _operator = await _console.Browser().SignedIn("operator");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _leader.Dispose();
        _operator.Dispose();
        await _console.DisposeAsync();
    }

    [SetUp]
    public void InForce()
    {
        Known("default", Shipped, 1);
        foreach (var area in Repository.Catalogue.Areas)
        {
            Known(area.Code, area.Code == "sisa" ? """{ "code": "sisa", "version": 1, "effectiveFrom": "2026-10-01", "team": { "maxMembers": 4 } }""" : string.Empty, area.Code == "sisa" ? 1 : 0);
        }
    }

    [Test]
    public async Task Everybody_who_reads_queues_sees_each_setting_by_default_and_by_area_and_what_is_drafted()
    {
        Known("lansi", string.Empty, 0, """{ "team": { "maxMembers": 3 } }""");
        var page = await _coordinator.Get("/policies");
        var members = Row(page, "setting-row", "team.maxMembers");
        Assert.Multiple(() =>
        {
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(page.Count("policy-row"), Is.EqualTo(1 + Repository.Catalogue.Areas.Count));
            Assert.That(page.Shown("policy-in-force"), Does.Contain("default.1+sisa.1"));
            Assert.That(page.Shown("policy-draft"), Has.One.Contains("leadership-lansi").And.One.Contains("Kokeilu"));
            Assert.That(members, Does.Contain("Jäseniä enintään").And.Contain("6").And.Contain("Sisä-Suomi: 4"));
            Assert.That(Row(page, "setting-row", "deadlines.confirmation.urgent"), Does.Contain("Suosituksen vahvistus: Kiireellinen").And.Contain("4 työtuntia"));
            Assert.That(Row(page, "setting-row", "triage.confirmation"), Does.Contain("Aina"));
            Assert.That(page.Shown("nav-policies"), Is.Not.Empty);
        });
    }

    [Test]
    public async Task Only_the_editor_of_an_area_writes_its_policy_and_only_the_operator_the_defaults()
    {
        using var expert = await _console.Browser().SignedInAsExpert(Journal.Happenings.Expert(1));
        var (coordinators, own, others, defaults) = (await _coordinator.Get("/policies/sisa"), await _leader.Get("/policies/sisa"), await _leader.Get("/policies/lansi"), await _operator.Get("/policies/default"));
        Assert.Multiple(async () =>
        {
            Assert.That((coordinators.Count("edit"), own.Count("edit"), others.Count("edit"), defaults.Count("edit")), Is.EqualTo((0, 1, 0, 1)));
            Assert.That((await expert.Get("/policies")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await expert.Get("/policies/default")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await _coordinator.Get("/policies/sisa/what-if")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await _coordinator.Get("/policies/sisa/what-if/progress")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await _operator.Get("/")).Location, Is.EqualTo("/policies"));
        });
        var token = System.Text.RegularExpressions.Regex.Match(coordinators.Text, "name=\"form-token\"[^>]*value=\"(?<value>[^\"]*)\"").Groups["value"].Value;
        var before = Asked<DraftPolicyRequest>().Count;
        var forbidden = await _coordinator.Post("/policies/sisa/draft", ("form-token", token), ("reason", "trial"));
        Assert.That(forbidden.Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(Asked<DraftPolicyRequest>(), Has.Count.EqualTo(before));
    }

    [Test]
    public async Task One_policy_shows_what_holds_its_versions_and_an_earlier_one_as_it_was()
    {
        _console.Owners.Answer<GetPolicyRequest>("default", request => Policy("default", request.Version == 1 ? """{ "team": { "maxMembers": 7 } }""" : Shipped, request.Version == 1 ? 1 : 2));
        var now = await _coordinator.Get("/policies/default");
        var then = await _coordinator.Get("/policies/default?version=1");
        Assert.Multiple(() =>
        {
            Assert.That(Row(now, "value", "team.maxMembers"), Does.Contain("6"));
            Assert.That(Row(then, "value", "team.maxMembers"), Does.Contain("7"));
            Assert.That(now.Shown("version"), Has.Count.EqualTo(2).And.Some.Contains("Tuotteen mukana"));
            Assert.That(then.Count("edit"), Is.Zero);
        });
        Assert.That((await _coordinator.Get("/policies/nowhere")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task An_editor_changes_one_setting_with_a_reason_and_nothing_else_comes_with_it()
    {
        _console.Owners.Answer<DraftPolicyRequest>("sisa", _ => new Policy { Code = "sisa" });
        var page = await _leader.Get("/policies/sisa");
        var saved = await _leader.Send(page, "/policies/sisa/draft", ("number:team.maxMembers", "5"), ("time:deadlines.claim.soon", "2"), ("unit:deadlines.claim.soon", "workingHours"), ("reason", "trial"));
        var sent = Asked<DraftPolicyRequest>()[^1];
        Assert.Multiple(() =>
        {
            Assert.That(saved.Location, Is.EqualTo("/policies/sisa?done=policy-draft"));
            Assert.That((sent.Code, sent.ReasonCode, sent.ExpectedVersion), Is.EqualTo(("sisa", "trial", 3L)));
            Assert.That(JsonNode.DeepEquals(
                JsonNode.Parse(sent.DocumentJson),
                JsonNode.Parse("""{ "code": "sisa", "version": 1, "effectiveFrom": "2026-10-01", "team": { "maxMembers": 5 }, "deadlines": { "claim": { "soon": { "workingHours": 2 } } } }""")), Is.True, sent.DocumentJson);
        });
    }

    [Test]
    public async Task Faults_are_told_at_their_settings_in_the_readers_language_and_nothing_typed_is_lost()
    {
        _console.Owners.Answer<ValidatePolicyRequest>("sisa", request => request.DocumentJson.Contains("99", StringComparison.Ordinal)
            ? new PolicyFaults { Faults = { new PolicyFault { Path = "$.team.maxMembers", Message = "Has to be 20 or less." }, new PolicyFault { Path = "$.rows[1].when", Message = "Something new is wrong." } } }
            : new PolicyFaults());
        var page = await _leader.Get("/policies/sisa");
        var faulty = await _leader.Send(page, "/policies/sisa/check", ("number:team.maxMembers", "99"), ("reason", "trial"));
        var fine = await _leader.Send(faulty, "/policies/sisa/check", ("number:team.maxMembers", "5"));
        Assert.Multiple(() =>
        {
            Assert.That(faulty.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(faulty.Count("fault"), Is.EqualTo(2));
            Assert.That(Row(faulty, "setting", "team.maxMembers"), Does.Contain("Arvon on oltava enintään 20."));
            Assert.That(faulty.Text, Does.Contain("value=\"99\"").And.Contain("lang=\"en\">Something new is wrong.").And.Contain("aria-invalid=\"true\"").And.Contain("href=\"#setting-team-maxMembers\""));
            Assert.That(faulty.Text, Does.Match("data-test=\"form-draft\" data-typed"), "What was typed stays while the page refreshes itself.");
            Assert.That((fine.Count("faults"), fine.Count("checked-fine")), Is.EqualTo((0, 1)));
            Assert.That(Asked<DraftPolicyRequest>().Where(request => request.DocumentJson.Contains("99", StringComparison.Ordinal)), Is.Empty, "Checking keeps nothing.");
        });
    }

    [Test]
    public async Task What_is_no_JSON_is_not_sent_and_stays_in_its_field()
    {
        var before = Asked<DraftPolicyRequest>().Count;
        var page = await _leader.Get("/policies/sisa");
        var refused = await _leader.Send(page, "/policies/sisa/draft", ("json:team.leadAreas", "{ no json"), ("reason", "trial"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(Row(refused, "setting", "team.leadAreas"), Does.Contain("{ no json").And.Contain("Tätä ei voi lukea JSON-muotona."));
            Assert.That(Asked<DraftPolicyRequest>(), Has.Count.EqualTo(before));
        });
    }

    [Test]
    public async Task A_draft_is_refused_when_somebody_else_has_written_one_meanwhile()
    {
        _console.Owners.Refuse<DraftPolicyRequest>("sisa", StatusCode.Aborted, "platform.stale-version");
        var page = await _leader.Get("/policies/sisa");
        var refused = await _leader.Send(page, "/policies/sisa/draft", ("number:team.maxMembers", "3"), ("reason", "trial"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(refused.Shown("refusal").Single(), Does.StartWith("Asia on muuttunut"));
            Assert.That(refused.Text, Does.Contain("value=\"3\""));
        });
    }

    [Test]
    public async Task A_draft_without_faults_is_published_from_a_day_and_one_with_faults_is_not_offered()
    {
        Known("sisa", """{ "team": { "maxMembers": 4 } }""", 1, """{ "team": { "maxMembers": 3 } }""");
        _console.Owners.Answer<ValidatePolicyRequest>("sisa", _ => new PolicyFaults { Faults = { new PolicyFault { Path = "$.team.maxMembers", Message = "Is missing." } } });
        var faulty = await _leader.Get("/policies/sisa");
        _console.Owners.Answer<ValidatePolicyRequest>("sisa", _ => new PolicyFaults());
        _console.Owners.Refuse<PublishPolicyRequest>("sisa", StatusCode.FailedPrecondition, "triage.policy-in-past");
        var fine = await _leader.Get("/policies/sisa");
        var refused = await _leader.Send(fine, "/policies/sisa/publication", ("from", "2020-01-01"));
        _console.Owners.Answer<PublishPolicyRequest>("sisa", _ => new Policy { Code = "sisa" });
        var published = await _leader.Send(refused, "/policies/sisa/publication", ("from", "2027-01-01"));
        Assert.Multiple(() =>
        {
            Assert.That((faulty.Count("form-publish"), faulty.Count("draft-faulty"), faulty.Count("what-if-link")), Is.EqualTo((0, 1, 0)));
            Assert.That((fine.Count("form-publish"), fine.Count("what-if-link")), Is.EqualTo((1, 1)));
            Assert.That(fine.Shown("changed"), Is.EqualTo(new[] { "Jäseniä enintään: 4 → 3" }));
            Assert.That(refused.Shown("refusal"), Is.EqualTo(new[] { "Linjaus on voimassa aikaisintaan tästä päivästä." }));
            Assert.That(refused.Text, Does.Contain("value=\"2020-01-01\""));
            Assert.That(published.Location, Is.EqualTo("/policies/sisa?done=policy-publication"));
            Assert.That(Asked<PublishPolicyRequest>()[^1], Is.EqualTo(new PublishPolicyRequest { Code = "sisa", DraftId = DraftId, EffectiveFrom = "2027-01-01", ExpectedVersion = 3 }));
        });
    }

    [Test]
    public async Task A_what_if_tells_how_far_it_has_come_and_which_routes_change_in_which_areas()
    {
        var example = Guid.CreateVersion7().ToString();
        var change = new RouteChange { Area = "sisa", From = "hybridTeam", To = "needsInformation", Cases = 7, Examples = { example } };
        _console.Owners.Answer<WhatIfRequest>("sisa", _ => new[]
        {
            new WhatIfProgress { Cases = 2000, Done = 1000 },
            new WhatIfProgress { Cases = 2000, Done = 2000, Changed = 7, Changes = { change } },
            new WhatIfProgress { Cases = 2000, Done = 2000, Changed = 7, Changes = { change }, Finished = true },
        }.ToAsyncEnumerable());
        var page = await _leader.Get("/policies/sisa/what-if");
        var progress = await _leader.Get("/policies/sisa/what-if/progress");
        var whole = await _leader.Get("/policies/sisa/what-if?whole=true");
        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain("data-stream=\"/policies/sisa/what-if/progress\""));
            Assert.That(progress.Header("Content-Type") is "" ? progress.Answer.Content.Headers.ContentType!.MediaType : "", Is.EqualTo("text/event-stream"));
            Assert.That(System.Text.RegularExpressions.Regex.Matches(progress.Text, "^event: (.*)$", System.Text.RegularExpressions.RegexOptions.Multiline).Select(match => match.Groups[1].Value), Is.EqualTo(new[] { "progress", "progress", "finished" }));
            Assert.That(progress.Text, Does.Contain("1000 / 2000 tapausta, muuttuisi 0").And.Contain("2000 / 2000 tapausta, muuttuisi 7"));
            Assert.That(progress.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.All.StartWith("event: ").Or.StartWith("data: "));
            Assert.That(whole.Shown("what-if-change").Single(), Does.Contain("Sisä-Suomi").And.Contain("Hybriditiimi").And.Contain("Lisätieto pyynnön tekijältä").And.Contain("7"));
            Assert.That(whole.Text, Does.Contain($"/consultations/{example}"));
        });
    }

    [Test]
    public async Task A_what_if_that_is_refused_or_breaks_off_says_so()
    {
        _console.Owners.Refuse<WhatIfRequest>("sisa", StatusCode.FailedPrecondition, "triage.policy-faulty");
        var progress = await _leader.Get("/policies/sisa/what-if/progress");
        var whole = await _leader.Get("/policies/sisa/what-if?whole=true");
        Assert.Multiple(() =>
        {
            Assert.That(progress.Text, Does.StartWith("event: finished").And.Contain("Luonnoksessa on virheitä"));
            Assert.That((whole.Status, whole.Count("what-if-refused")), Is.EqualTo((HttpStatusCode.Conflict, 1)));
        });
    }

    private static string Row(Page page, string hook, string code) => System.Text.RegularExpressions.Regex.Match(
        WebUtility.HtmlDecode(page.Text), $"""data-test="{hook}" data-code="{System.Text.RegularExpressions.Regex.Escape(code)}".*?(?=data-test="{hook}" data-code=|</section>|</table>|$)""", System.Text.RegularExpressions.RegexOptions.Singleline).Value is var found
        ? System.Text.RegularExpressions.Regex.Replace(System.Text.RegularExpressions.Regex.Replace(found, "<[^>]*>", " "), "\\s+", " ").Replace(" : ", ": ", StringComparison.Ordinal)
        : string.Empty;

    private static Policy Policy(string code, string document, int version, string? draft = null)
    {
        var policy = new Policy
        {
            Code = code,
            DocumentJson = document,
            DocumentVersion = version,
            Version = 3,
            InForce = code == "default" ? "default.1" : version > 0 ? $"default.1+{code}.{version}" : "default.1",
            ReasonCodes = { "trial", "other" },
        };
        for (var number = 1; number <= version; number++)
        {
            policy.Versions.Add(new PolicyVersion { Version = number, EffectiveFrom = "2026-10-01", TakesEffectAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), PublishedBy = number == 1 ? "platform" : "operator", ReasonCode = "other" });
        }

        policy.Draft = draft is null ? null : new PolicyDraft { Id = DraftId, DocumentJson = draft, DraftedBy = $"leadership-{code}", ReasonCode = "trial", DraftedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) };
        return policy;
    }

    private void Known(string code, string document, int version, string? draft = null) => _console.Owners.Answer<GetPolicyRequest>(code, _ => Policy(code, document, version, draft));

    private IReadOnlyList<T> Asked<T>() => [.. _console.Owners.Calls.Select(call => call.Request).OfType<T>()];
}

using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.Tests.PolicyVersions;

/// <summary>Nothing that could leave a request without a recommendation, or a service with a setting it cannot read, takes effect.</summary>
[TestFixture]
internal sealed class PolicyRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly string SchemaText = File.ReadAllText(Path.Combine(Repository.CataloguePath, "schemas", "policy.schema.json"));
    private static readonly string Shipped = File.ReadAllText(Path.Combine(Repository.CataloguePath, "policies", "default.json"));

    [Test]
    public void The_shipped_defaults_have_no_fault() => Assert.That(Faults("default", Shipped), Is.Empty);

    [Test]
    public void An_areas_own_values_are_checked_over_the_defaults()
    {
        Assert.That(Faults("sisa", """{ "triage": { "confirmation": "never" }, "team": { "maxMembers": 4 } }"""), Is.Empty);
        Assert.That(Faults("sisa", """{ "team": { "leadAreas": { "substance.child-or-youth": "ita" } } }"""), Is.Empty);
        Assert.That(Faults("sisa", """{ "triage": { "confirmation": "perhaps" } }"""), Is.EqualTo(new[] { "$.triage.confirmation" }));
        Assert.That(Faults("sisa", """{ "triage": { "confirmed": "never" } }"""), Is.EqualTo(new[] { "$.triage.confirmed" }));
        Assert.That(Faults("sisa", """{ "tirage": {} }"""), Is.EqualTo(new[] { "$.tirage" }));
    }

    [TestCase("not JSON", "$")]
    [TestCase("[]", "$")]
    [TestCase("""{ "team": {}, "team": {} }""", "$")]
    public void What_is_no_document_is_said_to_be_none(string content, string path) => Assert.That(Faults("default", content), Is.EqualTo(new[] { path }));

    [TestCase("team.maxMembers", "-1", "$.team.maxMembers")]
    [TestCase("team.maxMembers", "2.5", "$.team.maxMembers")]
    [TestCase("team.maxMembers", "\"six\"", "$.team.maxMembers")]
    [TestCase("team.lapseGrace", """{ "hours": 4 }""", "$.team.lapseGrace.hours")]
    [TestCase("team.lapseGrace", """{ "workingDays": 1, "minutes": 4 }""", "$.team.lapseGrace")]
    [TestCase("team.lapseGrace", "{}", "$.team.lapseGrace")]
    [TestCase("triage.teamRoutes", """["hybridTeam", "hybridTeam"]""", "$.triage.teamRoutes")]
    [TestCase("triage.teamRoutes", """["reject"]""", "$.triage.teamRoutes[0]")]
    [TestCase("triage.policyReasons", "[]", "$.triage.policyReasons")]
    [TestCase("triage.policyReasons", """["free text"]""", "$.triage.policyReasons[0]")]
    [TestCase("triage.highRiskAtLeast", "\"serviceGap\"", "$.triage.highRiskAtLeast")]
    [TestCase("triage.neverClearTopicClasses", """["unheardOf"]""", "$.triage.neverClearTopicClasses")]
    [TestCase("needs.sectorWithoutTopic", "\"police\"", "$.needs.sectorWithoutTopic")]
    [TestCase("team.leadAreas", """{ "substance.child-or-youth": "nowhere" }""", "$.team.leadAreas")]
    [TestCase("team.leadAreas", """{ "unheard.of": "sisa" }""", "$.team.leadAreas")]
    [TestCase("access.keyPerson", """{ "organisation": "", "fi": "a", "sv": "a", "en": "a", "contact": "a" }""", "$.access.keyPerson.organisation")]
    [TestCase("rows", "[]", "$.rows")]
    [TestCase("rows", """[{ "code": "all", "when": { "always": true }, "then": "askRequester" }]""", "$.rows[0].asks")]
    [TestCase("rows", """[{ "code": "all", "when": { "always": true }, "then": "route" }]""", "$.rows[0]")]
    [TestCase("rows", """[{ "code": "some", "when": { "highRisk": true }, "then": "route", "route": "hybridTeam" }]""", "$.rows")]
    [TestCase("rows", """[{ "code": "asks-nobody", "when": { "always": true }, "then": "askRequester", "asks": ["triedSoFar"] }]""", "$.rows")]
    [TestCase("rows", """[{ "code": "all", "when": { "always": false }, "then": "route", "route": "hybridTeam" }]""", "$.rows[0].when.always")]
    [TestCase("rows", """[{ "code": "a", "when": { "marksAtLeast": { "count": 1, "of": ["unheard-of"] } }, "then": "route", "route": "hybridTeam" }, { "code": "all", "when": { "always": true }, "then": "route", "route": "hybridTeam" }]""", "$.rows[0].when")]
    [TestCase("rows", """[{ "code": "all", "when": { "highRisk": true }, "then": "route", "route": "hybridTeam" }, { "code": "all", "when": { "always": true }, "then": "route", "route": "hybridTeam" }]""", "$.rows")]
    public void A_fault_is_named_by_its_path(string setting, string value, string path)
    {
        var document = JsonNode.Parse(Shipped)!;
        var (section, name) = setting.Split('.') is [var outer, var inner] ? (document[outer]!, inner) : (document, setting);
        section[name] = JsonNode.Parse(value);
        Assert.That(Faults("default", document.ToJsonString()), Does.Contain(path));
    }

    [Test]
    public void Each_missing_setting_of_the_defaults_is_named()
    {
        var document = JsonNode.Parse(Shipped)!.AsObject();
        foreach (var section in document.Where(named => named.Value is JsonObject).Select(named => named.Key).ToList())
        {
            foreach (var setting in document[section]!.AsObject().Select(named => named.Key).ToList())
            {
                var without = document.DeepClone();
                without[section]!.AsObject().Remove(setting);
                Assert.That(Faults("default", without.ToJsonString()), Is.EqualTo(new[] { $"$.{section}.{setting}" }));
            }
        }
    }

    [Test]
    public void New_defaults_are_checked_with_the_values_of_each_area_too()
    {
        var book = Book();
        book.Learn(new PolicyPage("sisa", 1, Now.AddDays(3), """{ "triage": { "highRiskAtLeast": "specialLevel" } }"""));
        var document = JsonNode.Parse(Shipped)!;
        document["triage"]!["routesByDemand"] = new JsonArray("basicSupportGuidance", "expertConsultation", "hybridTeam");
        var faults = Rules(book).Faults("default", document.ToJsonString(), Now);
        Assert.That(faults.Select(fault => fault.Path), Is.EqualTo(new[] { "$.triage.highRiskAtLeast" }));
        Assert.That(faults[0].Message, Does.Contain("sisa"));
    }

    [Test]
    public void An_areas_values_are_checked_with_planned_defaults_too()
    {
        var book = Book();
        var planned = JsonNode.Parse(Shipped)!;
        planned["triage"]!["routesByDemand"] = new JsonArray("basicSupportGuidance", "expertConsultation", "hybridTeam");
        book.Learn(new PolicyPage("default", 2, Now.AddDays(3), planned.ToJsonString()));
        Assert.That(Rules(book).Faults("sisa", """{ "triage": { "highRiskAtLeast": "specialLevel" } }""", Now).Select(fault => fault.Path), Is.EqualTo(new[] { "$.triage.highRiskAtLeast" }));
    }

    [Test]
    public void A_keyword_that_is_not_checked_here_is_not_taken_for_checked()
    {
        Assert.That(() => new PolicySchema("""{ "type": "object", "properties": { "a": { "multipleOf": 3 } } }"""), Throws.InstanceOf<JsonException>().With.Message.Contains("multipleOf"));
        Assert.That(() => new PolicySchema("""{ "allOf": [{ "not": {} }] }"""), Throws.InstanceOf<JsonException>().With.Message.Contains("not"));
    }

    private static PolicyBook Book() => new(Repository.Catalogue.PolicyPages);

    private static PolicyRules Rules(PolicyBook book) => new(new PolicySchema(SchemaText), book, Repository.Catalogue);

    private static IEnumerable<string> Faults(string code, string content) => Rules(Book()).Faults(code, content, Now).Select(fault => fault.Path);
}

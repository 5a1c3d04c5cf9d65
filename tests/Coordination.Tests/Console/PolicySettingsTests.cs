using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OtPlatform.Coordination.Console;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>A policy's document as fields of a form, and back.</summary>
[TestFixture]
internal sealed class PolicySettingsTests
{
    private static readonly JsonObject Shipped = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.CataloguePath, "policies", "default.json")))!;

    [Test]
    public void The_shipped_policy_comes_back_from_its_form_as_it_was()
    {
        var settings = PolicySettings.Of(Shipped);
        var fields = settings.SelectMany(setting => Fields(Shipped, setting)).ToArray();
        var back = PolicySettings.Filled([], Typed(fields), out var wrong);
        foreach (var stamped in new[] { "note", "code", "version", "effectiveFrom" })
        {
            back[stamped] = Shipped[stamped]!.DeepClone();
        }

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(settings, Has.Count.GreaterThan(60));
            Assert.That(JsonNode.DeepEquals(back, Shipped), Is.True, back.ToJsonString());
        });
    }

    [TestCase("team.maxMembers", SettingKind.Number)]
    [TestCase("deadlines.confirmation.urgent", SettingKind.Time)]
    [TestCase("triage.overrideReasons", SettingKind.Codes)]
    [TestCase("duty.roundTheClock", SettingKind.Switch)]
    [TestCase("triage.confirmation", SettingKind.Text)]
    [TestCase("rows", SettingKind.Json)]
    [TestCase("team.leadAreas", SettingKind.Json)]
    [TestCase("needs.requiredSectors", SettingKind.Json)]
    [TestCase("access.keyPerson", SettingKind.Json)]
    public void A_setting_is_written_as_what_it_is(string path, SettingKind kind) =>
        Assert.That(PolicySettings.Of(Shipped), Does.Contain(new Setting(path, kind)));

    [Test]
    public void What_an_area_leaves_empty_is_as_in_the_defaults()
    {
        var own = (JsonObject)JsonNode.Parse("""{ "team": { "maxMembers": 4 }, "triage": { "confirmation": "never" } }""")!;
        var filled = PolicySettings.Filled(own, Typed(("number:team.maxMembers", ""), ("text:triage.confirmation", "always"), ("time:deadlines.held", "15"), ("unit:deadlines.held", "minutes")), out _);
        Assert.That(filled.ToJsonString(), Is.EqualTo("""{"triage":{"confirmation":"always"},"deadlines":{"held":{"minutes":15}}}"""));
    }

    [Test]
    public void What_no_field_was_there_for_stays()
    {
        var own = (JsonObject)JsonNode.Parse("""{ "note": "Ours.", "team": { "maxMembers": 4, "new": { "a.b": 1 } } }""")!;
        var filled = PolicySettings.Filled(own, Typed(("number:team.maxMembers", "5"), ("reason", "trial"), ("form", "draft")), out _);
        Assert.That(filled.ToJsonString(), Is.EqualTo("""{"note":"Ours.","team":{"maxMembers":5,"new":{"a.b":1}}}"""));
    }

    [Test]
    public void What_is_no_number_goes_on_as_it_was_typed_so_that_the_owner_says_what_is_wrong()
    {
        var filled = PolicySettings.Filled([], Typed(("number:team.maxMembers", "six"), ("number:needs.weeklyHours", "2,5")), out var wrong);
        Assert.That(filled.ToJsonString(), Is.EqualTo("""{"team":{"maxMembers":"six"},"needs":{"weeklyHours":2.5}}"""));
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void What_is_no_JSON_is_named_and_changes_nothing()
    {
        var own = (JsonObject)JsonNode.Parse("""{ "team": { "leadAreas": { "a": "b" } } }""")!;
        var filled = PolicySettings.Filled(own, Typed(("json:team.leadAreas", "{ a: b }")), out var wrong);
        Assert.That(wrong, Is.EqualTo(new[] { "team.leadAreas" }));
        Assert.That(JsonNode.DeepEquals(filled, own), Is.True);
    }

    [Test]
    public void A_setting_that_a_draft_writes_otherwise_is_shown_as_JSON_and_none_is_lost()
    {
        var draft = (JsonObject)JsonNode.Parse("""{ "team": { "maxMembers": [6], "invitation": 3, "new": "x" } }""")!;
        var settings = PolicySettings.Of(Shipped, draft);
        Assert.Multiple(() =>
        {
            Assert.That(settings, Does.Contain(new Setting("team.maxMembers", SettingKind.Json)));
            Assert.That(settings, Does.Contain(new Setting("team.invitation", SettingKind.Json)));
            Assert.That(settings, Does.Contain(new Setting("team.new", SettingKind.Text)));
            Assert.That(settings.Select(setting => setting.Path), Is.Unique);
            Assert.That(settings.Where(setting => setting.Path.StartsWith("team.invitation.", StringComparison.Ordinal)), Is.Empty);
            Assert.That(PolicySettings.Written(draft, new Setting("team.maxMembers", SettingKind.Json)), Does.Contain("6"));
        });
    }

    [TestCase("$.team.maxMembers", "team.maxMembers")]
    [TestCase("$.rows[2].when", "rows")]
    [TestCase("$.needs.requiredSectors.complexity", "needs.requiredSectors")]
    [TestCase("$.triage", null)]
    [TestCase("$", null)]
    public void A_fault_is_shown_at_its_setting(string path, string? setting) =>
        Assert.That(PolicySettings.At(PolicySettings.Of(Shipped), path)?.Path, Is.EqualTo(setting));

    [Test]
    public void What_differs_is_named()
    {
        var after = PolicySettings.Filled(Shipped, Typed(("number:team.maxMembers", "5"), ("text:absence.topic", "")), out _);
        Assert.That(PolicySettings.Changed(PolicySettings.Of(Shipped), Shipped, after).Select(setting => setting.Path), Is.EqualTo(new[] { "team.maxMembers", "absence.topic" }));
    }

    private static IEnumerable<(string, string)> Fields(JsonObject document, Setting setting) => PolicySettings.UnitOf(document, setting) is { } unit
        ? [(setting.Field, PolicySettings.Written(document, setting)), (setting.UnitField, unit)]
        : [(setting.Field, PolicySettings.Written(document, setting))];

    private static Typed Typed(params (string Field, string Value)[] fields) =>
        new("draft", new FormCollection(fields.ToDictionary(field => field.Field, field => new StringValues(field.Value))));
}

using System.Text.Json.Nodes;
using OtPlatform.Testing;
using OtPlatform.Triage.InstrumentVersions;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.Tests.InstrumentVersions;

/// <summary>What an instrument has to be, and how its versions follow each other.</summary>
[TestFixture]
internal sealed class InstrumentRulesTests
{
    private static readonly InstrumentRules Rules =
        new(File.ReadAllText(Path.Combine(Repository.CataloguePath, "schemas", "instruments.schema.json")), Repository.Catalogue);

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Draft = Guid.Parse("019ab000-0000-7000-8000-0000000000e1");
    private static readonly DeciderSpec<InstrumentHistory, InstrumentEvent> Instruments = new(InstrumentHistory.Aggregate);

    /// <summary>A made-up instrument of somebody else: two items, two levels.</summary>
    internal static string Document(Action<JsonObject>? change = null)
    {
        var document = JsonNode.Parse("""
            {
              "trial": false, "fi": "Kokeiltu mittari", "sv": "Prövad mätare", "en": "A tried instrument",
              "items": [
                { "code": "a", "fi": "Ensimmäinen", "sv": "Första", "en": "First", "weight": 2, "least": 0, "most": 4, "marks": [ { "mark": "diverse", "from": 3 } ] },
                { "code": "b", "fi": "Toinen", "sv": "Andra", "en": "Second", "weight": 1, "least": 0, "most": 4, "marks": [] }
              ],
              "levels": [
                { "code": "low", "from": 0, "fi": "Matala", "sv": "Låg", "en": "Low" },
                { "code": "high", "from": 6, "fi": "Korkea", "sv": "Hög", "en": "High", "atLeast": "expertConsultation" }
              ]
            }
            """)!.AsObject();
        change?.Invoke(document);
        return document.ToJsonString();
    }

    [Test]
    public void Every_shipped_instrument_and_a_made_up_one_are_without_fault()
    {
        foreach (var instrument in Repository.Catalogue.Instruments)
        {
            Assert.That(Rules.Faults(instrument.Code, instrument.Document()), Is.Empty, instrument.Code);
        }

        Assert.That(Rules.Faults("tried", Document()), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Broken()
    {
        TestCaseData Case(string path, Action<JsonObject> change) => new TestCaseData(Document(change), path).SetArgDisplayNames(path);
        static JsonObject Item(JsonObject document, int at = 0) => document["items"]![at]!.AsObject();
        static JsonObject Level(JsonObject document, int at) => document["levels"]![at]!.AsObject();
        yield return Case("$.sv", document => document.Remove("sv"));
        yield return Case("$.fi", document => document["fi"] = "");
        yield return Case("$.invented", document => document["invented"] = 1);
        yield return Case("$.trial", document => document.Remove("trial"));
        yield return Case("$.items", document => document["items"] = new JsonArray());
        yield return Case("$.items", document => Item(document, 1)["code"] = "a");
        yield return Case("$.items", document => document["items"] = new JsonArray([.. Enumerable.Range(0, 51).Select(number => Renamed(Item(document).DeepClone().AsObject(), number))]));
        yield return Case("$.items[0].weight", document => Item(document)["weight"] = 0);
        yield return Case("$.items[0].weight", document => Item(document)["weight"] = 101);
        yield return Case("$.items[0].weight", document => Item(document)["weight"] = 1.5);
        yield return Case("$.items[0].en", document => Item(document).Remove("en"));
        yield return Case("$.items[1].most", document => (Item(document, 1)["least"], Item(document, 1)["most"]) = (3, 3));
        yield return Case("$.items[0].marks[0].mark", document => Item(document)["marks"]![0]!["mark"] = "invented");
        yield return Case("$.items[0].marks[0].from", document => Item(document)["marks"]![0]!["from"] = 0);
        yield return Case("$.items[0].marks[0].from", document => Item(document)["marks"]![0]!["from"] = 5);
        yield return Case("$.items[0].marks", document => Item(document)["marks"]!.AsArray().Add(JsonNode.Parse("""{ "mark": "diverse", "from": 2 }""")));
        yield return Case("$.levels", document => Level(document, 1)["code"] = "low");
        yield return Case("$.levels[0].from", document => Level(document, 0)["from"] = 1);
        yield return Case("$.levels[1].from", document => Level(document, 1)["from"] = 0);
        yield return Case("$.levels[1].from", document => Level(document, 1)["from"] = 13);
        yield return Case("$.levels[1].atLeast", document => Level(document, 1)["atLeast"] = "away");
        yield return Case("$.levels[1].sv", document => Level(document, 1).Remove("sv"));

        static JsonObject Renamed(JsonObject item, int number)
        {
            item["code"] = $"i{number}";
            return item;
        }
    }

    [TestCaseSource(nameof(Broken))]
    public void What_is_wrong_is_named_by_its_path(string document, string path) =>
        Assert.That(Rules.Faults("tried", document).Select(fault => fault.Path), Is.EqualTo(new[] { path }));

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("null")]
    public void What_is_no_object_is_no_instrument(string document) => Assert.That(Rules.Faults("tried", document).Single().Path, Is.EqualTo("$"));

    [Test]
    public void A_draft_becomes_the_next_version_and_keeps_the_earlier_ones()
    {
        var drafted = new InstrumentDrafted(InstrumentHistory.IdOf("tried"), "tried", Draft, Document(), "operator", "trial", Now);
        var published = new InstrumentPublished(InstrumentHistory.IdOf("tried"), "tried", 3, PublishInstrument.Stamped(Document(), "tried", 3), "operator", "trial", Now, Draft);
        Instruments.Given().When(DraftInstrument.Decide, new DraftInstrument.Command("tried", Draft, Document(), "trial", ["trial"], "operator", Now)).Then(drafted);
        Instruments.Given(drafted).When(DraftInstrument.Decide, new DraftInstrument.Command("tried", Guid.NewGuid(), Document(), "trial", ["trial"], "operator", Now)).ThenNothing();
        Instruments.Given().When(DraftInstrument.Decide, new DraftInstrument.Command("tried", Draft, Document(), "because", ["trial"], "operator", Now)).ThenRejected(DraftPolicy.UnknownReason);
        Instruments.Given().When(PublishInstrument.Decide, Publish(Draft)).ThenRejected(PublishInstrument.NothingDrafted);
        Instruments.Given(drafted).When(PublishInstrument.Decide, Publish(Guid.NewGuid())).ThenRejected(PublishInstrument.AnotherDraft);
        Instruments.Given(drafted with { Content = "{}" }).When(PublishInstrument.Decide, Publish(Draft)).ThenRejected(PublishInstrument.Faulty);

        // After what the product is shipped with, and after what was published here.
        Instruments.Given(drafted).When(PublishInstrument.Decide, Publish(Draft, shipped: 2)).Then(published);
        Instruments.Given(drafted, published, drafted with { DraftId = InstrumentHistory.IdOf("other") }).When(PublishInstrument.Decide, Publish(InstrumentHistory.IdOf("other"), shipped: 2))
            .Then(published with { Version = 4, Content = PublishInstrument.Stamped(Document(), "tried", 4), DraftId = InstrumentHistory.IdOf("other") });
        Instruments.Given(drafted, published).When(PublishInstrument.Decide, Publish(Draft)).ThenNothing();
    }

    private static PublishInstrument.Command Publish(Guid draft, int shipped = 0) => new(draft, shipped, content => Rules.Faults("tried", content), "operator", Now);
}

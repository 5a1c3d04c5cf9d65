using System.Diagnostics;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.Contracts.Tests;

/// <summary>The reference data: each file fits its schema, and the files fit each other.</summary>
[TestFixture]
internal sealed class CatalogueTests
{
    private static readonly string Schemas = Path.Combine(Repository.CataloguePath, "schemas");
    private static readonly string Validator = Path.Combine(Repository.Root, "tests", "Contracts.Tests", "schemas");
    private static readonly string[] Files = ["areas", "topics", "codes", "emergency-texts", "instruments", "texts", "explanation-texts"];

    private static Catalogue Catalogue => Repository.Catalogue;

    [OneTimeSetUp]
    public async Task Install()
    {
        var (status, output) = await Run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
        Assert.That(status, Is.Zero, output);
    }

    [Test]
    public async Task Every_file_is_what_its_schema_says()
    {
        var pairs = Files.Select(file => $"{file}={Path.Combine(Repository.CataloguePath, $"{file}.json")}")
            .Append($"policy={Path.Combine(Repository.CataloguePath, "policies", "default.json")}").ToArray();
        var (status, output) = await Run("node", ["validate.mjs", Schemas, .. pairs]);
        Assert.That(status, Is.Zero, output);
    }

    [Test]
    public async Task The_fictional_pool_is_what_its_schemas_say()
    {
        var folder = Path.Combine(Repository.Root, "deploy", "demo-data");
        var (status, output) = await Run("node", "validate.mjs", folder, $"experts={Path.Combine(folder, "experts.json")}", $"knowledge-holders={Path.Combine(folder, "knowledge-holders.json")}");
        Assert.That(status, Is.Zero, output);
    }

    [Test]
    public void Every_file_has_a_schema_that_is_used() =>
        Assert.That(
            Directory.GetFiles(Repository.CataloguePath, "*.json").Select(Path.GetFileNameWithoutExtension).Append("policy"),
            Is.EquivalentTo(Directory.GetFiles(Schemas).Select(file => Path.GetFileName(file).Replace(".schema.json", "", StringComparison.Ordinal))));

    [TestCase("topics", "class", "unheardOf")]
    [TestCase("areas", "counties", "not a list")]
    [TestCase("policy", "then", "reject")]
    [TestCase("instruments", "trial", "perhaps")]
    public async Task A_file_with_a_fault_does_not_pass(string schema, string property, string wrong)
    {
        var file = schema == "policy" ? Path.Combine("policies", "default.json") : $"{schema}.json";
        var json = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.CataloguePath, file)))!;
        var entry = schema switch { "topics" => json["topics"]![0]!, "areas" => json["areas"]![0]!, "instruments" => json["instruments"]![0]!, _ => json["rows"]![0]! };
        entry[property] = wrong;
        var faulty = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(faulty, json.ToJsonString());
            var (status, output) = await Run("node", "validate.mjs", Schemas, $"{schema}={faulty}");
            Assert.That(status, Is.EqualTo(1), output);
        }
        finally
        {
            File.Delete(faulty);
        }
    }

    [Test]
    public void Every_county_belongs_to_exactly_one_area() =>
        Assert.That(Catalogue.Areas.SelectMany(area => area.Counties), Is.EquivalentTo(Catalogue.Counties.Select(county => county.Code)));

    [TestCase("a county of no area", "belongs to no area")]
    [TestCase("a county of two areas", "belongs to more than one area")]
    [TestCase("an area of an unknown county", "there is no county")]
    [TestCase("an area twice", "more than one area")]
    [TestCase("a county twice", "more than one county")]
    public void Areas_that_leave_a_county_with_nobody_or_with_two_are_not_started_with(string fault, string said)
    {
        var folder = Directory.CreateTempSubdirectory("ot-catalogue-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Repository.CataloguePath, "*.json", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(Repository.CataloguePath, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            Assert.That(() => Catalogue.Load(folder), Throws.Nothing);
            var path = Path.Combine(folder, "areas.json");
            var json = JsonNode.Parse(File.ReadAllText(path))!;
            var (areas, counties) = (json["areas"]!.AsArray(), json["counties"]!.AsArray());
            switch (fault)
            {
                case "a county of no area": counties.Add(new JsonObject { ["code"] = "ulkosaaristo", ["fi"] = "Ulkosaaristo", ["sv"] = "Yttre skärgården" }); break;
                case "a county of two areas": areas[0]!["counties"]!.AsArray().Add(areas[1]!["counties"]![0]!.GetValue<string>()); break;
                case "an area of an unknown county": areas[0]!["counties"]!.AsArray().Add("ulkosaaristo"); break;
                case "an area twice": areas.Add(areas[0]!.DeepClone()); break;
                default: counties.Add(counties[0]!.DeepClone()); break;
            }

            File.WriteAllText(path, json.ToJsonString());
            Assert.That(() => Catalogue.Load(folder), Throws.InstanceOf<System.Text.Json.JsonException>().With.Message.Contains(said));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Topics_speak_of_known_marks_and_sectors_and_have_codes_of_their_own()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Catalogue.Topics.SelectMany(topic => topic.ImpliesMarks).Distinct(), Is.SubsetOf(Catalogue.Codes.Marks));
            Assert.That(Catalogue.Topics.SelectMany(topic => topic.Sectors).Distinct(), Is.SubsetOf(Catalogue.Codes.Sectors));
            Assert.That(Catalogue.Topics.Select(topic => topic.Code), Is.Unique);
        });
    }

    [Test]
    public void Of_every_instrument_each_level_can_be_reached_and_each_mark_is_known_and_within_the_scale()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Catalogue.Instruments.Select(instrument => (instrument.Code, instrument.Version)), Is.Unique);
            foreach (var instrument in Catalogue.Instruments)
            {
                Assert.That(instrument.Items.Select(item => item.Code), Is.Unique);
                Assert.That(instrument.Levels.Select(level => level.Code), Is.Unique);
                Assert.That(instrument.Levels.Select(level => level.From), Is.Ordered.Ascending.And.Unique);
                Assert.That((instrument.Levels[0].From, instrument.Levels[^1].From <= instrument.Maximum), Is.EqualTo((0, true)));
                Assert.That(instrument.Items.Where(item => item.Least >= item.Most), Is.Empty);
                Assert.That(instrument.Items.SelectMany(item => item.Marks.Where(mark => !item.Allows(mark.From))), Is.Empty);
                Assert.That(instrument.Items.SelectMany(item => item.Marks).Select(mark => mark.Mark), Is.SubsetOf(Catalogue.Codes.Marks));
            }
        });
    }

    [Test]
    public void The_routes_of_the_code_list_are_those_of_the_contracts() =>
        Assert.That(Catalogue.Codes.Routes, Is.EqualTo(Enum.GetNames<Route>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])));

    [Test]
    public void R1_there_is_no_status_and_no_route_that_refuses() =>
        Assert.That(Catalogue.Codes.Statuses.Concat(Catalogue.Codes.Routes), Has.None.Match("(?i)reject|refus|declin|denied"));

    [Test]
    public void Every_language_has_its_emergency_text_or_says_which_stands_in() =>
        Assert.That(Catalogue.Codes.Languages.Except(["fi", "sv", "en"]), Is.SubsetOf(Catalogue.EmergencyTexts.Fallback.Keys));

    [Test]
    public void Every_route_has_its_words() =>
        Assert.That(Catalogue.Codes.Routes.Select(route => $"routed.{route}"), Is.SubsetOf(Catalogue.Texts.Timeline.Keys));

    [TestCase("triedSoFar")]
    [TestCase("legalBasis")]
    [TestCase("situation")]
    [TestCase("topics")]
    [TestCase("involvedServices")]
    public void What_is_asked_for_is_said_in_words(string asked) => Assert.That(Catalogue.Texts.Timeline.Keys, Does.Contain($"informationAsked.{asked}"));

    [Test]
    public void Every_Development_client_has_known_scopes_and_the_promised_name()
    {
        var clients = DevelopmentClients.Of(Catalogue);
        Assert.Multiple(() =>
        {
            Assert.That(clients.SelectMany(client => client.Scopes).Distinct(), Is.SubsetOf(Scopes.All));
            Assert.That(clients.Select(client => client.ClientId), Does.Contain("partner-pirkanmaa").And.Contain("coordinator-sisa").And.Contain("leadership-ita").And.Contain("receiver-*").And.Contain("expert-*").And.Contain("integrator").And.Contain("operator"));
            Assert.That(clients.Single(client => client.ClientId == "expert-*").ClaimsFor("expert-e-17")![ClaimNames.Expert], Is.EqualTo("e-17"));
            Assert.That(clients.Single(client => client.ClientId == "expert-*").ClaimsFor("expert-"), Is.Null);
            Assert.That(clients.Single(client => client.ClientId == "expert-*").ClaimsFor("expert-a b"), Is.Null);
        });
    }

    private static async Task<(int Status, string Output)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Validator, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} does not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

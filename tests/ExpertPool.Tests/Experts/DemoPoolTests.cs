using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.Local;
using Repository = OtPlatform.Testing.Repository;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>What the fictional pool of deploy/demo-data promises to demonstrations and to the tests of the whole system.</summary>
[TestFixture]
internal sealed class DemoPoolTests
{
    private const int WeeksOfATeam = 12;

    private static readonly string Samples = Path.Combine(Repository.Root, "deploy", "demo-data");
    private static readonly DateOnly Today = new(2026, 11, 20);
    private static readonly IReadOnlyList<DemoExpert> Pool = DemoPool.Read(Today);
    private static readonly Catalogue Catalogue = Repository.Catalogue;

    private static IEnumerable<TestCaseData> SampleNames =>
        Directory.GetFiles(Path.Combine(Samples, "consultations"), "*.json").Order(StringComparer.Ordinal).Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileNameWithoutExtension(file)));

    [Test]
    public void There_are_at_least_120_experts_each_with_an_id_of_their_own() =>
        Assert.Multiple(() =>
        {
            Assert.That(Pool, Has.Count.GreaterThanOrEqualTo(120));
            Assert.That(Pool.Select(expert => Guid.Parse(expert.ExpertId)), Is.Unique);
        });

    [Test]
    public void Every_expert_is_one_that_the_pool_takes()
    {
        var key = Path.GetTempFileName();
        try
        {
            File.WriteAllText(key, Convert.ToBase64String(new byte[32]));
            var units = new Units(new UnitOptions { UnitKeyFile = key });
            foreach (var expert in Pool)
            {
                Assert.That(() => ExpertRules.Facts(Body(expert), Catalogue, units, Today), Throws.Nothing, expert.ExpertId);
            }
        }
        finally
        {
            File.Delete(key);
        }
    }

    [Test]
    public void Every_holder_of_knowledge_is_one_that_the_pool_takes()
    {
        var holders = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "knowledge-holders.json")))!["holders"]!.AsArray().Select(holder => holder!).ToList();
        Assert.That(holders.Select(holder => holder["holderId"]!.GetValue<Guid>()), Is.Not.Empty.And.Unique);
        foreach (var holder in holders)
        {
            IReadOnlyList<string> Codes(string list) => [.. holder[list]!.AsArray().Select(code => code!.GetValue<string>())];
            string Text(string name) => holder[name]!.GetValue<string>();
            var body = new KnowledgeHolderBody
            {
                Name = new NameBody(holder["name"]!["fi"]!.GetValue<string>(), holder["name"]!["sv"]!.GetValue<string>(), holder["name"]!["en"]!.GetValue<string>()),
                Country = Text("country"),
                Topics = Codes("topics"),
                Languages = Codes("languages"),
                Contact = Text("contact"),
                ValidUntil = Today.AddDays(7 * holder["validForWeeks"]!.GetValue<int>()).ToString("O"),
            };
            Assert.That(() => KnowledgeHolderRules.Facts(body, Catalogue, Today), Throws.Nothing, Text("holderId"));
        }
    }

    [Test]
    public void Every_county_and_in_every_area_every_sector_of_a_team_has_somebody()
    {
        var held = Pool.Where(Stays).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(Catalogue.Counties.Select(county => county.Code).Except(held.Select(expert => expert.County)), Is.Empty);
            foreach (var area in Catalogue.Areas)
            {
                Assert.That(held.Where(expert => area.Counties.Contains(expert.County)).Select(expert => expert.Sector), Is.SupersetOf(new[] { "social", "health", "education" }), area.Code);
            }

            Assert.That(Catalogue.Codes.Sectors.Except(held.Select(expert => expert.Sector)), Is.Empty);
        });
    }

    [Test]
    public void Languages_engagements_and_hours_are_as_mixed_as_in_life() =>
        Assert.Multiple(() =>
        {
            Assert.That(Pool.Count(expert => expert.Languages.Contains("fi")), Is.GreaterThan(Pool.Count / 2));
            Assert.That(Pool.Count(expert => expert.Languages.Contains("sv")), Is.GreaterThanOrEqualTo(10));
            Assert.That(Pool.Count(expert => expert.Languages.Contains("en")), Is.GreaterThanOrEqualTo(10));
            Assert.That(Pool.Count(expert => expert.Languages.Contains("se")), Is.InRange(2, 10));
            Assert.That(Catalogue.Codes.EngagementTypes.Except(Pool.Select(expert => expert.Engagement)), Is.Empty);
            Assert.That(Pool.Count(expert => expert.WeeklyHours is >= 2 and <= 8), Is.GreaterThan(Pool.Count / 2));
            Assert.That(new[] { "family-worker", "public-health-nurse", "school-psychologist" }.Except(Pool.Select(expert => expert.Profession)), Is.Empty);
            Assert.That(Pool.Count(expert => expert.County is null), Is.GreaterThanOrEqualTo(3));
        });

    [Test]
    public void Some_agreements_have_ended_some_end_soon_and_one_was_never_made() =>
        Assert.Multiple(() =>
        {
            Assert.That(Pool.Count(expert => expert.AgreementUntil < Today), Is.GreaterThanOrEqualTo(2));
            Assert.That(Pool.Count(expert => expert.AgreementUntil is { } until && until >= Today && until < Today.AddDays(7 * 8)), Is.GreaterThanOrEqualTo(2));
            Assert.That(Pool.Count(expert => expert.AgreementFrom is null), Is.GreaterThanOrEqualTo(1));
        });

    [Test]
    public void The_pool_does_not_age() =>
        Assert.That(
            DemoPool.Read(Today.AddDays(7 * 20)).Select(expert => expert.AgreementUntil?.AddDays(-7 * 20)),
            Is.EqualTo(Pool.Select(expert => expert.AgreementUntil)));

    [Test]
    public void Some_topics_are_scarce_and_not_for_the_samples_alone()
    {
        var counts = Catalogue.Topics.ToDictionary(topic => topic.Code, topic => Pool.Count(expert => expert.Topics.Contains(topic.Code)));
        Assert.Multiple(() =>
        {
            Assert.That(counts.Count(topic => topic.Value is 1 or 2), Is.GreaterThanOrEqualTo(3));
            Assert.That(counts["crime.involuntary-care"], Is.Zero, "A gap that the demonstrations can show.");
        });
    }

    [Test]
    public void Some_experts_work_in_the_unit_that_asks()
    {
        var asking = Directory.GetFiles(Path.Combine(Samples, "consultations")).Select(file => JsonNode.Parse(File.ReadAllText(file))!)
            .Select(sample => $"partner-{sample["county"]}/{sample["requester"]!["unit"]}");
        Assert.That(Pool.Select(expert => expert.Unit).OfType<string>().Intersect(asking).Count(), Is.GreaterThanOrEqualTo(3));
    }

    [TestCaseSource(nameof(SampleNames))]
    public void Every_topic_of_a_sample_can_be_met_in_its_language_and_by_the_channel_it_wishes(string file)
    {
        var sample = JsonNode.Parse(File.ReadAllText(file))!;
        var topics = sample["topics"]!.AsArray().Select(topic => topic!.GetValue<string>()).ToList();
        var sectors = IsTeam(file) ? new[] { "social", "health", "education" } : [];
        Assert.Multiple(() =>
        {
            foreach (var topic in topics)
            {
                Assert.That(CanBeAsked(sample).Where(expert => expert.Topics.Contains(topic)), Is.Not.Empty, topic);
            }

            foreach (var sector in sectors)
            {
                Assert.That(CanBeAsked(sample).Where(expert => expert.Sector == sector), Is.Not.Empty, sector);
            }
        });
    }

    [Test]
    public void Nobody_has_a_name()
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "experts.json")))!;
        string[] fields = ["expertId", "sector", "profession", "organisation", "engagement", "county", "unit", "topics", "languages", "channels", "weeklyHours", "agreementFrom", "agreementEndsInWeeks", "employerConsents"];
        Assert.That(json["experts"]!.AsArray().SelectMany(expert => expert!.AsObject().Select(field => field.Key)).Distinct(), Is.SubsetOf(fields));
    }

    private static bool IsTeam(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "expected.json")))![Path.GetFileNameWithoutExtension(file)]!["expect"]!.GetValue<string>() == "hybridTeam";

    /// <summary>Who speaks the language, can use the channel, has two hours for a whole team's time, and does not sit in the asking unit.</summary>
    private static IEnumerable<DemoExpert> CanBeAsked(JsonNode sample)
    {
        var channel = sample["wishedChannels"]!.AsArray()[0]!.GetValue<string>();
        return Pool.Where(expert => Stays(expert)
            && expert.Languages.Contains(sample["language"]!.GetValue<string>())
            && expert.Channels.Contains(channel)
            && expert.WeeklyHours >= 2
            && expert.Unit != $"partner-{sample["county"]}/{sample["requester"]!["unit"]}");
    }

    private static bool Stays(DemoExpert expert) => expert.AgreementFrom <= Today && (expert.AgreementUntil is not { } until || until >= Today.AddDays(7 * (WeeksOfATeam + 1)));

    private static ExpertBody Body(DemoExpert expert) => new()
    {
        ExpertId = expert.ExpertId,
        Sector = expert.Sector,
        Profession = expert.Profession,
        Organisation = expert.Organisation,
        Engagement = expert.Engagement,
        County = expert.County,
        Unit = expert.Unit,
        Topics = expert.Topics,
        Languages = expert.Languages,
        Channels = expert.Channels,
        WeeklyHours = expert.WeeklyHours,
        AgreementFrom = expert.AgreementFrom?.ToString("yyyy-MM-dd"),
        AgreementUntil = expert.AgreementUntil?.ToString("yyyy-MM-dd"),
        EmployerConsents = expert.EmployerConsents,
    };
}

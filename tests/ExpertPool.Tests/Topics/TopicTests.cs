using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Platform.Http;
using OtPlatform.Testing;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Tests.Topics;

[TestFixture]
internal sealed class TopicTests
{
    private const string Shipped = "substance.child-or-youth";
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly Topic Gaming = new("gaming.problem", "multidisciplinary", false, "any", ["unclear"], ["health", "social"], Urgency.Soon, "Pelaaminen", "Spelande", "Gaming", new DateOnly(2026, 11, 20));
    private static readonly Guid Id = CatalogueTopic.IdOf(Gaming.Code);
    private static readonly TopicDefined Defined = new(Id, Gaming, Now.AddDays(-1));
    private static readonly TopicRetired Retired = new(Id, Gaming.Code, new DateOnly(2026, 11, 18), Now.AddDays(-1));
    private static readonly DeciderSpec<CatalogueTopic, TopicEvent> Case = new(CatalogueTopic.Aggregate);
    private static readonly DefineTopic.Command Define = new(Id, Gaming, null, Now);
    private static readonly RetireTopic.Command Retire = new(Id, Gaming.Code, new DateOnly(2026, 11, 19), false, Now);

    [Test]
    public void A_topic_is_defined_once_and_other_facts_describe_it_anew()
    {
        Case.Given().When(DefineTopic.Decide, Define).Then(new TopicDefined(Id, Gaming, Now));
        Case.Given(Defined).When(DefineTopic.Decide, Define with { Topic = Gaming with { ImpliesMarks = ["unclear"], Sectors = ["health", "social"] } }).ThenNothing();
        Topic[] others =
        [
            Gaming with { Class = "basic" }, Gaming with { RareByDefault = true }, Gaming with { Level = "special" }, Gaming with { ImpliesMarks = [] }, Gaming with { Sectors = ["health"] },
            Gaming with { Urgency = Urgency.Urgent }, Gaming with { Sv = "Spel" }, Gaming with { ValidFrom = new DateOnly(2027, 1, 1) },
        ];
        foreach (var other in others)
        {
            Case.Given(Defined).When(DefineTopic.Decide, Define with { Topic = other }).ThenEvents(typeof(TopicDefined));
        }
    }

    [Test]
    public void What_the_product_is_shipped_with_need_not_be_defined_and_may_be_described_anew()
    {
        Case.Given().When(DefineTopic.Decide, Define with { Known = Gaming }).ThenNothing();
        Case.Given().When(DefineTopic.Decide, Define with { Known = Gaming with { Level = "special" } }).ThenEvents(typeof(TopicDefined));
    }

    [Test]
    public void A_retired_topic_is_taken_up_again_by_a_definition()
    {
        Case.Given(Defined, Retired).When(DefineTopic.Decide, Define).ThenEvents(typeof(TopicDefined));
        Case.Given(Retired).When(DefineTopic.Decide, Define with { Known = Gaming with { ValidUntil = Retired.LastDay } }).ThenEvents(typeof(TopicDefined));
    }

    [Test]
    public void A_topic_that_was_defined_or_shipped_is_retired_once()
    {
        Case.Given(Defined).When(RetireTopic.Decide, Retire).Then(new TopicRetired(Id, Gaming.Code, new DateOnly(2026, 11, 19), Now));
        Case.Given().When(RetireTopic.Decide, Retire with { IsShipped = true }).ThenEvents(typeof(TopicRetired));
        Case.Given().When(RetireTopic.Decide, Retire).ThenRejected(CatalogueTopic.Unknown);
        Case.Given(Defined, Retired).When(RetireTopic.Decide, Retire).ThenNothing();
        Case.Given(Defined, Retired).When(RetireTopic.Decide, Retire with { LastDay = new DateOnly(2026, 12, 31) }).ThenEvents(typeof(TopicRetired));
        Case.Given(Defined, Retired with { LastDay = new DateOnly(2026, 12, 31) }).When(RetireTopic.Decide, Retire).ThenEvents(typeof(TopicRetired));
    }

    [Test]
    public void What_is_wrong_with_a_topic_is_said_by_path()
    {
        var wrong = Assert.Throws<InvalidInputException>(() => TopicRules.Facts(
            new TopicBody("1 x", null, "unheardOf", false, "none", ["no-mark"], [], "now", "soon"), Repository.Catalogue, new DateOnly(2026, 11, 20)))!;
        Assert.That(wrong.Errors.Keys, Is.EquivalentTo(new[] { "$.code", "$.name.fi", "$.class", "$.level", "$.impliesMarks[0]", "$.sectors", "$.urgency", "$.validFrom" }));
    }

    [Test]
    public void The_classes_and_levels_are_those_that_the_schema_of_the_catalogue_lists()
    {
        var entry = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.CataloguePath, "schemas", "topics.schema.json")))!["properties"]!["topics"]!["items"]!["properties"]!;
        Assert.Multiple(() =>
        {
            Assert.That(entry["class"]!["enum"]!.AsArray().Select(one => one!.GetValue<string>()), Is.EqualTo(TopicRules.Classes));
            Assert.That(entry["level"]!["enum"]!.AsArray().Select(one => one!.GetValue<string>()), Is.EqualTo(TopicRules.Levels));
        });
    }

    [Test]
    public async Task Over_grpc_a_topic_is_defined_used_by_an_expert_and_retired_and_the_others_are_told_while_the_expert_keeps_it()
    {
        await using var pool = await ServiceHost<Program>.Start("topics");
        await using var others = await OtherServices.Of(pool, Topology.TriageTopic);
        using var channel = GrpcChannel.ForAddress(pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = pool.Server.CreateHandler() });
        using var rest = await pool.ClientFor("integrator");
        using var reader = await pool.ClientFor("coordinator-sisa");
        var token = new Metadata { { "authorization", rest.DefaultRequestHeaders.Authorization!.ToString() } };
        var reading = new Metadata { { "authorization", reader.DefaultRequestHeaders.Authorization!.ToString() } };
        var (experts, catalogue) = (new Wire.Experts.ExpertsClient(channel), new Wire.Catalogue.CatalogueClient(channel));
        var asked = new Wire.DefineTopicRequest
        {
            Code = Gaming.Code,
            Name = new Wire.Name { Fi = "Pelaaminen" },
            Class = "multidisciplinary",
            Level = "any",
            ImpliesMarks = { "unclear" },
            Sectors = { "social", "health", "social" },
            Urgency = "soon",
        };

        Calls.Refused(async () => await experts.RegisterAsync(Expert(Gaming.Code), token), StatusCode.InvalidArgument, "platform.invalid-input");
        var forbidden = Assert.ThrowsAsync<RpcException>(async () => await catalogue.DefineTopicAsync(asked, reading))!;
        var defined = await catalogue.DefineTopicAsync(asked, token);
        var again = await catalogue.DefineTopicAsync(asked, token);
        var told = (await others.Next("TopicDefined")).GetProperty("topic");
        var competent = await experts.RegisterAsync(Expert(Gaming.Code), token);
        var listed = (await catalogue.ListAsync(new Wire.ListRequest { List = "topics", PageSize = 100 }, reading)).Topics;

        var retired = await catalogue.RetireTopicAsync(new Wire.RetireTopicRequest { Code = Gaming.Code }, token);
        var retiredAgain = await catalogue.RetireTopicAsync(new Wire.RetireTopicRequest { Code = Gaming.Code }, token);
        var shipped = await catalogue.RetireTopicAsync(new Wire.RetireTopicRequest { Code = Shipped, LastDay = "2099-12-31" }, token);
        Calls.Refused(async () => await experts.RegisterAsync(Expert(Gaming.Code), token), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await catalogue.RetireTopicAsync(new Wire.RetireTopicRequest { Code = "nothing.such" }, token), StatusCode.NotFound, "expert-pool.topic-unknown");
        var kept = await experts.RegisterAsync(Expert(Gaming.Code, competent.ExpertId, hours: 6), token);
        Calls.Refused(async () => await experts.RegisterAsync(Expert(Gaming.Code, Guid.CreateVersion7().ToString()), token), StatusCode.InvalidArgument, "platform.invalid-input");
        var found = await experts.SearchAsync(new Wire.SearchRequest { Topic = Gaming.Code }, reading);
        var left = (await catalogue.ListAsync(new Wire.ListRequest { List = "topics", PageSize = 100 }, reading)).Topics;
        var pages = (await catalogue.ListAsync(new Wire.ListRequest { List = "topics", PageSize = 1, PageToken = "gaming", AlsoEnded = true }, reading));

        // Each topic's own events come in their order; of two topics either may be told first.
        JsonElement[] ends = [await others.Next("TopicRetired"), await others.Next("TopicRetired")];
        await using var restarted = await ServiceHost<Program>.Start("topics_again", pool.Settings);
        using var known = await restarted.ClientFor("integrator");
        using var channelAgain = GrpcChannel.ForAddress(restarted.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = restarted.Server.CreateHandler() });
        var restored = (await new Wire.Catalogue.CatalogueClient(channelAgain).ListAsync(
            new Wire.ListRequest { List = "topics", Topic = Gaming.Code, AlsoEnded = true }, new Metadata { { "authorization", known.DefaultRequestHeaders.Authorization!.ToString() } })).Topics.Single();
        Assert.Multiple(() =>
        {
            Assert.That(forbidden.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That((defined.Retired, defined.Name.Sv, defined.Urgency), Is.EqualTo((false, "Pelaaminen", "soon")));
            Assert.That(defined.Sectors, Is.EqualTo(new[] { "health", "social" }));
            Assert.That(again, Is.EqualTo(defined));
            Assert.That(listed.Select(topic => topic.Code), Does.Contain(Gaming.Code).And.Contain(Shipped));
            Assert.That(retired.Retired, Is.True);
            Assert.That(retiredAgain, Is.EqualTo(retired));
            Assert.That((shipped.Retired, shipped.LastDay), Is.EqualTo((false, "2099-12-31")));
            Assert.That((kept.WeeklyHours, kept.Topics.Single()), Is.EqualTo((6d, Gaming.Code)), "What one is competent in already goes on.");
            Assert.That(found.Fits.Select(match => match.Expert.ExpertId), Is.EqualTo(new[] { competent.ExpertId }));
            Assert.That(left.Select(topic => topic.Code), Does.Not.Contain(Gaming.Code));
            Assert.That((pages.Topics.Single().Code, pages.NextPageToken), Is.EqualTo((Gaming.Code, Gaming.Code)));
            Assert.That((told.GetProperty("code").GetString(), told.GetProperty("class").GetString()), Is.EqualTo((Gaming.Code, "multidisciplinary")));
            Assert.That(
                ends.Select(end => (end.GetProperty("code").GetString(), end.GetProperty("lastDay").GetString())),
                Is.EquivalentTo(new[] { (Gaming.Code, retired.LastDay), (Shipped, "2099-12-31") }));
            Assert.That(restored, Is.EqualTo(retired), "A restarted service knows it before it serves.");
        });
    }

    private static Wire.RegisterExpertRequest Expert(string topic, string id = "", double hours = 4) => new()
    {
        ExpertId = id,
        Sector = "health",
        Profession = "psychologist",
        Organisation = "hospital-north",
        Engagement = "partTime",
        County = "pirkanmaa",
        Topics = { topic },
        Languages = { "fi" },
        Channels = { "virtual" },
        WeeklyHours = hours,
        AgreementFrom = "2026-01-01",
        EmployerConsents = true,
    };
}

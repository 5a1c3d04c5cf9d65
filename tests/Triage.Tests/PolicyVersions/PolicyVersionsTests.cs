using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.PolicyVersions;

namespace OtPlatform.Triage.Tests.PolicyVersions;

[TestFixture]
internal sealed class PolicyVersionsTests
{
    private const string Content = """{ "triage": { "confirmation": "whenUnclear" } }""";
    private static readonly Guid PolicyId = PolicyHistory.IdOf("sisa");
    private static readonly Guid DraftId = Guid.Parse("019ab000-0000-7000-8000-0000000000d1");
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = new(2026, 11, 20);
    private static readonly DeciderSpec<PolicyHistory, PolicyEvent> Policy = new(PolicyHistory.Aggregate);

    private static readonly DraftPolicy.Command Draft = new("sisa", DraftId, Content, "trial", ["trial", "other"], "leadership-sisa", Now);
    private static readonly PolicyDrafted Drafted = new(PolicyId, "sisa", DraftId, Content, "leadership-sisa", "trial", Now);
    private static readonly PublishPolicy.Command Publish = new(DraftId, new DateOnly(2026, 12, 1), Today, new DateTimeOffset(2026, 11, 30, 22, 0, 0, TimeSpan.Zero), _ => [], "leadership-sisa", Now);
    private static readonly PolicyPublished Published = new(
        PolicyId, "sisa", 1, PublishPolicy.Stamped(Content, "sisa", 1, Publish.EffectiveFrom), Publish.EffectiveFrom, Publish.DayBegins, "leadership-sisa", "trial", Now, DraftId);

    private static readonly TakeUpShippedPolicy.Command TakeUp = new(new PolicyPage("default", 1, DateTimeOffset.UnixEpoch, "{}"), _ => [], Now);
    private static readonly PolicyPublished Taken = new(
        PolicyHistory.IdOf("default"), "default", 1, PublishPolicy.Stamped("{}", "default", 1, new DateOnly(1970, 1, 1)), new DateOnly(1970, 1, 1), DateTimeOffset.UnixEpoch, "platform", "shipped", Now, ShippedVersion: 1);

    [Test]
    public void A_draft_says_who_wrote_it_and_why() => Policy.Given().When(DraftPolicy.Decide, Draft).Then(Drafted);

    [Test]
    public void The_same_draft_again_changes_nothing() => Policy.Given(Drafted).When(DraftPolicy.Decide, Draft with { DraftId = Guid.NewGuid() }).ThenNothing();

    [Test]
    public void A_draft_needs_a_reason_of_the_policy() => Policy.Given().When(DraftPolicy.Decide, Draft with { ReasonCode = "because" }).ThenRejected(DraftPolicy.UnknownReason);

    [Test]
    public void A_draft_becomes_the_next_version_from_its_day_on() => Policy.Given(Drafted).When(PublishPolicy.Decide, Publish).Then(Published);

    [Test]
    public void A_version_for_today_takes_effect_at_once_and_not_before() =>
        Policy.Given(Drafted).When(PublishPolicy.Decide, Publish with { EffectiveFrom = Today, DayBegins = Now.AddHours(-10) })
            .Then(Published with { EffectiveFrom = Today, TakesEffectAt = Now, Content = PublishPolicy.Stamped(Content, "sisa", 1, Today) });

    [Test]
    public void What_has_been_decided_is_not_changed_afterwards() =>
        Policy.Given(Drafted).When(PublishPolicy.Decide, Publish with { EffectiveFrom = Today.AddDays(-1) }).ThenRejected(PublishPolicy.InThePast);

    [Test]
    public void A_draft_with_faults_is_not_published() =>
        Policy.Given(Drafted).When(PublishPolicy.Decide, Publish with { FaultsOf = _ => [new PolicyFault("$", "wrong")] }).ThenRejected(PublishPolicy.Faulty);

    [Test]
    public void What_was_not_drafted_or_was_replaced_is_not_published()
    {
        Policy.Given().When(PublishPolicy.Decide, Publish).ThenRejected(PublishPolicy.NothingDrafted);
        Policy.Given(Drafted with { DraftId = Guid.NewGuid() }).When(PublishPolicy.Decide, Publish).ThenRejected(PublishPolicy.AnotherDraft);
    }

    [Test]
    public void A_draft_is_published_once() => Policy.Given(Drafted, Published).When(PublishPolicy.Decide, Publish).ThenNothing();

    [Test]
    public void The_shipped_policy_is_taken_up_once()
    {
        Policy.Given().When(TakeUpShippedPolicy.Decide, TakeUp).Then(Taken);
        Policy.Given(Taken).When(TakeUpShippedPolicy.Decide, TakeUp).ThenNothing();
    }

    [Test]
    public void A_newer_shipped_policy_comes_after_what_editors_have_published_and_leaves_their_draft()
    {
        var newer = TakeUp with { Shipped = TakeUp.Shipped with { Version = 2 } };
        var editors = Published with { PolicyId = Taken.PolicyId, Code = "default", Version = 2 };
        Policy.Given(Taken, editors, Drafted).When(TakeUpShippedPolicy.Decide, newer)
            .Then(Taken with { Version = 3, ShippedVersion = 2, EffectiveFrom = Today, TakesEffectAt = Now, Content = PublishPolicy.Stamped("{}", "default", 3, Today) });
        Assert.That(PolicyHistory.Aggregate.Fold([Taken, Drafted, Taken with { Version = 2, ShippedVersion = 2 }]), Has.Property("Draft").Not.Null.And.Property("LastVersion").EqualTo(2));
    }

    [Test]
    public void A_newer_shipped_policy_that_does_not_fit_to_an_areas_is_left_and_a_first_one_is_not() =>
        Policy.Given(Taken).When(TakeUpShippedPolicy.Decide, TakeUp with { Shipped = TakeUp.Shipped with { Version = 2 }, FaultsOf = _ => [new PolicyFault("$", "wrong")] }).ThenRejected(TakeUpShippedPolicy.DoesNotFit);

    [Test]
    public void A_version_holds_from_its_moment_until_the_next_ones_and_on_the_same_day_the_later_one()
    {
        static PolicyPage Page(string code, int version, int day) => new(code, version, new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero), """{ "x": 1 }""");
        var book = new PolicyBook([Page("default", 1, 1), Page("default", 2, 20), Page("default", 3, 20), Page("sisa", 1, 10)]);
        string At(string area, int day) => book.VersionAt(area, new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero));
        Assert.Multiple(() =>
        {
            Assert.That(At("sisa", 9), Is.EqualTo("default.1"));
            Assert.That(At("sisa", 10), Is.EqualTo("default.1+sisa.1"));
            Assert.That(At("sisa", 25), Is.EqualTo("default.3+sisa.1"));
            Assert.That(At("lansi", 19), Is.EqualTo("default.1"));
            Assert.That(book.Knows("default.1+sisa.1"), Is.True);
            Assert.That(book.Knows("default.1+sisa.2"), Is.False);
            Assert.That(() => book.Document("default.4"), Throws.InstanceOf<UnknownPolicyException>(), "It is on its way.");
            Assert.That(() => book.Document("lansi.1"), Throws.InstanceOf<UnknownPolicyException>());
            Assert.That(JsonNode.DeepEquals(book.Document("default.1+sisa.1"), JsonNode.Parse("""{ "x": 1 }""")), Is.True);
        });
    }

    [Test]
    public void A_setting_that_came_later_is_read_as_it_is_shipped_and_lists_and_codes_are_left_as_they_were_written()
    {
        var book = new PolicyBook([new PolicyPage("default", 2, Now, """{ "a": { "old": 1, "new": 2, "codes": { "x": 1, "y": 2 }, "list": [1, 2] }, "b": { "c": 3 } }""")]);
        book.Learn(new PolicyPage("default", 1, DateTimeOffset.UnixEpoch, """{ "a": { "old": 7, "codes": { "x": 7 }, "list": [], "none": null } }"""));
        Assert.That(book.Document("default.1").ToJsonString(), Is.EqualTo("""{"a":{"old":7,"codes":{"x":7},"list":[],"none":null,"new":2},"b":{"c":3}}"""));
    }

    [Test]
    public void What_was_shipped_gives_way_to_what_was_published_and_what_was_read_of_it_is_read_anew()
    {
        var book = new PolicyBook([new PolicyPage("default", 2, Now, """{ "a": 2 }"""), new PolicyPage("sisa", 1, Now, "{}")]);
        string Made(string version) => book.Made(version, name => book.Document(name).ToJsonString());
        Assert.That(Made("default.2"), Is.EqualTo("""{"a":2}"""));
        book.Learn(new PolicyPage("default", 2, Now, """{ "a": 3 }"""));
        Assert.Multiple(() =>
        {
            Assert.That(Made("default.2"), Is.EqualTo("""{"a":3}"""));
            Assert.That(book.VersionAt("sisa", Now), Is.EqualTo("default.2+sisa.1"), "Of the area nothing has been published.");
            Assert.That(book.Document("default.1").ToJsonString(), Is.EqualTo("""{"a":3}"""), "What was never kept is read as the first that was.");
        });
        book.Learn(new PolicyPage("default", 1, Now.AddDays(-1), """{ "a": 1 }"""));
        Assert.That(book.Document("default.1").ToJsonString(), Is.EqualTo("""{"a":1}"""));
    }
}

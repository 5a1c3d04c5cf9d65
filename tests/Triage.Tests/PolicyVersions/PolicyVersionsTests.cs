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
    public void The_shipped_policy_is_taken_up_once_and_a_newer_one_becomes_the_next_version_beside_a_draft()
    {
        var shipped = new PolicyPage("default", 1, DateTimeOffset.UnixEpoch, "{}");
        var taken = new PolicyPublished(PolicyHistory.IdOf("default"), "default", 1, "{}", DateOnly.FromDateTime(DateTime.UnixEpoch), DateTimeOffset.UnixEpoch, "platform", "shipped", Now);
        Policy.Given().When(TakeUpShippedPolicy.Decide, new TakeUpShippedPolicy.Command(shipped, Now)).Then(taken);
        Policy.Given(taken).When(TakeUpShippedPolicy.Decide, new TakeUpShippedPolicy.Command(shipped, Now)).ThenNothing();
        Policy.Given(taken, Drafted).When(TakeUpShippedPolicy.Decide, new TakeUpShippedPolicy.Command(shipped with { Version = 2 }, Now)).Then(taken with { Version = 2 });
        Assert.That(PolicyHistory.Aggregate.Fold([taken, Drafted, taken with { Version = 2 }]), Has.Property("Draft").Not.Null.And.Property("LastVersion").EqualTo(2));
    }

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
            Assert.That(() => book.Document("default.4"), Throws.InstanceOf<UnknownPolicyException>());
            Assert.That(JsonNode.DeepEquals(book.Document("default.1+sisa.1"), JsonNode.Parse("""{ "x": 1 }""")), Is.True);
        });
    }
}

using OtPlatform.Contracts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.Platform.Http;
using OtPlatform.Testing;

namespace OtPlatform.ExpertPool.Tests.KnowledgeHolders;

[TestFixture]
internal sealed class KnowledgeHolderTests
{
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000b1");
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = new(2026, 11, 20);
    private static readonly KnowledgeHolderFacts Facts =
        new(new Label("Adoptiotiedon keskus", "Adoptionskunskap", "Adoption knowledge"), "FI", ["adoption"], ["fi", "sv"], "neuvonta@adoptio.example", Today);

    private static readonly KnowledgeHolderRegistered Registered = new(Id, Facts, Now.AddDays(-1));
    private static readonly KnowledgeHolderEnded Ended = new(Id, "closed-down", Now.AddHours(-1));
    private static readonly DeciderSpec<KnowledgeHolder, KnowledgeHolderEvent> Case = new(KnowledgeHolder.Aggregate);

    private static readonly RegisterKnowledgeHolder.Command Register = new(Id, Facts, Now);
    private static readonly EndKnowledgeHolder.Command End = new(Id, "closed-down", Now);

    [Test]
    public void C04_a_holder_of_knowledge_is_registered_once() => Case.Given().When(RegisterKnowledgeHolder.Decide, Register).Then(new KnowledgeHolderRegistered(Id, Facts, Now));

    [Test]
    public void The_same_facts_again_change_nothing() => Case.Given(Registered)
        .When(RegisterKnowledgeHolder.Decide, Register with { Facts = Facts with { Topics = ["adoption"], Languages = ["fi", "sv"] } }).ThenNothing();

    [Test]
    public void Other_facts_are_a_new_registration()
    {
        KnowledgeHolderFacts[] others =
        [
            Facts with { Name = Facts.Name with { Sv = "Annat" } }, Facts with { Country = "SE" }, Facts with { Topics = ["trauma.severe"] },
            Facts with { Languages = ["fi"] }, Facts with { Contact = "+358 9 123 456" }, Facts with { ValidUntil = Today.AddDays(1) },
        ];
        foreach (var other in others)
        {
            Case.Given(Registered).When(RegisterKnowledgeHolder.Decide, Register with { Facts = other }).ThenEvents(typeof(KnowledgeHolderRegistered));
        }
    }

    [Test]
    public void What_has_ended_is_taken_up_again_by_a_registration() => Case.Given(Registered, Ended).When(RegisterKnowledgeHolder.Decide, Register).ThenEvents(typeof(KnowledgeHolderRegistered));

    [Test]
    public void It_ends_once() => Case.Given(Registered).When(EndKnowledgeHolder.Decide, End).Then(new KnowledgeHolderEnded(Id, "closed-down", Now));

    [Test]
    public void An_ended_one_ends_no_more() => Case.Given(Registered, Ended).When(EndKnowledgeHolder.Decide, End).ThenNothing();

    [Test]
    public void What_nobody_registered_cannot_end() => Case.Given().When(EndKnowledgeHolder.Decide, End).ThenRejected(KnowledgeHolder.NotRegistered);

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void It_may_be_pointed_to_until_its_last_day(int daysAfter, bool inForce) =>
        Assert.That(new KnowledgeHolderEntry(Id, Facts, null, 1).IsInForce(Facts.ValidUntil.AddDays(daysAfter)), Is.EqualTo(inForce));

    [TestCase("neuvonta@adoptio.example")]
    [TestCase("vaativa-tuki@keskus.example")]
    [TestCase("+358 9 123 456")]
    [TestCase("https://adoptio.example/neuvonta")]
    public void A_contact_is_the_organisations(string contact) => Assert.That(Checked(Body with { Contact = contact }).Contact, Is.EqualTo(contact));

    [TestCase("maija.mallikas@adoptio.example")]
    [TestCase("maija.mallikas-esimerkki@adoptio.example")]
    [TestCase("09 123 456")]
    [TestCase("http://adoptio.example")]
    [TestCase("https://user:secret@adoptio.example")]
    [TestCase("javascript:alert(1)")]
    [TestCase("Maija, 2. kerros")]
    [TestCase("")]
    [TestCase(null)]
    public void R8_a_contact_is_nobodys_in_person_and_can_be_reached(string? contact) => Assert.That(Wrong(Body with { Contact = contact }), Is.EqualTo(new[] { "$.contact" }));

    [Test]
    public void Each_place_that_is_wrong_is_named() => Assert.That(
        Wrong(new KnowledgeHolderBody()),
        Is.EquivalentTo(new[] { "$.name.fi", "$.country", "$.topics", "$.languages", "$.contact", "$.validUntil" }));

    [TestCase("131052-308T")]
    [TestCase("Keskus\nMaija")]
    [TestCase("...")]
    public void A_name_is_a_line_without_a_long_number(string name) =>
        Assert.That(Wrong(Body with { Name = new NameBody("Keskus", name, null) }), Is.EqualTo(new[] { "$.name.sv" }));

    [Test]
    public void A_language_without_a_name_has_the_Finnish_one() =>
        Assert.That(Checked(Body with { Name = new NameBody("Keskus", "", "Centre") }).Name, Is.EqualTo(new Label("Keskus", "Keskus", "Centre")));

    [Test]
    public void A_last_day_that_is_over_is_none() => Assert.That(Wrong(Body with { ValidUntil = "2026-11-19" }), Is.EqualTo(new[] { "$.validUntil" }));

    private static KnowledgeHolderBody Body => new()
    {
        Name = new NameBody("Keskus", null, null),
        Country = "FI",
        Topics = ["adoption"],
        Languages = ["fi"],
        Contact = "neuvonta@adoptio.example",
        ValidUntil = "2026-11-20",
    };

    private static KnowledgeHolderFacts Checked(KnowledgeHolderBody body) => KnowledgeHolderRules.Facts(body, Repository.Catalogue, Today);

    private static IEnumerable<string> Wrong(KnowledgeHolderBody body) => Assert.Throws<InvalidInputException>(() => Checked(body))!.Errors.Keys;
}

using OtPlatform.ExpertPool.Experts;
using static OtPlatform.ExpertPool.Tests.Experts.Experts;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>What is said of an expert, and said again.</summary>
[TestFixture]
internal sealed class ExpertFactsTests
{
    private static readonly RegisterExpert.Command Register = new(ExpertId, Plain, Now);
    private static readonly SetAvailability.Command FewerHours = new(ExpertId, 2, ["fi"], ["phone"], Now);
    private static readonly Agreement UntilSummer = new(new DateOnly(2026, 1, 1), new DateOnly(2027, 5, 31));
    private static readonly RecordAgreement.Command Agreed = new(ExpertId, UntilSummer, Now);
    private static readonly RecordEmployerConsent.Command Withdrawn = new(ExpertId, false, Now);
    private static readonly SuspendExpert.Command Suspend = new(ExpertId, "own-wish", Now);

    [Test]
    public void An_expert_is_registered() =>
        Case.Given().When(RegisterExpert.Decide, Register).Then(new ExpertRegistered(ExpertId, Plain, Now));

    [Test]
    public void The_same_facts_again_change_nothing() =>
        Case.Given(Registered).When(RegisterExpert.Decide, Register with { Facts = Plain with { Topics = ["trauma.severe"] } }).ThenNothing();

    [Test]
    public void Other_facts_are_a_new_registration()
    {
        ExpertFacts[] others =
        [
            Plain with { Topics = ["trauma.severe", "violence.sexual"] },
            Plain with { Languages = ["fi"] },
            Plain with { Channels = ["phone"] },
            Plain with { WeeklyHours = 5 },
            Plain with { UnitId = AssemblyId },
            Plain with { Agreement = UntilSummer },
            Plain with { EmployerConsents = false },
        ];
        foreach (var other in others)
        {
            Case.Given(Registered).When(RegisterExpert.Decide, Register with { Facts = other }).Then(new ExpertRegistered(ExpertId, other, Now));
        }
    }

    [Test]
    public void The_newest_registration_holds_over_what_was_set_before_it() =>
        Case.Given(Registered, new AvailabilitySet(ExpertId, 2, ["fi"], ["phone"], Now)).When(RegisterExpert.Decide, Register).ThenEvents(typeof(ExpertRegistered));

    [Test]
    public void A_registration_ends_a_suspension_and_leaves_held_hours_alone()
    {
        Case.Given(Registered, Suspended).When(RegisterExpert.Decide, Register).ThenEvents(typeof(ExpertRegistered));
        var state = Expert.Aggregate.Fold([Registered, Reserved, Suspended, Registered]);
        Assert.Multiple(() =>
        {
            Assert.That(state.Suspended, Is.False);
            Assert.That(state.HeldIn(First), Is.EqualTo(2));
        });
    }

    [Test]
    public void Other_hours_languages_and_channels_are_set()
    {
        var events = Case.Given(Registered).When(SetAvailability.Decide, FewerHours).ThenEvents(typeof(AvailabilitySet));
        var facts = Expert.Aggregate.Fold([Registered, .. events]).Facts!;
        Assert.Multiple(() =>
        {
            Assert.That(facts.WeeklyHours, Is.EqualTo(2));
            Assert.That(facts.Languages, Is.EqualTo(new[] { "fi" }));
            Assert.That(facts.Channels, Is.EqualTo(new[] { "phone" }));
            Assert.That(facts.Topics, Is.EqualTo(Plain.Topics));
        });
    }

    [Test]
    public void An_agreement_is_recorded() =>
        Case.Given(Registered).When(RecordAgreement.Decide, Agreed).Then(new AgreementRecorded(ExpertId, UntilSummer, Now));

    [Test]
    public void A_withdrawn_consent_of_the_employer_is_recorded() =>
        Case.Given(Registered).When(RecordEmployerConsent.Decide, Withdrawn).Then(new EmployerConsentRecorded(ExpertId, false, Now));

    [Test]
    public void An_expert_is_suspended_once() =>
        Case.Given(Registered).When(SuspendExpert.Decide, Suspend).Then(new ExpertSuspended(ExpertId, "own-wish", Now));

    [Test]
    public void What_is_so_already_changes_nothing()
    {
        Case.Given(Registered).When(SetAvailability.Decide, new SetAvailability.Command(ExpertId, 4, ["fi", "se"], ["virtual"], Now)).ThenNothing();
        Case.Given(Registered).When(RecordAgreement.Decide, Agreed with { Agreement = new Agreement(new DateOnly(2026, 1, 1), null) }).ThenNothing();
        Case.Given(Registered).When(RecordEmployerConsent.Decide, Withdrawn with { Consents = true }).ThenNothing();
        Case.Given(Registered, Suspended).When(SuspendExpert.Decide, Suspend).ThenNothing();
    }

    [Test]
    public void Of_somebody_unknown_nothing_is_recorded_also_when_their_hours_were_asked_for()
    {
        ExpertEvent[][] pasts = [[], [Refused("unknownExpert")]];
        foreach (var past in pasts)
        {
            Case.Given(past).When(SetAvailability.Decide, FewerHours).ThenRejected(Expert.NotRegistered);
            Case.Given(past).When(RecordAgreement.Decide, Agreed).ThenRejected(Expert.NotRegistered);
            Case.Given(past).When(RecordEmployerConsent.Decide, Withdrawn).ThenRejected(Expert.NotRegistered);
            Case.Given(past).When(SuspendExpert.Decide, Suspend).ThenRejected(Expert.NotRegistered);
        }
    }
}

using OtPlatform.Contracts;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class LaterFactsTests
{
    private static readonly ReassessOnInformationAdded.Command TriedOnce = new(1, null, null, null, false, null, null, Now.AddHours(1), _ => Policy, Now.AddHours(1));
    private static readonly CloseCaseOnConsultationWithdrawn.Command Withdrawn = new(Now.AddHours(1));

    [Test]
    public void What_was_asked_for_brings_the_case_to_a_coordinator()
    {
        var events = Case.Given(Opened(Complex with { TriedCount = 0 })).When(ReassessOnInformationAdded.Decide, TriedOnce)
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Assert.That(((CaseAssessed)events[1]).Assessment.Route, Is.EqualTo(Route.HybridTeam));
    }

    [Test]
    public void A_requester_who_could_try_nothing_is_not_asked_again() =>
        Case.Given(Opened(Complex with { TriedCount = 0 })).When(ReassessOnInformationAdded.Decide, TriedOnce with { TriedCount = 0 })
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));

    [Test]
    public void A_legal_basis_opens_the_way_to_a_team() =>
        Case.Given(Opened(Complex with { LegalBasisType = "anonymous" })).When(ReassessOnInformationAdded.Decide, TriedOnce with { LegalBasisType = "consent" })
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));

    [Test]
    public void R4_a_new_legal_basis_brings_its_own_last_day()
    {
        var until = new DateOnly(2027, 5, 31);
        var events = Case.Given(Opened(Complex with { LegalBasisType = "anonymous", LegalBasisValidUntil = until.AddDays(-300) }))
            .When(ReassessOnInformationAdded.Decide, TriedOnce with { LegalBasisType = "consent", LegalBasisValidUntil = until })
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Assert.That(((InformationReceived)events[0]).Request.LegalBasisValidUntil, Is.EqualTo(until));
    }

    [Test]
    public void Facts_without_a_legal_basis_keep_the_earlier_one_with_its_last_day()
    {
        var until = new DateOnly(2027, 5, 31);
        var events = Case.Given(Opened(Complex with { TriedCount = 0, LegalBasisValidUntil = until })).When(ReassessOnInformationAdded.Decide, TriedOnce)
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
        Assert.That(((InformationReceived)events[0]).Request.LegalBasisValidUntil, Is.EqualTo(until));
    }

    [Test]
    public void A_second_assessment_does_not_signal_the_same_phenomenon_again() =>
        Case.Given(Opened(Plain with { Marks = ["falls-between"] })).When(ReassessOnInformationAdded.Decide, TriedOnce with { TriedCount = 2 })
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));

    [Test]
    public void After_the_decision_information_changes_nothing() =>
        Case.Given([.. Opened(Complex), new RouteDecided(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "policy", null, Now, Now)])
            .When(ReassessOnInformationAdded.Decide, TriedOnce).ThenRejected(TriageCase.AlreadyDecided);

    [Test]
    public void Information_for_an_unknown_case_is_refused() =>
        Case.Given().When(ReassessOnInformationAdded.Decide, TriedOnce).ThenRejected(TriageCase.NotOpened);

    [Test]
    public void Information_for_a_closed_case_is_refused() =>
        Case.Given([.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)]).When(ReassessOnInformationAdded.Decide, TriedOnce).ThenRejected(TriageCase.AlreadyClosed);

    [Test]
    public void A_withdrawn_consultation_closes_its_case() =>
        Case.Given(Opened(Complex)).When(CloseCaseOnConsultationWithdrawn.Decide, Withdrawn).Then(new CaseClosed(CaseId, "withdrawn", Now.AddHours(1)));

    [Test]
    public void A_withdrawal_wins_over_a_decided_route() =>
        Case.Given([.. Opened(Complex), new RouteDecided(CaseId, "sisa", Route.HybridTeam, [], [], false, false, [], "default.1", "policy", null, Now, Now)])
            .When(CloseCaseOnConsultationWithdrawn.Decide, Withdrawn).ThenEvents(typeof(CaseClosed));

    [Test]
    public void A_closed_case_stays_closed() =>
        Case.Given([.. Opened(Complex), new CaseClosed(CaseId, "withdrawn", Now)]).When(CloseCaseOnConsultationWithdrawn.Decide, Withdrawn).ThenNothing();

    [Test]
    public void Without_a_case_there_is_nothing_to_close() =>
        Case.Given().When(CloseCaseOnConsultationWithdrawn.Decide, Withdrawn).ThenRejected(TriageCase.NotOpened);
}

using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;

namespace OtPlatform.Triage.Tests.TriageCases;

[TestFixture]
internal sealed class OpenCaseTests
{
    [Test]
    public void A_case_is_opened_assessed_and_waits_for_a_coordinator()
    {
        var events = Case.Given().When(OpenCase.Decide, Open(Complex)).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed));
        Assert.That(TriageCase.Aggregate.Fold(events).Status, Is.EqualTo(CaseStatus.AwaitingConfirmation));
    }

    [Test]
    public void Opening_twice_changes_nothing() =>
        Case.Given(Opened(Complex)).When(OpenCase.Decide, Open(Complex)).ThenNothing();

    [Test]
    public void Immediate_danger_is_held_for_a_coordinator_whatever_the_area_lets_through()
    {
        var events = Case.Given()
            .When(OpenCase.Decide, Open(Complex with { ImmediateDanger = true }, PolicyWith(Confirmation.Never)))
            .ThenEvents(typeof(CaseOpened), typeof(CaseAssessed));
        Assert.Multiple(() =>
        {
            Assert.That(((CaseOpened)events[0]).Held, Is.True);
            Assert.That(((CaseOpened)events[0]).DueBy, Is.EqualTo(Now.AddMinutes(30)));
        });
    }

    [Test]
    public void Missing_information_is_asked_for_without_a_coordinator()
    {
        var events = Case.Given().When(OpenCase.Decide, Open(Complex with { TriedCount = 0 })).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed), typeof(InformationRequested));
        Assert.That(((InformationRequested)events[2]).Asked, Is.EqualTo(new[] { "triedSoFar" }));
    }

    [Test]
    public void System_failure_leaves_a_signal_and_a_gap_C25_that_others_hear_of()
    {
        var request = Plain with { Marks = ["falls-between"], Services = ["school", "child-welfare"] };
        var events = Case.Given().When(OpenCase.Decide, Open(request))
            .ThenEvents(typeof(CaseOpened), typeof(CaseAssessed), typeof(PhenomenonSignalled), typeof(ServiceGapRecorded));
        var (signal, gap) = ((Contracts.Triage.PhenomenonSignalled)Published.Map(events[2])!, (Contracts.Triage.ServiceGapRecorded)Published.Map(events[3])!);
        Assert.Multiple(() =>
        {
            Assert.That((signal.County, signal.Topics, signal.Services), Is.EqualTo((request.County, request.Topics, request.Services)));
            Assert.That(signal.Marks, Does.Contain("falls-between"));
            Assert.That((gap.County, gap.Topics, gap.Services), Is.EqualTo((request.County, request.Topics, request.Services)));
            Assert.That(Published.Map(new PhenomenonSignalled(Guid.NewGuid(), "sisa", "kainuu", [], [], gap.RecordedAt)), Has.Property("Services").Empty, "Signalled before services were kept.");
        });
    }

    [Test]
    public void A_clear_case_passes_where_the_area_confirms_only_the_unclear()
    {
        var events = Case.Given().When(OpenCase.Decide, Open(Complex, PolicyWith(Confirmation.WhenUnclear))).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed), typeof(RouteDecided));
        var decided = (RouteDecided)events[2];
        Assert.Multiple(() =>
        {
            Assert.That(decided.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(decided.DecidedBy, Is.EqualTo("policy"));
        });
    }

    [Test]
    public void An_unclear_case_waits_where_the_area_confirms_only_the_unclear() =>
        Case.Given().When(OpenCase.Decide, Open(Complex with { Topics = [] }, PolicyWith(Confirmation.WhenUnclear))).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed));

    [Test]
    public void High_risk_waits_for_a_coordinator_even_where_the_area_never_confirms() =>
        Case.Given().When(OpenCase.Decide, Open(Complex with { HighRisk = true }, PolicyWith(Confirmation.Never))).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed));

    [Test]
    public void A_team_without_a_legal_basis_is_never_let_through_by_the_policy()
    {
        var never = PolicyWith(Confirmation.Never);
        var information = new ReassessOnInformationAdded.Command(2, null, null, null, false, null, null, Now.AddHours(1), _ => never, Now.AddHours(1));
        Case.Given(Opened(Complex with { LegalBasisType = "anonymous" }, never)).When(ReassessOnInformationAdded.Decide, information)
            .ThenEvents(typeof(InformationReceived), typeof(CaseAssessed), typeof(ConfirmationAwaited));
    }

    [Test]
    public void An_unclear_case_passes_where_the_area_never_confirms() =>
        Case.Given().When(OpenCase.Decide, Open(Complex with { Topics = [] }, PolicyWith(Confirmation.Never))).ThenEvents(typeof(CaseOpened), typeof(CaseAssessed), typeof(RouteDecided));
}

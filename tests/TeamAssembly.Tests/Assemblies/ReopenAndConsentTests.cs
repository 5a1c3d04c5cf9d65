using OtPlatform.TeamAssembly.Assemblies;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>A withdrawal that a reopening lifts, in whatever order the two arrive, and a consent that ends or comes.</summary>
[TestFixture]
internal sealed class ReopenAndConsentTests
{
    private static readonly CancelAssembly.Command Withdraw = new(Id, CancelAssembly.Withdrawn, Now.AddMinutes(1), Now);
    private static readonly ReopenAssembly.Command Reopen = new(Id, Now.AddHours(1), Now.AddHours(1));

    [Test]
    public void R1_a_route_that_is_decided_after_a_reopening_is_staffed()
    {
        var withdrawn = CancelAssembly.Decide(Fold(Started()), Withdraw).Events;
        var reopened = Search.Given([.. Started(), .. withdrawn]).When(ReopenAssembly.Decide, Reopen).ThenEvents(typeof(AssemblyReopened));
        Search.Given([.. Started(), .. withdrawn, .. reopened]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(2)))
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
    }

    [Test]
    public void A_withdrawal_that_arrives_after_its_reopening_holds_nothing_back()
    {
        var reopened = Search.Given().When(ReopenAssembly.Decide, Reopen).ThenEvents(typeof(AssemblyReopened));
        Search.Given([.. reopened]).When(CancelAssembly.Decide, Withdraw).ThenNothing();
        Assert.That(AssemblyView.Fold([.. reopened], 1).Id, Is.EqualTo(Id));
    }

    [Test]
    public void A_second_withdrawal_holds()
    {
        var happened = new AssemblyEvent[] { new AssemblyReopened(Id, "sisa", Reopen.ReopenedAt) };
        var withdrawn = Search.Given(happened).When(CancelAssembly.Decide, Withdraw with { WithdrawnAt = Now.AddHours(3) }).ThenEvents(typeof(AssemblyCancelled));
        Search.Given([.. happened, .. withdrawn]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(4))).ThenNothing();
        Search.Given([.. happened, .. withdrawn]).When(ReopenAssembly.Decide, Reopen).ThenNothing();
    }

    [Test]
    public void A_withdrawal_that_was_stored_without_its_own_time_is_lifted_too()
    {
        var stored = new AssemblyCancelled(Id, "sisa", CancelAssembly.Withdrawn, Now);
        Search.Given(stored).When(ReopenAssembly.Decide, Reopen).ThenEvents(typeof(AssemblyReopened));
        Assert.That(Fold(stored, new AssemblyReopened(Id, "sisa", Reopen.ReopenedAt)).Withdrawn, Is.False);
    }

    [Test]
    public void What_was_under_way_ends_with_a_reopening() =>
        Search.Given(Invited()).When(ReopenAssembly.Decide, Reopen).ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled), typeof(AssemblyReopened));

    [Test]
    public void R8_the_end_of_the_consent_ends_the_search_and_the_team_s_work_at_once()
    {
        foreach (var past in new[] { Started(), Invited(), Accepted(), Confirmed() })
        {
            var happened = Search.Given(past).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.ConsentEnded, Now.AddHours(1)))
                .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
            Assert.That(Fold([.. past, .. happened]).Live, Is.Empty);
            Search.Given([.. past, .. happened]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(2))).ThenEvents(
                typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
        }
    }

    [Test]
    public void R1_the_end_of_an_earlier_consent_does_not_end_what_was_decided_after_it()
    {
        foreach (var past in new[] { Started(), Invited(), Accepted(), Confirmed() })
        {
            Search.Given(past).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.ConsentEnded, Now.AddHours(1), ConsentEndedAt: Now.AddDays(-1))).ThenNothing();
            Search.Given(past).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.ConsentEnded, Now.AddHours(1), ConsentEndedAt: Now.AddHours(1)))
                .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
        }
    }

    [Test]
    public void A_team_that_waited_for_the_consent_alone_starts_with_it()
    {
        var expired = Confirmed(Decided(facts: Facts with { LegalBasisValidUntil = new DateOnly(2026, 11, 19) }));
        Assert.That(expired.OfType<AssemblyHandedToCoordinator>().Single().ReasonCode, Is.EqualTo(ActivationGuards.LegalBasisMissing.Code));
        Search.Given(expired).When(ChangeLegalBasisOnConsentRecorded.Decide, Record(new DateOnly(2027, 5, 31))).ThenEvents(typeof(LegalBasisChanged), typeof(TeamActivated));
    }

    [Test]
    public void A_consent_for_longer_is_noted_and_the_same_one_is_not()
    {
        Search.Given(Confirmed()).When(ChangeLegalBasisOnConsentRecorded.Decide, Record(new DateOnly(2028, 5, 31))).ThenEvents(typeof(LegalBasisChanged));
        Search.Given(Confirmed()).When(ChangeLegalBasisOnConsentRecorded.Decide, Record(Facts.LegalBasisValidUntil)).ThenNothing();
        Search.Given().When(ChangeLegalBasisOnConsentRecorded.Decide, Record(Facts.LegalBasisValidUntil)).ThenNothing();
    }

    [Test]
    public void R4_the_own_worker_s_place_in_a_working_team_is_whoever_s_it_is_now()
    {
        var past = Confirmed();
        var happened = Search.Given(past).When(ChangeWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenEvents(typeof(ResponsibleWorkerChanged));
        var state = Fold([.. past, .. happened]);
        Assert.That(state.Members.Single(member => member.Role == "responsibleWorker").Profession, Is.EqualTo("own-worker"));
        Assert.That(state.Members.Where(member => member.ExpertId is not null).Select(member => member.Profession), Is.All.EqualTo("family-worker"));
    }

    [Test]
    public void A_team_that_waited_for_a_worker_alone_starts_with_them()
    {
        var waiting = Confirmed(Decided(facts: Facts with { ResponsibleWorkerRole = null, ResponsibleWorkerRef = null }));
        Assert.That(waiting.OfType<AssemblyHandedToCoordinator>().Single().ReasonCode, Is.EqualTo(ActivationGuards.OwnWorkerMissing.Code));
        Search.Given(waiting).When(ChangeWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenEvents(typeof(ResponsibleWorkerChanged), typeof(TeamActivated));
        Search.Given().When(ChangeWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenNothing();
    }

    [Test]
    public void R8_an_erasure_ends_whatever_is_under_way_for_good()
    {
        var erase = new EraseAssemblyOnConsultationErased.Command(Id, Now.AddHours(1), Now.AddHours(1));
        foreach (var past in new[] { Started(), Invited(), Confirmed() })
        {
            var happened = Search.Given(past).When(EraseAssemblyOnConsultationErased.Decide, erase).ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled), typeof(AssemblyErased));
            AssemblyEvent[] erased = [.. past, .. happened];
            Search.Given(erased).When(ReopenAssembly.Decide, Reopen with { ReopenedAt = Now.AddHours(2) }).ThenNothing();
            Search.Given(erased).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(3))).ThenNothing();
            Search.Given(erased).When(ChangeWorkerOnResponsibleWorkerChanged.Decide, Worker).ThenNothing();
        }
    }

    [Test]
    public void R8_a_route_that_comes_after_the_erasure_starts_nothing_and_keeps_nobody_s_reference()
    {
        var erased = Search.Given().When(EraseAssemblyOnConsultationErased.Decide, new EraseAssemblyOnConsultationErased.Command(Id, Now, Now)).ThenEvents(typeof(AssemblyErased));
        Search.Given([.. erased]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(3))).ThenNothing();
        Assert.That(AssemblyView.Fold([.. erased], 1).Status, Is.EqualTo(AssemblyStatus.Cancelled));
    }

    private static readonly ChangeWorkerOnResponsibleWorkerChanged.Command Worker = new(Id, "own-worker", "w-2", Now.AddHours(1), Around());

    private static ChangeLegalBasisOnConsentRecorded.Command Record(DateOnly? until) => new(Id, until, Now.AddHours(1), Around());
}

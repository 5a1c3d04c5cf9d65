using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using static OtPlatform.Intake.Tests.Consultations.Requests;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>What is erased is withdrawn when it was open, and takes nothing any more (C-98).</summary>
[TestFixture]
internal sealed class EraseConsultationTests
{
    private static readonly EraseConsultation.Command Erase = new(Id, Now.AddMinutes(10), Now.AddDays(37));

    [Test]
    public void R8_an_open_request_is_withdrawn_by_its_erasure() =>
        Request.Given(Upto(Admitted)).When(EraseConsultation.Decide, Erase).Then(new ConsultationWithdrawn(Id, Now.AddMinutes(10)), Erased);

    [Test]
    public void R8_what_is_closed_stays_closed() =>
        Request.Given(Upto(Answered, Closed)).When(EraseConsultation.Decide, Erase).Then(Erased);

    [Test]
    public void R8_what_is_withdrawn_can_still_be_erased() =>
        Request.Given(Submitted, Withdrawn).When(EraseConsultation.Decide, Erase).Then(Erased);

    [Test]
    public void What_is_erased_stays_as_it_is() =>
        Request.Given(Submitted, Withdrawn, Erased).When(EraseConsultation.Decide, Erase with { Now = Now.AddDays(1) }).ThenNothing();

    [Test]
    public void There_has_to_be_a_request() =>
        Request.Given().When(EraseConsultation.Decide, Erase).ThenRejected(Consultation.NotSubmitted);

    [Test]
    public void R8_nothing_more_happens_to_what_is_erased()
    {
        var erased = Request.Given(Upto(Answered, Closed, Erased));
        erased.When(ObjectToAnswer.Decide, new ObjectToAnswer.Command(Objected, Awaited.Next)).ThenRejected(Consultation.AlreadyErased);
        erased.When(AddInformation.Decide, new AddInformation.Command(Added, 1)).ThenRejected(Consultation.AlreadyErased);
        erased.When(AdmitExpertOnExpertInvited.Decide, new AdmitExpertOnExpertInvited.Command(Id, OtherExpertId, InvitationId, LastDay, Now)).ThenRejected(Consultation.AlreadyErased);
    }

    [Test]
    public void R2_an_erased_request_still_lists_and_asks_nothing_of_anybody()
    {
        var view = RequestersView.Fold(Upto(Started, Answered, Closed, Erased), 7);
        Assert.Multiple(() =>
        {
            Assert.That(view.Erased, Is.EqualTo(new ShownErasure(Erased.ErasedAt, Erased.CompleteBy)));
            Assert.That((view.Status, view.Responsible, view.DueBy), Is.EqualTo((ConsultationStatus.Closed, (Accountable?)null, (DateTimeOffset?)null)));
            Assert.That(view.Timeline[^1].Text, Is.EqualTo("erased"));
            Assert.That(view.AllowedActions, Is.Empty);
            Assert.That((view.Answer, view.Team, view.ResponsibleWorkerRef, view.Access.Count), Is.EqualTo(((ShownAnswer?)null, (ShownTeam?)null, (string?)null, 0)));
        });
    }

    [Test]
    public void The_others_are_told() =>
        Assert.That(Published.Map(Erased), Is.EqualTo(new Wire.ConsultationErased(Id, Erased.ErasedAt, Erased.CompleteBy)));

    [Test]
    public void R8_the_stored_submission_keeps_nothing_of_the_client_or_the_worker()
    {
        var redacted = EraseConsultation.Redacted(Submitted with { Screening = new Screening("demandingness", 1, new Dictionary<string, int> { ["q1"] = 2 }, []), SchoolAbsence = new SchoolAbsence(55, true, null, "w-1") });
        Assert.Multiple(() =>
        {
            Assert.That((redacted.MatterKey, redacted.Municipality, redacted.ResponsibleWorkerRef), Is.EqualTo(((string?)null, (string?)null, (string?)null)));
            Assert.That((redacted.Screening, redacted.SchoolAbsence, redacted.TextIds.Count), Is.EqualTo(((Screening?)null, (SchoolAbsence?)null, 0)));
            Assert.That((redacted.Number, redacted.Organisation, redacted.Area), Is.EqualTo((Submitted.Number, Submitted.Organisation, Submitted.Area)));
        });
    }
}

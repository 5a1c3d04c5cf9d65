using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using Contract = OtPlatform.Contracts.Route;
using Team = OtPlatform.Protos.TeamAssembly.V1.Team;
using TeamMember = OtPlatform.Contracts.TeamAssembly.TeamMember;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>What experts and receiving units do at the console.</summary>
[TestFixture]
internal sealed class ExpertsPagesTests
{
    private RunningConsole _console = null!;

    [OneTimeSetUp]
    public async Task Start() => _console = await RunningConsole.Start("coordination_experts");

    [OneTimeTearDown]
    public async Task Stop() => await _console.DisposeAsync();

    [Test]
    public async Task An_expert_accepts_one_invitation_and_declines_another_with_a_reason()
    {
        var (first, second, past) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse { Invitations = { Invitation(first, "open"), Invitation(second, "open"), Invitation(past, "expired") } });
        _console.Owners.Answer<AcceptInvitationRequest>(first.ToString(), _ => new Team());
        _console.Owners.Answer<DeclineInvitationRequest>(second.ToString(), _ => new Team());
        using var expert = await _console.Browser().SignedInAsExpert(Happenings.Expert(1));
        var page = await expert.Get("/invitations");
        var accepted = await expert.Send(page, $"/invitations/{first}/acceptance");
        var declined = await expert.Send(page, $"/invitations/{second}/refusal", ("reason", "noTime"));
        Assert.Multiple(() =>
        {
            Assert.That(page.Count("invitation"), Is.EqualTo(2));
            Assert.That(page.Shown("earlier"), Has.Count.EqualTo(1).And.Some.Contains("Määräaika kului"));
            Assert.That(page.Text, Does.Contain("2.5 h viikossa").And.Contain("Lapsen tai nuoren päihteiden käyttö"));
            Assert.That(new[] { accepted.Location, declined.Location }, Is.EqualTo(new[] { "/invitations?done=accepted", "/invitations?done=declined" }));
            Assert.That(_console.Owners.Calls.Select(call => call.Request), Does.Contain(new DeclineInvitationRequest { InvitationId = second.ToString(), ReasonCode = "noTime" }));
        });
    }

    [Test]
    public async Task An_invitation_that_is_over_is_said_to_be()
    {
        var id = Guid.CreateVersion7();
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse { Invitations = { Invitation(id, "open") } });
        _console.Owners.Refuse<AcceptInvitationRequest>(id.ToString(), StatusCode.FailedPrecondition, "team-assembly.invitation-not-open");
        using var expert = await _console.Browser().SignedInAsExpert(Happenings.Expert(1));
        var page = await expert.Get("/invitations");
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse());
        var refused = await expert.Send(page, $"/invitations/{id}/acceptance");
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(refused.Shown("refusal"), Is.EqualTo(new[] { "Kutsu ei ole enää avoin." }));
        });
    }

    [Test]
    public async Task The_arranged_expert_reads_the_question_and_answers_and_nobody_else_does()
    {
        var expert = Happenings.Expert(21);
        var told = await _console.Told(told =>
        {
            told.Team(at => Happenings.Invited(told, 21, at));
            told.Team(at => new ConsultationArranged(told.Consultation, told.Consultation, "sisa", new TeamMember(expert, "consultant", null, null, null, null, [], default, default), at, at.AddDays(5)));
        });
        var id = told.Consultation.ToString();
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse());
        _console.Owners.Answer<ReadNarrativeRequest>(id, _ => new ReadNarrativeResponse { Narratives = { new Narrative { Kind = "question", Text = "Miten eteenpäin?" } } });
        _console.Owners.Refuse<AnswerConsultationRequest>(id, StatusCode.Unavailable, "platform.unavailable");
        using var browser = await _console.Browser().SignedInAsExpert(expert);
        using var other = await _console.Browser().SignedInAsExpert(Happenings.Expert(22));
        var list = await browser.Get("/invitations");
        var page = await browser.Get($"/answers/{id}");
        var away = await browser.Send(page, $"/answers/{id}", ("text", "Näin edetään."));
        _console.Owners.Answer<AnswerConsultationRequest>(id, _ => new Team());
        var done = await browser.Send(away, $"/answers/{id}", ("text", "Näin edetään."));
        var sent = _console.Owners.Calls.Select(call => call.Request).OfType<AnswerConsultationRequest>().Last();
        Assert.Multiple(async () =>
        {
            Assert.That(list.Count("to-answer"), Is.EqualTo(1));
            Assert.That(page.Shown("narrative"), Is.EqualTo(new[] { "Kysymys Miten eteenpäin?" }));
            Assert.That(_console.Owners.Calls.Select(call => call.Request).OfType<ReadNarrativeRequest>(), Has.All.Property(nameof(ReadNarrativeRequest.Purpose)).EqualTo("answering"));
            Assert.That(away.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(away.Shown("answer-text"), Is.EqualTo(new[] { "Näin edetään." }));
            Assert.That(done.Location, Is.EqualTo("/invitations?done=answered"));
            Assert.That((sent.Id, sent.Text), Is.EqualTo((id, "Näin edetään.")));
            Assert.That((await other.Get($"/answers/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task R3_a_receiver_accepts_one_matter_and_sends_another_back()
    {
        var first = await Referred("unit-north");
        var second = await Referred("unit-north");
        var elsewhere = await Referred("unit-south");
        _console.Owners.Answer<AcceptReferralRequest>(first.ToString(), _ => new TriageCase());
        _console.Owners.Answer<ReturnReferralRequest>(second.ToString(), _ => new TriageCase());
        using var receiver = await _console.Browser().SignedInAsReceiver("unit-north");
        var page = await receiver.Get("/invitations");
        var accepted = await receiver.Send(page, $"/referrals/{first}/acceptance");
        var returned = await receiver.Send(page, $"/referrals/{second}/return", ("reason", "notOurs"));
        Assert.Multiple(() =>
        {
            Assert.That(page.Count("referral"), Is.EqualTo(2));
            Assert.That(page.Text, Does.Not.Contain(elsewhere.ToString()));
            Assert.That(new[] { accepted.Location, returned.Location }, Is.EqualTo(new[] { "/invitations?done=referralAccepted", "/invitations?done=referralReturned" }));
            Assert.That(_console.Owners.Calls.Select(call => call.Request), Does.Contain(new ReturnReferralRequest { Id = second.ToString(), ReasonCode = "notOurs" }));
        });
    }

    [Test]
    public async Task Experts_and_receivers_have_no_business_in_the_queues()
    {
        var told = await _console.Told();
        using var expert = await _console.Browser().SignedInAsExpert(Happenings.Expert(1));
        using var receiver = await _console.Browser().SignedInAsReceiver("unit-north");
        using var coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        Assert.Multiple(async () =>
        {
            Assert.That((await expert.Get("/queues")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await receiver.Get($"/consultations/{told.Consultation}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await coordinator.Get("/invitations")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    private static Invitation Invitation(Guid id, string status) => new()
    {
        Id = id.ToString(),
        TeamId = Guid.CreateVersion7().ToString(),
        Role = "expert",
        Needs = { "topic:substance.child-or-youth" },
        WeeklyHours = 2.5,
        From = "2026-11-23",
        Until = "2027-02-14",
        Channel = "virtual",
        Status = status,
        Area = "sisa",
        RespondBy = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1)),
    };

    private async Task<Guid> Referred(string receiver) => (await _console.Told(told =>
    {
        told.Triage(at => Happenings.Decided(told, at, Contract.SpecialLevel));
        told.Triage(at => new ReferralProposed(told.Consultation, told.Consultation, "sisa", receiver, "coordinator-sisa", at, at.AddDays(3)));
    })).Consultation;
}

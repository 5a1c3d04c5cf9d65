using System.Net;
using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>A case is offered to another area, which takes it or not; where it goes to and fro, the coordinating team decides (C-35, C-36).</summary>
[TestFixture]
internal sealed class TransferPagesTests
{
    private RunningConsole _console = null!;
    private Browser _coordinator = null!;
    private Browser _asked = null!;
    private Browser _leader = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_transfers");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        _asked = await _console.Browser().SignedIn("coordinator-lansi");
        _leader = await _console.Browser().SignedIn("leadership-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _asked.Dispose();
        _leader.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task A_coordinator_offers_a_case_with_a_reason_and_hears_why_not()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Refuse<ProposeTransferRequest>(id, StatusCode.FailedPrecondition, "triage.transfer-linked");
        var page = await _coordinator.Get($"/consultations/{id}");
        var refused = await _coordinator.Send(page, $"/consultations/{id}/transfer", ("area", "lansi"), ("reason", "knowledgeThere"));
        Assert.That((refused.Status, refused.Count("form-transfer")), Is.EqualTo((HttpStatusCode.Conflict, 1)));
        Assert.That(refused.Text, Does.Contain("erottakaa ne ensin"));

        _console.Owners.Answer<ProposeTransferRequest>(id, _ => new TriageCase());
        await _coordinator.Send(refused, $"/consultations/{id}/transfer", ("area", "lansi"), ("reason", "knowledgeThere"));
        var sent = Sent<ProposeTransferRequest>(id, request => request.Id);
        Assert.That((sent.Area, sent.ReasonCode, sent.ExpectedVersion), Is.EqualTo(("lansi", "knowledgeThere", 4L)));
        Assert.That(page.Text, Does.Not.Contain("value=\"sisa\""), "It is there already.");
    }

    [Test]
    public async Task The_asked_area_sees_the_offer_takes_it_or_returns_it_and_sees_it_no_more()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        Assert.That((await _asked.Get($"/consultations/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await Tell(told, at => new TransferProposed(told.Consultation, told.Consultation, "sisa", "lansi", "otherArea", NeedsDecision: true, at, at.AddDays(2)));
        Assert.That((await _asked.Get($"/consultations/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound), "Nobody is asked before the coordinating team has decided.");
        await Tell(told, at => new TransferProposed(told.Consultation, told.Consultation, "sisa", "lansi", "otherArea", NeedsDecision: false, at, at.AddDays(2)));

        Stands(id, "proposed");
        _console.Owners.Answer<AcceptTransferRequest>(id, _ => new TriageCase());
        _console.Owners.Answer<ReturnTransferRequest>(id, _ => new TriageCase());
        var queue = await _asked.Get("/queues");
        var page = await _asked.Get($"/consultations/{id}");
        var own = await _coordinator.Get($"/consultations/{id}");
        Assert.Multiple(async () =>
        {
            Assert.That(queue.Count("offered-row"), Is.EqualTo(1));
            Assert.That(queue.Text, Does.Contain(id));
            Assert.That((page.Count("form-acceptTransfer"), page.Count("form-returnTransfer"), page.Count("form-message"), page.Count("form-transfer"), page.Count("read-words")), Is.EqualTo((1, 1, 0, 0, 0)));
            Assert.That((own.Count("form-acceptTransfer"), own.Count("form-transfer"), own.Count("transfer-status")), Is.EqualTo((0, 0, 1)));
            Assert.That((await _asked.Get($"/consultations/{id}/words")).Status, Is.EqualTo(HttpStatusCode.NotFound), "The words come with the case.");
        });

        var accepted = await _asked.Send(page, $"/consultations/{id}/accept-transfer");
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.SeeOther));
        Assert.That(Sent<AcceptTransferRequest>(id, request => request.Id), Is.Not.Null);
        await _asked.Send(page, $"/consultations/{id}/return-transfer", ("reason", "notOurs"));
        Assert.That(Sent<ReturnTransferRequest>(id, request => request.Id).ReasonCode, Is.EqualTo("notOurs"));

        await Tell(told, at => new TransferReturned(told.Consultation, told.Consultation, "sisa", "lansi", "notOurs", 1, at, at.AddDays(2)));
        Assert.That((await _asked.Get($"/consultations/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _asked.Get("/queues")).Count("offered-row"), Is.Zero);
        await Tell(told, at => new TransferProposed(told.Consultation, told.Consultation, "sisa", "lansi", "otherArea", NeedsDecision: false, at, at.AddDays(2)));
        await Tell(told, at => new TransferAccepted(told.Consultation, told.Consultation, "sisa", "lansi", 2, at, at.AddDays(2)));
        Assert.That((await _asked.Get("/queues")).Text, Does.Contain($"data-test=\"queue-row\" data-id=\"{id}\""));
        Assert.That((await _coordinator.Get($"/consultations/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task An_offer_ends_with_a_decision_and_with_the_request()
    {
        foreach (var end in new Func<Guid, DateTimeOffset, object>[]
        {
            (id, at) => new ConsultationWithdrawn(id, at),
            (id, at) => new ConsultationClosed(id, "confirmed", at),
        })
        {
            var told = await _console.Told();
            await Tell(told, at => new TransferProposed(told.Consultation, told.Consultation, "sisa", "lansi", "otherArea", NeedsDecision: false, at, at.AddDays(2)));
            Assert.That((await _asked.Get($"/consultations/{told.Consultation}")).Status, Is.EqualTo(HttpStatusCode.OK));
            told.Intake(at => end(told.Consultation, at));
            await Last(told);
            Assert.That((await _asked.Get($"/consultations/{told.Consultation}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        }

        var decided = await _console.Told();
        await Tell(decided, at => new TransferProposed(decided.Consultation, decided.Consultation, "sisa", "lansi", "otherArea", NeedsDecision: false, at, at.AddDays(2)));
        await Tell(decided, at => Happenings.Decided(decided, at, Route.HybridTeam));
        Assert.That((await _asked.Get($"/consultations/{decided.Consultation}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_coordinating_team_decides_on_the_third_and_nobody_else()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        Stands(id, "awaitsTeam");
        _console.Owners.Answer<DecideTransferRequest>(id, _ => new TriageCase());
        var (coordinators, leaders) = (await _coordinator.Get($"/consultations/{id}"), await _leader.Get($"/consultations/{id}"));
        Assert.That((coordinators.Count("form-decideTransfer"), leaders.Count("form-decideTransfer"), leaders.Count("form-message")), Is.EqualTo((0, 1, 0)));

        await _leader.Send(leaders, $"/consultations/{id}/decide-transfer", ("allowed", "true"));
        Assert.That(Sent<DecideTransferRequest>(id, request => request.Id), Is.EqualTo(new DecideTransferRequest { Id = id, Allowed = true, ExpectedVersion = 5 }));
        await _leader.Send(leaders, $"/consultations/{id}/decide-transfer", ("reason", "belongsHere"));
        Assert.That(Sent<DecideTransferRequest>(id, request => request.Id), Is.EqualTo(new DecideTransferRequest { Id = id, ReasonCode = "belongsHere", ExpectedVersion = 5 }));

        var token = System.Text.RegularExpressions.Regex.Match(coordinators.Text, "name=\"form-token\"[^>]*value=\"(?<value>[^\"]*)\"").Groups["value"].Value;
        var forbidden = await _coordinator.Post($"/consultations/{id}/decide-transfer", ("form-token", token), ("allowed", "true"));
        Assert.That(forbidden.Status, Is.Not.EqualTo(HttpStatusCode.SeeOther));
        Assert.That(_console.Owners.Calls.Select(call => call.Request).OfType<DecideTransferRequest>().Count(request => request.Id == id), Is.EqualTo(2));
    }

    private void Stands(string id, string status) => _console.Owners.Answer<GetCaseRequest>(id, _ => new TriageCase
    {
        Id = id,
        Status = "awaitingConfirmation",
        RecommendedRoute = "hybridTeam",
        Version = 5,
        TransferStatus = status,
        TransferTo = "lansi",
        TransferReason = "otherArea",
        Transfers = 2,
    });

    private async Task Tell(Happenings told, Func<DateTimeOffset, object> message)
    {
        told.Triage(message);
        await Last(told);
    }

    private async Task Last(Happenings told)
    {
        await _console.Journal.Publish(told.All[^1]);
        await _console.Journal.WrittenDown([told.All[^1]]);
    }

    private T Sent<T>(string id, Func<T, string> of)
        where T : class => _console.Owners.Calls.Select(call => call.Request).OfType<T>().Last(request => of(request) == id);
}

using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>Transfers between areas over Triage's own interface, on a real store and a real broker.</summary>
[TestFixture]
internal sealed class TransfersOverGrpcTests
{
    private readonly Dictionary<string, Metadata> _tokens = [];
    private ServiceHost<Program> _triage = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_transfers");
        _channel = _triage.OpenChannel();
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        foreach (var client in new[] { "coordinator-sisa", "coordinator-lansi", "coordinator-ita", "coordinator-pohjoinen", "leadership-sisa", "leadership-lansi", "leadership-ita" })
        {
            _tokens[client] = await _triage.TokenOf(client);
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task G9_14_the_third_transfer_waits_for_the_coordinating_team_and_the_sender_has_the_case_until_the_other_area_accepts()
    {
        var id = await Opened();
        var proposed = await Propose(id, "sisa", "lansi");
        Assert.That((proposed.TransferStatus, proposed.TransferTo, proposed.Area, proposed.Transfers), Is.EqualTo(("proposed", "lansi", "sisa", 0)));
        Assert.That((await Accept(id, "lansi")).Transfers, Is.EqualTo(1));
        await Propose(id, "lansi", "ita");
        await Accept(id, "ita");

        var third = await Propose(id, "ita", "pohjoinen");
        Assert.That((third.TransferStatus, third.Area, third.Transfers), Is.EqualTo(("awaitsTeam", "ita", 2)));
        Calls.Refused(() => Accept(id, "pohjoinen"), StatusCode.NotFound, "triage.transfer-unknown");
        Assert.That(await IsQueued(id, "pohjoinen"), Is.False, "Nobody else is asked yet.");
        Assert.That(StatusOf(() => Decide(id, "coordinator-ita", allowed: true)), Is.EqualTo(StatusCode.PermissionDenied), "The coordinators do not decide it themselves.");
        Calls.Refused(() => Decide(id, "leadership-lansi", allowed: true), StatusCode.NotFound, "triage.case-not-opened");

        var allowed = await Decide(id, "leadership-ita", allowed: true);
        Assert.That((allowed.TransferStatus, allowed.Area), Is.EqualTo(("proposed", "ita")));
        var accepted = await Accept(id, "pohjoinen");
        Assert.That((accepted.Area, accepted.Transfers, accepted.TransferStatus), Is.EqualTo(("pohjoinen", 3, "accepted")));
    }

    [Test]
    public async Task G9_14_an_area_sends_nothing_back_without_the_coordinating_team()
    {
        var id = await Opened();
        await Propose(id, "sisa", "lansi");
        await Accept(id, "lansi");
        Assert.That((await Propose(id, "lansi", "sisa")).TransferStatus, Is.EqualTo("awaitsTeam"));
        Calls.Refused(() => Decide(id, "leadership-lansi", allowed: false, "because"), StatusCode.FailedPrecondition, "triage.transfer-refusal-reason-unknown");
        var kept = await Decide(id, "leadership-lansi", allowed: false, "belongsHere");
        Assert.That((kept.TransferStatus, kept.Area, kept.Transfers), Is.EqualTo(("refused", "lansi", 1)));
        Assert.That((await Read(id, "lansi")).AllowedRoutes, Is.Not.Empty);
    }

    [Test]
    public async Task The_area_that_is_asked_sees_the_case_in_its_queue_and_decides_nothing_until_it_accepts()
    {
        var id = await Opened();
        Calls.Refused(() => Read(id, "lansi"), StatusCode.NotFound, "triage.case-not-opened");
        await Propose(id, "sisa", "lansi");
        var offered = await Read(id, "lansi");
        Assert.That((offered.Area, offered.TransferStatus, offered.TransferReason, offered.AllowedRoutes.Count), Is.EqualTo(("sisa", "proposed", "otherArea", 0)));
        Assert.That((await Read(id, "sisa")).AllowedRoutes, Is.Not.Empty);
        Assert.That((await IsQueued(id, "lansi"), await IsQueued(id, "sisa"), await IsQueued(id, "ita")), Is.EqualTo((true, true, false)));
        Calls.Refused(() => Route(id, "lansi"), StatusCode.NotFound, "triage.case-not-opened");
        Calls.Refused(() => Accept(id, "ita"), StatusCode.NotFound, "triage.transfer-unknown");
        Calls.Refused(() => Propose(id, "lansi", "ita"), StatusCode.NotFound, "triage.case-not-opened");

        var accepted = await Accept(id, "lansi");
        Assert.That(await Accept(id, "lansi"), Is.EqualTo(accepted), "Said twice, done once.");
        Assert.That((accepted.Area, accepted.AllowedRoutes.Count > 0, accepted.DueBy is null), Is.EqualTo(("lansi", true, false)));
        Calls.Refused(() => Read(id, "sisa"), StatusCode.NotFound, "triage.case-not-opened");
        Assert.That((await IsQueued(id, "sisa"), await IsQueued(id, "lansi")), Is.EqualTo((false, true)));
        Assert.That((await Route(id, "lansi")).Status, Is.EqualTo("routeDecided"));
    }

    [Test]
    public async Task What_is_returned_is_gone_for_the_other_area_and_what_the_sender_decides_is_offered_no_more()
    {
        var (returned, decided) = (await Opened(), await Opened());
        await Propose(returned, "sisa", "lansi");
        Calls.Refused(() => Return(returned, "because"), StatusCode.FailedPrecondition, "triage.return-reason-unknown");
        var gone = await Return(returned, "noCapacity");
        Assert.That((gone.TransferStatus, gone.Area, gone.Transfers), Is.EqualTo(("returned", "sisa", 1)));
        Assert.That(await Return(returned, "noCapacity"), Is.EqualTo(gone), "Said twice, done once.");
        Calls.Refused(() => Accept(returned, "lansi"), StatusCode.FailedPrecondition, "triage.transfer-returned");
        Calls.Refused(() => Read(returned, "lansi"), StatusCode.NotFound, "triage.case-not-opened");

        await Propose(decided, "sisa", "lansi");
        Assert.That((await Route(decided, "sisa")).Status, Is.EqualTo("routeDecided"));
        Calls.Refused(() => Accept(decided, "lansi"), StatusCode.NotFound, "triage.transfer-unknown");
    }

    [Test]
    public async Task Of_an_acceptance_and_a_decision_at_once_one_holds()
    {
        var id = await Opened();
        await Propose(id, "sisa", "lansi");
        var outcomes = await Task.WhenAll(Succeeds(() => Accept(id, "lansi")), Succeeds(() => Route(id, "sisa")));
        var now = outcomes[0] ? await Read(id, "lansi") : await Read(id, "sisa");
        Assert.That((outcomes.Count(done => done), now.Area, now.Status), Is.EqualTo(outcomes[0] ? (1, "lansi", "awaitingConfirmation") : (1, "sisa", "routeDecided")));
    }

    [Test]
    public async Task A_transfer_names_an_area_that_there_is()
    {
        var id = await Opened();
        Calls.Refused(() => Propose(id, "sisa", "nowhere"), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(() => Propose(id, "sisa", "sisa"), StatusCode.FailedPrecondition, "triage.transfer-own-area");
    }

    [Test]
    public async Task Danger_takes_the_question_back_and_waits_for_nobody()
    {
        var id = await Opened();
        await Propose(id, "sisa", "lansi");
        await Publish(id, new SafetyReported(id, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), DateTimeOffset.UtcNow));
        await Eventually.Holds(async () => Assert.That((await Read(id, "sisa")).Status, Is.EqualTo("held")));
        Calls.Refused(() => Accept(id, "lansi"), StatusCode.NotFound, "triage.transfer-unknown");
        Calls.Refused(() => Propose(id, "sisa", "lansi"), StatusCode.FailedPrecondition, "triage.transfer-in-danger");
    }

    [Test]
    public async Task Danger_that_is_reported_after_the_transfer_is_held_where_the_case_is_now()
    {
        var id = await Opened();
        await Propose(id, "sisa", "lansi");
        await Accept(id, "lansi");
        await Publish(id, new ImmediateDangerReported(id, DateTimeOffset.UtcNow, Submitted(id, null)));
        await Eventually.Holds(async () => Assert.That((await Read(id, "lansi")).Status, Is.EqualTo("held")));
    }

    [Test]
    public async Task R2_an_area_that_says_nothing_has_answered_no_at_its_due_time()
    {
        await using var triage = await ServiceHost<Program>.Start("triage_transfer_due");
        using var channel = triage.OpenChannel();
        var cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(channel);
        var coordinator = await triage.TokenOf("coordinator-sisa");
        var id = Guid.CreateVersion7();
        await Publish(triage, id, Submitted(id, null));
        async Task<TriageCase> Read() => await cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator);
        await Eventually.Holds(async () => Assert.That((await Read()).Id, Is.EqualTo(id.ToString())));
        var proposed = await cases.ProposeTransferAsync(new ProposeTransferRequest { Id = id.ToString(), Area = "lansi", ReasonCode = "other" }, coordinator);
        triage.MoveClock(proposed.DueBy.ToDateTimeOffset() - DateTimeOffset.UtcNow + TimeSpan.FromSeconds(2));
        await Eventually.Holds(async () =>
        {
            var over = await Read();
            Assert.That((over.TransferStatus, over.TransferReason, over.Area, over.Transfers), Is.EqualTo(("returned", "noAnswer", "sisa", 1)));
            Assert.That(over.DueBy.ToDateTimeOffset(), Is.GreaterThan(proposed.DueBy.ToDateTimeOffset()));
        });
    }

    [Test]
    public async Task C34_a_case_takes_the_key_of_its_matter_along_and_a_later_request_has_a_case_where_it_belongs()
    {
        var (matter, moved, later, third) = ($"matter-{Guid.NewGuid():n}", Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Opened(moved, matter);
        await Propose(moved, "sisa", "lansi");
        await Accept(moved, "lansi");
        await Opened(later, matter);
        Assert.That((await Read(later, "sisa")).LinkedTo, Is.Empty, "The coordinators of one area could not act on the other's case.");
        await Opened(third, matter);
        Assert.That((await Read(third, "sisa")).LinkedTo, Is.EqualTo(later.ToString()));

        Calls.Refused(() => Propose(later, "sisa", "lansi"), StatusCode.FailedPrecondition, "triage.transfer-linked");
        Calls.Refused(() => Propose(third, "sisa", "lansi"), StatusCode.FailedPrecondition, "triage.case-linked");
    }

    private static StatusCode StatusOf(Func<Task> call) => Assert.ThrowsAsync<RpcException>(call)!.StatusCode;

    private static async Task<bool> Succeeds(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    private async Task<bool> IsQueued(Guid id, string area)
    {
        using var client = await _triage.ClientFor($"coordinator-{area}");
        using var queue = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/cases", UriKind.Relative)));
        return queue.RootElement.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetGuid() == id);
    }

    private async Task<TriageCase> Propose(Guid id, string from, string to) =>
        await _cases.ProposeTransferAsync(new ProposeTransferRequest { Id = id.ToString(), Area = to, ReasonCode = "otherArea" }, _tokens[$"coordinator-{from}"]);

    private async Task<TriageCase> Accept(Guid id, string area) => await _cases.AcceptTransferAsync(new AcceptTransferRequest { Id = id.ToString() }, _tokens[$"coordinator-{area}"]);

    private async Task<TriageCase> Return(Guid id, string reason) =>
        await _cases.ReturnTransferAsync(new ReturnTransferRequest { Id = id.ToString(), ReasonCode = reason }, _tokens["coordinator-lansi"]);

    private async Task<TriageCase> Decide(Guid id, string client, bool allowed, string reason = "") =>
        await _cases.DecideTransferAsync(new DecideTransferRequest { Id = id.ToString(), Allowed = allowed, ReasonCode = reason }, _tokens[client]);

    private async Task<TriageCase> Route(Guid id, string area) =>
        await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = "hybridTeam" }, _tokens[$"coordinator-{area}"]);

    private async Task<TriageCase> Read(Guid id, string area) => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _tokens[$"coordinator-{area}"]);

    private Task<Guid> Opened() => Opened(Guid.CreateVersion7(), null);

    private async Task<Guid> Opened(Guid id, string? matter)
    {
        await Publish(id, Submitted(id, matter));
        await Eventually.Holds(async () => Assert.That((await Read(id, "sisa")).Id, Is.EqualTo(id.ToString())));
        return id;
    }

    private static ConsultationSubmitted Submitted(Guid id, string? matter) => new(
        id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15", ["substance.child-or-youth"], ["unclear", "changing-fast"], ["school"], [],
        "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, matter, new Dictionary<string, Guid>());

    private Task Publish<T>(Guid id, T message)
        where T : class => Publish(_triage, id, message);

    private static Task Publish<T>(ServiceHost<Program> triage, Guid id, T message)
        where T : class =>
        triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-stream-id", id.ToString());
        });
}

using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>Results of outside tools stand in the case, and a coordinator says whether somebody keeps the network together.</summary>
[TestFixture]
internal sealed class ProfileAndNetworkCoordinatorTests
{
    private const string First = "coordinator-sisa";
    private const string Second = "coordinator-sisa-2";
    private static readonly string[] Involved = ["child-welfare", "school", "adolescent-psychiatry", "substance-services"];
    private static readonly DateTimeOffset Later = Now.AddHours(1);
    private static readonly Profile Suuntima = new("suuntima", "hervanta-health-centre", new DateOnly(2026, 11, 3), "network-client", true);
    private static readonly RecordProfile.Command Record = new(Suuntima, First, Later);
    private static readonly ProfileRecorded Recorded = new(CaseId, Suuntima, First, Later);
    private static readonly SetNetworkCoordinator.Command Yes = new(true, "manyServices", First, Policy, Later);
    private static readonly CaseClaimed Claimed = new(CaseId, "sisa", Second, null, null, Now, Now.AddDays(1));
    private static readonly RouteDecided Decided = new(CaseId, "sisa", Route.ExpertConsultation, [], [], false, false, [], Policy.Version, First, null, Now, Now.AddDays(5));
    private static readonly DecideRoute.Command HybridTeam = new(Route.HybridTeam, null, null, Policy, First, Later.AddHours(1));

    private ServiceHost<Program> _triage = null!;
    private HttpClient _coordinator = null!;
    private HttpClient _elsewhere = null!;
    private Wire.TriageCases.TriageCasesClient _cases = null!;
    private GrpcChannel _channel = null!;
    private Metadata _token = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage");
        _coordinator = await _triage.ClientFor(First);
        _elsewhere = await _triage.ClientFor("coordinator-lansi");
        _channel = _triage.OpenChannel();
        _cases = new Wire.TriageCases.TriageCasesClient(_channel);
        _token = await _triage.TokenOf(First);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _elsewhere.Dispose();
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public void C29_a_profile_is_seen_in_the_case_and_nothing_else_of_it_changes()
    {
        var opened = Opened(With(3));
        Case.Given(opened).When(RecordProfile.Decide, Record).Then(Recorded);
        var (before, after) = (RoutingQueueEntry.Fold(opened, 2), RoutingQueueEntry.Fold([.. opened, Recorded], 3));
        Assert.Multiple(() =>
        {
            Assert.That(after.Profiles, Is.EqualTo(new[] { Suuntima }));
            Assert.That((after.RecommendedRoute, after.Status, after.DueBy, after.MayBeDecided, after.Assessments.Count), Is.EqualTo((before.RecommendedRoute, before.Status, before.DueBy, true, before.Assessments.Count)));
        });
    }

    [Test]
    public void The_same_again_changes_nothing_and_only_one_of_the_same_tool_and_source_is_kept()
    {
        Case.Given([.. Opened(Complex), Recorded]).When(RecordProfile.Decide, Record with { Now = Later.AddHours(1), RecordedBy = Second }).ThenNothing();
        var elsewhere = Suuntima with { Source = "school-of-hervanta" };
        var mended = Suuntima with { Result = "self-care", NetworkCoordinator = false };
        var state = TriageCase.Aggregate.Fold([.. Opened(Complex), Recorded, Recorded with { Profile = elsewhere }, Recorded with { Profile = mended }]);
        Assert.That(state.Request!.Profiles, Is.EqualTo(new[] { elsewhere, mended }));
    }

    [Test]
    public void A_profile_stays_when_the_requester_says_more_and_goes_to_the_case_that_carries_the_matter()
    {
        TriageEvent[] recorded = [.. Opened(Complex), Recorded];
        var more = new ReassessOnInformationAdded.Command(2, null, null, ["school"], false, null, null, Later.AddHours(1), _ => Policy, Later.AddHours(1));
        var state = TriageCase.Aggregate.Fold([.. recorded, .. ReassessOnInformationAdded.Decide(TriageCase.Aggregate.Fold(recorded), more).Events]);
        Assert.That(state.Own!.Profiles, Is.EqualTo(new[] { Suuntima }));

        var other = Guid.NewGuid();
        TriageEvent joined = new RequestJoined(CaseId, other, JoinMatter.Shared(state.Own, null), Later);
        var lead = TriageCase.Aggregate.Fold([.. Opened(Complex), joined]);
        Assert.That(lead.Request!.Profiles, Is.EqualTo(new[] { Suuntima }));
        Assert.That(TriageCase.Aggregate.Fold([.. Opened(Complex), joined, new RequestLeft(CaseId, other, Later, TakesFacts: true)]).Request!.Profiles, Is.Null);
        Assert.That(JoinMatter.Shared(state.Own with { LegalBasisType = CaseRequest.ConsentEnded }, null).Profiles, Is.Null, "Nothing is shared without a legal basis.");
    }

    [Test]
    public void Both_are_said_where_something_is_still_to_be_decided_and_by_whoever_has_the_case()
    {
        foreach (var (past, rule) in new (TriageEvent[], Rejection)[]
        {
            ([], TriageCase.NotOpened),
            ([.. Opened(With(3)), new CaseClosed(CaseId, "withdrawn", Now)], TriageCase.AlreadyClosed),
            ([.. Opened(With(3)), new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now)], TriageCase.AlreadyLinked),
            ([.. Opened(With(3)), Decided], TriageCase.AlreadyDecided),
            ([.. Opened(With(3)), Claimed], ClaimCase.HeldBy(new CaseClaim(Second, Claimed.EndsAt))),
        })
        {
            Case.Given(past).When(RecordProfile.Decide, Record).ThenRejected(rule);
            Case.Given(past).When(SetNetworkCoordinator.Decide, Yes).ThenRejected(rule);
        }

        TriageEvent[] danger = [.. Opened(With(3) with { ImmediateDanger = true }), Claimed];
        Case.Given(danger).When(RecordProfile.Decide, Record).Then(Recorded);
        Case.Given(danger).When(SetNetworkCoordinator.Decide, Yes).ThenEvents(typeof(NetworkCoordinatorNeedSet));
    }

    [TestCase(2, true, "triage.network-coordinator-too-few-services")]
    [TestCase(2, false, null)]
    [TestCase(3, true, null)]
    [TestCase(3, false, null)]
    [TestCase(4, true, null)]
    [TestCase(4, false, "triage.network-coordinator-needed")]
    public void E13_four_services_always_need_a_network_coordinator_three_when_a_coordinator_says_so(int services, bool needed, string? refused)
    {
        var decision = SetNetworkCoordinator.Decide(TriageCase.Aggregate.Fold(Opened(With(services))), Yes with { Needed = needed });
        Assert.That((decision.Rejection?.Code, decision.Events.Count), Is.EqualTo((refused, refused is null ? 1 : 0)));
    }

    [TestCase(null)]
    [TestCase("because her aunt said so")]
    public void A_reason_is_said_by_code(string? reason) =>
        Case.Given(Opened(With(3))).When(SetNetworkCoordinator.Decide, Yes with { ReasonCode = reason }).ThenRejected(SetNetworkCoordinator.UnknownReason);

    [Test]
    public void C29_what_was_recommended_what_was_said_and_by_whom_stands_in_the_case_and_may_be_said_otherwise()
    {
        var said = Case.Given(Opened(With(3))).When(SetNetworkCoordinator.Decide, Yes).ThenEvents(typeof(NetworkCoordinatorNeedSet));
        TriageEvent[] past = [.. Opened(With(3)), .. said];
        Assert.That(RoutingQueueEntry.Fold(past, 3).NetworkCoordinator, Is.EqualTo(new NetworkCoordinatorNeed(NetworkCoordinatorAdvice.CoordinatorDecides, true, "manyServices", First, Later)));
        Case.Given(past).When(SetNetworkCoordinator.Decide, Yes with { DecidedBy = Second, Now = Later.AddHours(1) }).ThenNothing();
        Case.Given(past).When(SetNetworkCoordinator.Decide, Yes with { Needed = false, ReasonCode = "coordinatedAlready" }).ThenEvents(typeof(NetworkCoordinatorNeedSet));
    }

    [TestCase(true, null, true)]
    [TestCase(false, null, false)]
    [TestCase(true, false, false)]
    [TestCase(false, true, true)]
    public void The_route_takes_what_was_said_before_unless_it_says_otherwise_itself(bool before, bool? then, bool has)
    {
        TriageEvent[] past = [.. Opened(With(3)), .. SetNetworkCoordinator.Decide(TriageCase.Aggregate.Fold(Opened(With(3))), Yes with { Needed = before }).Events];
        var decided = Case.Given(past).When(DecideRoute.Decide, HybridTeam with { NetworkCoordinator = then }).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)decided[0]).NetworkCoordinator, Is.EqualTo(has));
        var entry = RoutingQueueEntry.Fold([.. past, .. decided], 4);
        Assert.That((entry.RouteNetworkCoordinator, entry.DecidedBy, entry.NetworkCoordinator!.Needed), Is.EqualTo(((bool?)has, First, before)));
    }

    [TestCase(4, false, true)]
    [TestCase(2, true, false)]
    public void What_was_said_of_other_services_than_are_involved_by_now_does_not_bind_the_route(int services, bool said, bool has)
    {
        TriageEvent[] past = [.. Opened(With(3)), .. SetNetworkCoordinator.Decide(TriageCase.Aggregate.Fold(Opened(With(3))), Yes with { Needed = said }).Events];
        var more = new ReassessOnInformationAdded.Command(2, null, null, Involved[..services], false, null, null, Later, _ => Policy, Later);
        past = [.. past, .. ReassessOnInformationAdded.Decide(TriageCase.Aggregate.Fold(past), more).Events];
        var decided = Case.Given(past).When(DecideRoute.Decide, HybridTeam).ThenEvents(typeof(RouteDecided));
        Assert.That(((RouteDecided)decided[0]).NetworkCoordinator, Is.EqualTo(has));
    }

    [Test]
    public void A_route_that_the_policy_lets_through_later_takes_it_too()
    {
        var policy = PolicyWith(Confirmation.Never);
        TriageEvent[] asked = [.. Opened(With(3) with { TriedCount = 0 }, policy)];
        TriageEvent[] past = [.. asked, .. SetNetworkCoordinator.Decide(TriageCase.Aggregate.Fold(asked), Yes).Events];
        var more = new ReassessOnInformationAdded.Command(2, null, null, null, false, null, null, Later, _ => policy, Later);
        var decided = ReassessOnInformationAdded.Decide(TriageCase.Aggregate.Fold(past), more).Events.OfType<RouteDecided>().Single();
        Assert.That((decided.Route, decided.NetworkCoordinator), Is.EqualTo((Route.HybridTeam, true)));
    }

    [Test]
    public async Task R8_over_REST_a_profile_is_read_back_and_an_erasure_leaves_neither_its_source_nor_its_result_in_the_store()
    {
        var id = await OpenedOverTheBus();
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        var body = new JsonObject { ["tool"] = "suuntima", ["source"] = "unit-of-profile", ["madeOn"] = "2026-03-02", ["result"] = "resultofprofile" };
        using var notOurs = await _elsewhere.Write($"/v1/cases/{id}/profiles", read.Headers.ETag!.Tag, body.DeepClone().AsObject());
        Assert.That(notOurs.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var unread = await _coordinator.Write($"/v1/cases/{id}/profiles", null, body.DeepClone().AsObject());
        await unread.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        using var recorded = await _coordinator.Write($"/v1/cases/{id}/profiles", read.Headers.ETag!.Tag, body);
        var profile = (await recorded.Json())["profiles"]!.AsArray().Single()!;
        Assert.That((profile["result"]!.GetValue<string>(), profile["madeOn"]!.GetValue<string>(), profile["networkCoordinator"]), Is.EqualTo(("resultofprofile", "2026-03-02", (JsonNode?)null)));

        using var set = await _coordinator.Write($"/v1/cases/{id}/network-coordinator", recorded.Headers.ETag!.Tag, new JsonObject { ["needed"] = true, ["reasonCode"] = "profile" });
        Assert.That((await set.Json())["networkCoordinator"]!["needed"]!.GetValue<bool>(), Is.True);
        Assert.That(await StoredText.Found(_triage.StoreConnectionString, ["resultofprofile", "unit-of-profile"]), Is.Not.Empty);
        await Publish(new ConsultationErased(id, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(30)), id);
        await Eventually.Holds(async () => Assert.That(await StoredText.Found(_triage.StoreConnectionString, ["resultofprofile", "unit-of-profile"]), Is.Empty));
    }

    [TestCase("""{"source":"unit","madeOn":"2026-03-02","result":"r"}""", "$.tool")]
    [TestCase("""{"tool":"Suuntima, filled in by her aunt","source":"unit","madeOn":"2026-03-02","result":"r"}""", "$.tool")]
    [TestCase("""{"tool":"suuntima","source":"010199-123a","madeOn":"2026-03-02","result":"r"}""", "$.source")]
    [TestCase("""{"tool":"suuntima","source":"unit","result":"r"}""", "$.madeOn")]
    [TestCase("""{"tool":"suuntima","source":"unit","madeOn":"2999-03-02","result":"r"}""", "$.madeOn")]
    [TestCase("""{"tool":"suuntima","source":"unit","madeOn":"2026-03-02","result":""}""", "$.result")]
    [TestCase("""{"tool":"suuntima","source":"unit","madeOn":"2026-03-02","result":"r","note":"her aunt"}""", "$.note")]
    public async Task What_is_more_than_codes_and_a_day_is_refused_by_its_path(string body, string path)
    {
        var id = await OpenedOverTheBus();
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        using var answer = await _coordinator.Write($"/v1/cases/{id}/profiles", read.Headers.ETag!.Tag, JsonNode.Parse(body)!.AsObject());
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]![path], Is.Not.Null, problem.ToJsonString());
        Assert.That(problem.ToJsonString(), Does.Not.Contain("aunt").And.Not.Contain("123a"));
    }

    [Test]
    public async Task C29_over_gRPC_the_case_and_its_explanation_show_both_in_three_languages()
    {
        var id = (await OpenedOverTheBus()).ToString();
        var profile = new Wire.RecordProfileRequest { Id = id, Tool = "suuntima", Source = "unit", MadeOn = "2026-03-02", Result = "network-client", NetworkCoordinator = true };
        var recorded = await _cases.RecordProfileAsync(profile, _token);
        Assert.That(await _cases.RecordProfileAsync(profile, _token), Is.EqualTo(recorded));
        Assert.That(recorded.Profiles.Single(), Is.EqualTo(new Wire.Profile { Tool = "suuntima", Source = "unit", MadeOn = "2026-03-02", Result = "network-client", NetworkCoordinator = true }));
        Assert.That((recorded.NetworkCoordinator.Recommended, recorded.NetworkCoordinator.HasNeeded, recorded.NetworkCoordinator.HasOfRoute), Is.EqualTo(("coordinatorDecides", false, false)));
        var unsaid = Assert.ThrowsAsync<RpcException>(async () => await _cases.SetNetworkCoordinatorAsync(new Wire.SetNetworkCoordinatorRequest { Id = id, ReasonCode = "profile" }, _token))!;
        Assert.That(unsaid.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        await _cases.SetNetworkCoordinatorAsync(new Wire.SetNetworkCoordinatorRequest { Id = id, Needed = true, ReasonCode = "profile" }, _token);
        var decided = await _cases.DecideRouteAsync(new Wire.DecideRouteRequest { Id = id, Route = "hybridTeam", ReasonCode = "other" }, _token);
        Assert.That((decided.NetworkCoordinator.Needed, decided.NetworkCoordinator.DecidedBy, decided.NetworkCoordinator.OfRoute), Is.EqualTo((true, First, true)));
        foreach (var (language, says) in new[] { ("fi", "Sen mukaan verkostokoordinaattori tarvitaan."), ("sv", "Enligt det behövs en nätverkskoordinator."), ("en", "It says that a network coordinator is needed.") })
        {
            var information = (await _cases.ExplainAsync(new Wire.GetCaseRequest { Id = id, Language = language }, _token)).Information;
            Assert.That(information.Select(section => section.Section), Is.EqualTo(new[] { "profiles", "networkCoordinator" }));
            Assert.That(information[0].Sentences.Single(), Does.Contain("network-client").And.Contain("2026-03-02").And.EndWith(says));
            Assert.That(information[1].Sentences, Has.Count.EqualTo(3));
        }
    }

    private static CaseRequest With(int services) => Complex with { Services = Involved[..services] };

    private async Task<Guid> OpenedOverTheBus()
    {
        var submitted = new ConsultationSubmitted(
            Guid.CreateVersion7(), "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
            ["violence.family"], ["unclear"], Involved[..3], [], "social", "family-worker", Guid.CreateVersion7(),
            "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>());
        await Publish(submitted, submitted.ConsultationId);
        await Eventually.Holds(async () => (await _coordinator.GetAsync($"/v1/cases/{submitted.ConsultationId}")).IsSuccessStatusCode);
        return submitted.ConsultationId;
    }

    private async Task Publish<T>(T message, Guid stream)
        where T : class =>
        await _triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-source", "intake");
            context.Headers.Set("ot-stream-id", stream.ToString());
            context.Headers.Set("ot-stream-version", 1);
        });
}

using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>otplatform.triage.v1.TriageCases and the reactions to the assembly, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class CasesOverGrpcTests
{
    private const string Receiver = "hospital-unit";

    private ServiceHost<Program> _triage = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;
    private Metadata _coordinator = null!;
    private Metadata _receiver = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_grpc");
        _channel = _triage.OpenChannel();
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        _coordinator = await _triage.TokenOf("coordinator-sisa");
        _receiver = await _triage.TokenOf($"receiver-{Receiver}");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public void Every_message_has_its_texts_in_Finnish_and_Swedish() => MessagesIn.AreAllTranslated(typeof(Program).Assembly, 20);

    [Test]
    public async Task A_case_is_read_explained_and_decided()
    {
        var id = await Opened();
        var read = await Get(id);
        var explained = await _cases.ExplainAsync(new GetCaseRequest { Id = id.ToString() }, _coordinator);
        var decided = await Decide(id, "hybridTeam", read.Version);
        Assert.Multiple(() =>
        {
            Assert.That((read.Status, read.RecommendedRoute, read.Route, read.ReferralStatus), Is.EqualTo(("awaitingConfirmation", "hybridTeam", "", "none")));
            Assert.That(read.Grounds, Is.EqualTo(new[] { "complexity" }));
            Assert.That(read.AllowedRoutes, Has.Count.EqualTo(7));
            Assert.That(read.OverrideReasons, Does.Contain("local-knowledge"));
            Assert.That((explained.Assessments.Single().DecidingRow, explained.Assessments[0].PolicyVersion), Is.EqualTo(("complexity", "default.1")));
            Assert.That(explained.Assessments[0].Rows.Single(row => row.Row == "complexity").Findings, Is.Not.Empty);
            Assert.That(explained.Assessments[0].AssessedAt, Is.Not.Null);
            Assert.That((decided.Status, decided.Route, decided.DecidedBy), Is.EqualTo(("routeDecided", "hybridTeam", "coordinator-sisa")));
            Assert.That(decided.AllowedRoutes, Is.Empty);
            Assert.That(decided.OverrideReasons, Is.Empty);
        });
    }

    [Test]
    public async Task An_explanation_is_data_and_text_in_the_language_that_is_asked_for()
    {
        var id = await Opened();
        async Task<AssessmentExplanation> Explained(string language) => (await _cases.ExplainAsync(new GetCaseRequest { Id = id.ToString(), Language = language }, _coordinator)).Assessments.Single();
        var english = await Explained("en");
        var team = english.Counterfactuals.Single(other => other.Outcome == "basicSupportGuidance");
        Assert.Multiple(() =>
        {
            Assert.That(english.Facts.Single(fact => fact.Fact == "marks").Values, Is.EqualTo(new[] { "unclear", "changing-fast" }));
            Assert.That((team.Changes, team.FixedChanges, team.Sets.Count), Is.EqualTo((2, 0, 1)));
            Assert.That(team.Sets[0].Changes.Select(change => (change.Field, change.Change, change.Count, change.Choices)), Is.EqualTo(new[] { ("topics", "remove", 1, 1), ("marks", "remove", 1, 2) }));
            Assert.That(english.Text.Single(part => part.Section == "decision").Sentences, Does.Contain("Recommendation: hybrid team."));
        });
        Assert.That((await Explained("sv")).Text.Single(part => part.Section == "decision").Sentences, Does.Contain("Rekommendation: hybridteam."));
        Assert.That((await Explained("")).Text.Single(part => part.Section == "decision").Sentences, Does.Contain("Suositus: hybriditiimi."));
        NamesField("language", () => Explained("xx"));
    }

    [Test]
    public async Task A_request_that_nobody_has_sent_is_assessed_as_if_it_had_been_and_nothing_is_kept()
    {
        var id = await Opened();
        var recorded = (await _cases.ExplainAsync(new GetCaseRequest { Id = id.ToString(), Language = "en" }, _coordinator)).Assessments.Single();
        var before = await Events();
        var request = new AssessRequest { Topics = { "substance.child-or-youth" }, Marks = { "unclear", "changing-fast" }, Services = { "school" }, TriedCount = 1, Language = "en" };
        var assessed = await _cases.AssessAsync(request, _coordinator);
        recorded.AssessedAt = null;
        Assert.That(assessed, Is.EqualTo(recorded));
        Assert.That((await _cases.AssessAsync(new AssessRequest { Kind = "clientWork", County = "pirkanmaa", TriedCount = 0 }, _coordinator)).Asks, Is.EqualTo(new[] { "triedSoFar" }));
        Assert.That(await Events(), Is.EqualTo(before));
        Assert.That(StatusOf(async () => await _cases.AssessAsync(request, _receiver)), Is.EqualTo(StatusCode.PermissionDenied));
    }

    private static IEnumerable<TestCaseData> Faulty() =>
    [
        new(new AssessRequest { Kind = "rejected" }, "kind"),
        new(new AssessRequest { Kind = "1" }, "kind"),
        new(new AssessRequest { County = "atlantis" }, "county"),
        new(new AssessRequest { Topics = { "violence.family", "nothing" } }, "topics"),
        new(new AssessRequest { Marks = { "Rare" } }, "marks"),
        new(new AssessRequest { Services = { "the clinic" } }, "services"),
        new(new AssessRequest { TriedCount = -1 }, "tried_count"),
        new(new AssessRequest { Urgency = "now" }, "urgency"),
        new(new AssessRequest { LegalBasisType = "because" }, "legal_basis_type"),
        new(new AssessRequest { AskedFor = { "name" } }, "asked_for"),
        new(new AssessRequest { Language = "no" }, "language"),
    ];

    [TestCaseSource(nameof(Faulty))]
    public void A_code_of_no_list_is_named_by_its_field(AssessRequest request, string field) =>
        NamesField(field, async () => await _cases.AssessAsync(request, _coordinator));

    [Test]
    public async Task A_decision_on_an_old_version_is_refused_and_without_a_version_it_holds()
    {
        var id = await Opened();
        Calls.Refused(() => Decide(id, "hybridTeam", 1), StatusCode.Aborted, "platform.stale-version");
        Assert.That((await Decide(id, "hybridTeam", 0)).Status, Is.EqualTo("routeDecided"));
    }

    [Test]
    public async Task Another_route_needs_one_of_the_policys_reasons()
    {
        var id = await Opened();
        Calls.Refused(() => Decide(id, "specialLevel"), StatusCode.FailedPrecondition, "triage.reason-required");
        Calls.Refused(() => Decide(id, "specialLevel", reason: "because"), StatusCode.FailedPrecondition, "triage.reason-unknown");
        Calls.Refused(() => Decide(id, "rejected"), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.That((await Decide(id, "specialLevel", reason: "local-knowledge")).ReasonCode, Is.EqualTo("local-knowledge"));
    }

    [TestCase("coordinator-lansi")]
    [TestCase("integrator")]
    [TestCase("receiver-hospital-unit")]
    [TestCase("expert-00000000-0000-4000-8000-0000000000e1")]
    public async Task What_one_may_not_see_does_not_exist(string client)
    {
        var id = await Opened();
        var token = await _triage.TokenOf(client);
        Calls.Refused(async () => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, token), StatusCode.NotFound, "triage.case-not-opened");
        Calls.Refused(async () => await _cases.ExplainAsync(new GetCaseRequest { Id = id.ToString() }, token), StatusCode.NotFound, "triage.case-not-opened");
        Calls.Refused(async () => await _cases.GetAsync(new GetCaseRequest { Id = Guid.NewGuid().ToString() }, token), StatusCode.NotFound, "triage.case-not-opened");
    }

    [Test]
    public async Task Acting_takes_the_right_scope()
    {
        var id = await Opened();
        var leadership = await _triage.TokenOf("leadership-sisa");
        var partner = await _triage.TokenOf("partner-pirkanmaa");
        Assert.Multiple(async () =>
        {
            Assert.That((await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, leadership)).Id, Is.EqualTo(id.ToString()));
            Assert.That(StatusOf(async () => await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = "hybridTeam" }, leadership)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(StatusOf(async () => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, partner)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(StatusOf(async () => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() })), Is.EqualTo(StatusCode.Unauthenticated));
        });
    }

    [Test]
    public async Task Of_coordinators_who_claim_at_once_one_wins_and_the_others_are_told_who()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = await Opened();
            string[] clients = ["coordinator-sisa", "coordinator-sisa-2", "coordinator-sisa-3"];
            var tokens = await Task.WhenAll(clients.Select(_triage.TokenOf));
            var answers = await Task.WhenAll(tokens.Select(token => Task.Run(() => Claimed(id, token))));
            var winner = answers.Single(answer => answer.Holder is not null).Holder!;
            var losers = answers.Where(answer => answer.Holder is null).Select(answer => answer.Refused!).ToList();
            Assert.That(losers, Has.Count.EqualTo(2));
            Assert.That(losers.Select(refused => refused.Status.Detail), Has.All.EqualTo($"A colleague works on the case: {winner}."));
            Assert.That((await Get(id)).ClaimedBy, Is.EqualTo(winner));
        }
    }

    [Test]
    public async Task A_claimed_case_is_its_holders_until_it_is_taken_over_or_released()
    {
        var id = await Opened();
        var colleague = await _triage.TokenOf("coordinator-sisa-2");
        var claimed = await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString() }, colleague);
        Assert.That(claimed.ClaimEndsAt.ToDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow));
        Assert.That(await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString() }, colleague), Is.EqualTo(claimed));
        Calls.Refused(() => Decide(id, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-claimed");
        Calls.Refused(async () => await _cases.ReleaseAsync(new ReleaseRequest { Id = id.ToString() }, _coordinator), StatusCode.FailedPrecondition, "triage.case-claimed");
        Calls.Refused(async () => await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString(), TakeOver = true }, _coordinator), StatusCode.FailedPrecondition, "triage.take-over-reason-unknown");
        Assert.That((await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString(), TakeOver = true, ReasonCode = "emergency" }, _coordinator)).ClaimedBy, Is.EqualTo("coordinator-sisa"));
        Assert.That((await _cases.ReleaseAsync(new ReleaseRequest { Id = id.ToString() }, _coordinator)).ClaimedBy, Is.Empty);
        Assert.That((await Decide(id, "hybridTeam")).Status, Is.EqualTo("routeDecided"));
        var elsewhere = await _triage.TokenOf("coordinator-lansi");
        Calls.Refused(async () => await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString() }, elsewhere), StatusCode.NotFound, "triage.case-not-opened");
    }

    [Test]
    public async Task R3_a_referral_is_the_receivers_only_when_it_has_accepted()
    {
        var id = await ToSpecialLevel();
        var proposed = await Propose(id);
        var seen = await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _receiver);
        var accepted = await _cases.AcceptReferralAsync(new AcceptReferralRequest { Id = id.ToString() }, _receiver);
        var again = await _cases.AcceptReferralAsync(new AcceptReferralRequest { Id = id.ToString() }, _receiver);
        Assert.Multiple(() =>
        {
            Assert.That((proposed.ReferralStatus, proposed.Receiver), Is.EqualTo(("proposed", Receiver)));
            Assert.That(seen.Id, Is.EqualTo(id.ToString()));
            Assert.That(accepted.ReferralStatus, Is.EqualTo("accepted"));
            Assert.That(accepted.DueBy.ToDateTimeOffset(), Is.GreaterThan(proposed.DueBy.ToDateTimeOffset()));
            Assert.That(again, Is.EqualTo(accepted));
        });
        Calls.Refused(async () => await _cases.ReturnReferralAsync(new ReturnReferralRequest { Id = id.ToString(), ReasonCode = "notOurs" }, _receiver), StatusCode.FailedPrecondition, "triage.referral-accepted");
    }

    [Test]
    public async Task R3_nobody_else_accepts_in_the_receivers_place()
    {
        var id = await ToSpecialLevel();
        await Propose(id);
        foreach (var client in new[] { "receiver-other-unit", "coordinator-sisa", "expert-00000000-0000-4000-8000-0000000000e1", "integrator" })
        {
            var token = await _triage.TokenOf(client);
            Calls.Refused(async () => await _cases.AcceptReferralAsync(new AcceptReferralRequest { Id = id.ToString() }, token), StatusCode.NotFound, "triage.referral-unknown");
            Calls.Refused(async () => await _cases.ReturnReferralAsync(new ReturnReferralRequest { Id = id.ToString(), ReasonCode = "notOurs" }, token), StatusCode.NotFound, "triage.referral-unknown");
        }
    }

    [Test]
    public async Task R1_what_a_receiver_returns_is_decided_anew()
    {
        var id = await ToSpecialLevel();
        await Propose(id);
        Calls.Refused(async () => await _cases.ReturnReferralAsync(new ReturnReferralRequest { Id = id.ToString(), ReasonCode = "because" }, _receiver), StatusCode.FailedPrecondition, "triage.return-reason-unknown");
        await _cases.ReturnReferralAsync(new ReturnReferralRequest { Id = id.ToString(), ReasonCode = "noCapacity" }, _receiver);
        var returned = await Get(id);
        Assert.That((returned.Status, returned.Route, returned.ReferralStatus, returned.Bounces), Is.EqualTo(("awaitingConfirmation", "", "returned", 1)));
        Calls.Refused(async () => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _receiver), StatusCode.NotFound, "triage.case-not-opened");
        Assert.That((await Decide(id, "specialLevel", reason: "other")).ReferralStatus, Is.EqualTo("none"));
    }

    [Test]
    public async Task A_referral_needs_the_route_special_level_and_a_units_code()
    {
        var id = await Opened();
        Calls.Refused(() => Propose(id), StatusCode.FailedPrecondition, "triage.referral-not-decided");
        Calls.Refused(() => Propose(id, "The unit on the third floor"), StatusCode.InvalidArgument, "platform.invalid-input");
        var elsewhere = await _triage.TokenOf("coordinator-lansi");
        Calls.Refused(async () => await _cases.ProposeReferralAsync(new ProposeReferralRequest { Id = id.ToString(), Receiver = Receiver }, elsewhere), StatusCode.NotFound, "triage.case-not-opened");
    }

    [Test]
    public async Task R2_a_silent_receiver_is_seen_in_the_queue()
    {
        await using var triage = await ServiceHost<Program>.Start("triage_overdue");
        using var channel = triage.OpenChannel();
        var cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(channel);
        var coordinator = await triage.TokenOf("coordinator-sisa");
        var id = await Opened(triage, cases, coordinator);
        await cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = "specialLevel", ReasonCode = "other" }, coordinator);
        var proposed = await cases.ProposeReferralAsync(new ProposeReferralRequest { Id = id.ToString(), Receiver = Receiver }, coordinator);
        triage.MoveClock(proposed.DueBy.ToDateTimeOffset() - DateTimeOffset.UtcNow + TimeSpan.FromSeconds(2));
        await Eventually.Holds(async () =>
        {
            var overdue = await cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator);
            Assert.That(overdue.ReferralStatus, Is.EqualTo("proposed"));
            Assert.That(overdue.DueBy.ToDateTimeOffset(), Is.GreaterThan(proposed.DueBy.ToDateTimeOffset()));
        });
    }

    [Test]
    public async Task R1_an_objection_opens_the_case_again_and_counts()
    {
        var id = await Opened();
        await Decide(id, "expertConsultation", reason: "other");
        await Publish(new AnswerObjected(id, null, DateTimeOffset.UtcNow), id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).Bounces, Is.EqualTo(1)));
        var reopened = await Get(id);
        Assert.That((reopened.Status, reopened.Route), Is.EqualTo(("awaitingConfirmation", "")));
        Assert.That((await Decide(id, "expertConsultation", reason: "other")).Status, Is.EqualTo("routeDecided"));
    }

    [Test]
    public async Task R1_where_nobody_was_found_the_same_route_may_be_decided_anew()
    {
        var id = await Opened();
        var first = await Decide(id, "hybridTeam");
        await Publish(new ServiceGapFound(id, id, "sisa", ["topic:substance.child-or-youth"], DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(20)), id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).AllowedRoutes, Is.Not.Empty));
        var again = await Decide(id, "hybridTeam");
        Assert.That((again.Version, again.AllowedRoutes.Count), Is.EqualTo((first.Version + 2, 0)));
    }

    [Test]
    public async Task Somebody_found_after_all_lets_the_decision_stand()
    {
        var id = await Opened();
        await Decide(id, "hybridTeam");
        await Publish(new AssemblyHandedToCoordinator(id, id, "sisa", "roundsOver", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(2)), id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).AllowedRoutes, Is.Not.Empty));
        await Publish(new TeamActivated(id, id, "sisa", [], false, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(20)), id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).AllowedRoutes, Is.Empty));
    }

    [Test]
    public async Task R8_an_erasure_takes_the_worker_s_reference_out_of_the_case_for_good()
    {
        var (id, refs) = (Guid.CreateVersion7(), new[] { $"w-{Guid.NewGuid():n}", $"w-{Guid.NewGuid():n}" });
        var submitted = Submitted(id) with { ResponsibleWorkerRef = refs[0] };
        await Publish(submitted, id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).Id, Is.EqualTo(id.ToString())));
        await Publish(new InformationAdded(id, DateTimeOffset.UtcNow, 2, null, null, null, false, null, null, new Dictionary<string, Guid>()), id);
        await Publish(new ConsultationCorrected(id, "16-17", null, null, null, false, new Dictionary<string, Guid>(), DateTimeOffset.UtcNow), id);
        await Publish(new ResponsibleWorkerChanged(id, "own-worker", refs[1], DateTimeOffset.UtcNow), id);
        await Eventually.Holds(async () => Assert.That(await StoredText.Found(_triage.StoreConnectionString, refs), Has.Count.EqualTo(2)));
        await Decide(id, "hybridTeam");

        await Publish(new ConsultationErased(id, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(30)), id);
        await Eventually.Holds(async () => Assert.That((await Get(id)).Status, Is.EqualTo("closed")));
        Assert.That(await StoredText.Found(_triage.StoreConnectionString, refs), Is.Empty);

        // What comes late or again brings nothing back.
        var danger = Guid.NewGuid();
        await Publish(new ImmediateDangerReported(id, DateTimeOffset.UtcNow, submitted), id, danger);
        await Publish(new ConsultationReopened(id, Guid.NewGuid(), DateTimeOffset.UtcNow), id);
        await Publish(new ResponsibleWorkerChanged(id, "own-worker", refs[0], DateTimeOffset.UtcNow), id);
        var last = Guid.NewGuid();
        await Publish(new ConsultationErased(id, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(30)), id, last);
        await Eventually.Holds(async () => Assert.That(await StoredText.Found(_triage.StoreConnectionString, [$"{last:n}", $"{danger:n}"]), Has.Count.EqualTo(2)));
        Assert.That((await Get(id)).Status, Is.EqualTo("closed"));
        Assert.That(await StoredText.Found(_triage.StoreConnectionString, refs), Is.Empty);
        Calls.Refused(() => Decide(id, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-closed");
    }

    private static void NamesField(string field, Func<Task> call)
    {
        var refused = Assert.ThrowsAsync<RpcException>(call)!;
        Assert.That((refused.StatusCode, refused.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, $"The request cannot be accepted as it is. {field}: {(field == "tried_count" ? "0 or more." : "Not a known code of this list.")}")));
    }

    private async Task<long> Events() => (await _triage.Services.GetRequiredService<Marten.IDocumentStore>().Advanced.FetchEventStoreStatistics()).EventCount;

    private async Task<(string? Holder, RpcException? Refused)> Claimed(Guid id, Metadata token)
    {
        try
        {
            return ((await _cases.ClaimAsync(new ClaimRequest { Id = id.ToString() }, token)).ClaimedBy, null);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.FailedPrecondition)
        {
            return (null, exception);
        }
    }

    private static StatusCode StatusOf(Func<Task> call) => Assert.ThrowsAsync<RpcException>(call)!.StatusCode;

    private async Task<TriageCase> Get(Guid id) => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _coordinator);

    private async Task<TriageCase> Decide(Guid id, string route, long version = 0, string reason = "") =>
        await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = route, ReasonCode = reason, ExpectedVersion = version }, _coordinator);

    private async Task<TriageCase> Propose(Guid id, string receiver = Receiver) => await _cases.ProposeReferralAsync(new ProposeReferralRequest { Id = id.ToString(), Receiver = receiver }, _coordinator);

    private async Task<Guid> ToSpecialLevel()
    {
        var id = await Opened();
        await Decide(id, "specialLevel", reason: "local-knowledge");
        return id;
    }

    private Task<Guid> Opened() => Opened(_triage, _cases, _coordinator);

    private static async Task<Guid> Opened(ServiceHost<Program> triage, Protos.Triage.V1.TriageCases.TriageCasesClient cases, Metadata coordinator)
    {
        var id = Guid.CreateVersion7();
        await Publish(triage, Submitted(id), id);
        await Eventually.Holds(async () => Assert.That((await cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator)).Id, Is.EqualTo(id.ToString())));
        return id;
    }

    private static ConsultationSubmitted Submitted(Guid id) => new(
        id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15", ["substance.child-or-youth"], ["unclear", "changing-fast"], ["school"], [],
        "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>());

    private Task Publish<T>(T message, Guid stream, Guid? messageId = null)
        where T : class => Publish(_triage, message, stream, messageId);

    private static Task Publish<T>(ServiceHost<Program> triage, T message, Guid stream, Guid? messageId = null)
        where T : class =>
        triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId ?? Guid.NewGuid();
            context.Headers.Set("ot-stream-id", stream.ToString());
        });
}

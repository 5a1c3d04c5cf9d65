using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>Experts are invited to the one assessment of a matter, each with a reason; nobody has to wait for them.</summary>
[TestFixture]
internal sealed class AssessorTests
{
    private const string First = "coordinator-sisa";
    private const string Second = "coordinator-sisa-2";
    private static readonly Guid Expert = Guid.Parse("00000000-0000-4000-8000-0000000000e1");
    private static readonly Guid Other = Guid.Parse("00000000-0000-4000-8000-0000000000e2");
    private static readonly Guid Invitation = Guid.Parse("019ab000-0000-7000-8000-0000000000f1");
    private static readonly Guid TextId = Guid.Parse("019ab000-0000-7000-8000-0000000000f9");
    private static readonly CaseRequest OneTopic = Plain with { Topics = ["violence.family"], Marks = ["unclear"] };
    private static readonly DateTimeOffset Later = Now.AddHours(1);
    private static readonly InviteAssessor.Command Invite = new(Expert, Invitation, "specialKnowledge", First, Policy, Later);
    private static readonly AssessorInvited Invited = new(CaseId, "sisa", Expert, Invitation, "specialKnowledge", First, Later, Policy.AssessmentDue(Urgency.Routine, Later));
    private static readonly AssessorInvited OtherInvited = Invited with { ExpertId = Other, InvitationId = Guid.Parse("019ab000-0000-7000-8000-0000000000f2") };
    private static readonly Contribute.Command Add = new(Expert, ["diverse"], TextId, Policy, Later.AddHours(1));
    private static readonly AssessmentContributed Contributed = new(CaseId, "sisa", Expert, Invitation, ["diverse"], TextId, Add.Now);
    private static readonly CaseClaimed Claimed = new(CaseId, "sisa", Second, null, null, Now, Now.AddDays(1));
    private static readonly RouteDecided Decided = new(CaseId, "sisa", Route.ExpertConsultation, [], [], false, false, [], Policy.Version, First, null, Later, Now.AddDays(5));
    private static readonly DecideRoute.Command Decide = new(Route.ExpertConsultation, "other", null, Policy, First, Later.AddHours(2));

    private ServiceHost<Program> _triage = null!;
    private HttpClient _coordinator = null!;
    private Wire.TriageCases.TriageCasesClient _cases = null!;
    private GrpcChannel _channel = null!;
    private Metadata _token = null!;
    private Metadata _expert = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage");
        _coordinator = await _triage.ClientFor(First);
        _channel = _triage.OpenChannel();
        _cases = new Wire.TriageCases.TriageCasesClient(_channel);
        _token = await _triage.TokenOf(First);
        _expert = await _triage.TokenOf($"expert-{Expert}");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public void C33_an_expert_is_invited_with_a_reason_and_a_date_and_whose_turn_it_is_stays()
    {
        Case.Given(Past()).When(InviteAssessor.Decide, Invite).Then(Invited);
        var (before, after) = (RoutingQueueEntry.Fold(Past(), 2), RoutingQueueEntry.Fold(Past(Invited), 3));
        Assert.That((after.Status, after.DueBy, after.MayBeDecided, after.RecommendedRoute), Is.EqualTo((before.Status, before.DueBy, true, before.RecommendedRoute)));
        Assert.That(after.Assessors.Single(), Is.Not.Null.And.Property(nameof(Assessor.ReasonCode)).EqualTo("specialKnowledge"));
        Case.Given(Past()).When(InviteAssessor.Decide, Invite with { ReasonCode = "because" }).ThenRejected(InviteAssessor.UnknownReason);
    }

    [Test]
    public void The_same_expert_twice_changes_nothing_and_who_was_released_may_be_invited_again()
    {
        Case.Given(Past(Invited)).When(InviteAssessor.Decide, Invite with { InvitationId = OtherInvited.InvitationId, ReasonCode = "other", Now = Later.AddHours(1) }).ThenNothing();
        Case.Given(Past(Invited)).When(InviteAssessor.Decide, Invite with { ExpertId = Other, InvitationId = OtherInvited.InvitationId }).Then(OtherInvited);
        Case.Given(Past(Invited, Released(Invited, ReleaseAssessors.NoAnswer))).When(InviteAssessor.Decide, Invite).Then(Invited);
    }

    [Test]
    public void C34_experts_are_invited_where_something_is_still_to_be_decided_and_by_whoever_has_the_case()
    {
        Case.Given().When(InviteAssessor.Decide, Invite).ThenRejected(TriageCase.NotOpened);
        Case.Given(Past(new CaseClosed(CaseId, "withdrawn", Now))).When(InviteAssessor.Decide, Invite).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given(Past(new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now))).When(InviteAssessor.Decide, Invite).ThenRejected(TriageCase.AlreadyLinked);
        Case.Given(Past(Decided)).When(InviteAssessor.Decide, Invite).ThenRejected(TriageCase.AlreadyDecided);
        Case.Given(Past(Claimed)).When(InviteAssessor.Decide, Invite).ThenRejected(ClaimCase.HeldBy(new CaseClaim(Second, Claimed.EndsAt)));
        Case.Given([.. Opened(OneTopic with { ImmediateDanger = true }), Claimed]).When(InviteAssessor.Decide, Invite).ThenEvents(typeof(AssessorInvited));
        Case.Given(Opened(OneTopic with { LegalBasisType = CaseRequest.ConsentEnded })).When(InviteAssessor.Decide, Invite).ThenRejected(DecideRoute.LegalBasisNeeded);
    }

    [Test]
    public void What_they_add_is_weighed_at_once_takes_nothing_away_and_decides_nothing()
    {
        var events = Case.Given(Past(Invited)).When(Contribute.Decide, Add).ThenEvents(typeof(AssessmentContributed), typeof(CaseAssessed));
        TriageEvent[] past = Past([Invited, .. events]);
        var (before, after) = (RoutingQueueEntry.Fold(Past(Invited), 3), RoutingQueueEntry.Fold(past, 5));
        Assert.Multiple(() =>
        {
            Assert.That((before.RecommendedRoute, after.RecommendedRoute), Is.EqualTo(((Route?)Route.ExpertConsultation, (Route?)Route.HybridTeam)));
            Assert.That((after.Status, after.DueBy, after.Route), Is.EqualTo((before.Status, before.DueBy, (Route?)null)));
            Assert.That(after.Assessments[^1].Facts.Marks, Is.EqualTo(new[] { "unclear", "diverse" }));
            Assert.That(after.Assessments[^1].UnclearBecause, Does.Contain("assessors").And.Not.Contain("screening"));
            Assert.That(after.Assessors.Single().TextId, Is.EqualTo(TextId));
        });
        Case.Given(past).When(Contribute.Decide, Add with { TextId = null, Now = Later.AddHours(3) }).ThenNothing();
        var more = Contribute.Decide(TriageCase.Aggregate.Fold(past), Add with { Marks = ["unclear", "rare"], TextId = null });
        Assert.That(TriageCase.Aggregate.Fold([.. past, .. more.Events]).Assessment!.Facts.Marks, Is.EquivalentTo(new[] { "unclear", "diverse", "rare" }));
    }

    [Test]
    public void What_they_add_stays_when_the_requester_corrects_their_own_and_goes_with_the_request()
    {
        TriageEvent[] past = Past(Invited, Contributed);
        var more = new ReassessOnInformationAdded.Command(2, null, ["rare"], null, false, null, null, Later.AddHours(2), _ => Policy, Later.AddHours(2));
        var state = TriageCase.Aggregate.Fold([.. past, .. ReassessOnInformationAdded.Decide(TriageCase.Aggregate.Fold(past), more).Events]);
        Assert.That(state.Assessment!.Facts.Marks, Is.EqualTo(new[] { "rare", "diverse" }));
        Assert.That(JoinMatter.Shared(state.Own!, null).AssessorMarks, Is.EqualTo(new[] { "diverse" }));
        Assert.That(JoinMatter.Shared(state.Own! with { LegalBasisType = CaseRequest.ConsentEnded }, null).AssessorMarks, Is.Null);
    }

    [Test]
    public void A_mark_of_theirs_never_lowers_the_recommended_route()
    {
        // A policy in which a mark leads past a team to less: what is shipped does not.
        var rows = Policy.Rules.Rows;
        var lowering = new AreaPolicy(Repository.Catalogue, Policy.Rules with { Rows = [rows[0], rows[1], rows[3] with { When = new() { MarksAtLeast = new(1, ["changing-fast", "rare"]) } }, .. rows.Skip(2).Where(row => row.Code != "rarity-only")] }, "lowering");
        var complex = Plain with { Marks = ["diverse", "unclear"] };
        Assert.That(Assess(complex with { Marks = ["diverse", "unclear", "rare"] }, lowering).Route, Is.EqualTo(Route.ExpertConsultation));
        var with = (CaseAssessed)Contribute.Decide(TriageCase.Aggregate.Fold([.. Opened(complex, lowering), Invited]), Add with { Marks = ["rare"], Policy = lowering }).Events[1];
        Assert.That((with.Assessment.Route, with.Assessment.Facts.Marks.Contains("rare")), Is.EqualTo(((Route?)Route.HybridTeam, true)));
    }

    [Test]
    public void Who_is_not_invited_or_comes_too_late_is_refused_by_name()
    {
        Case.Given().When(Contribute.Decide, Add).ThenRejected(TriageCase.NotOpened);
        Case.Given(Past(OtherInvited)).When(Contribute.Decide, Add).ThenRejected(Contribute.NotInvited);
        Case.Given(Past(Invited)).When(Contribute.Decide, Add with { Now = Invited.DueBy.AddTicks(-1) }).ThenEvents(typeof(AssessmentContributed), typeof(CaseAssessed));
        Case.Given(Past(Invited)).When(Contribute.Decide, Add with { Now = Invited.DueBy }).ThenRejected(Contribute.TimeIsOver);
        Case.Given(Past(Invited, Released(Invited, ReleaseAssessors.NoAnswer))).When(Contribute.Decide, Add).ThenRejected(Contribute.TimeIsOver);
        Case.Given(Past(Invited, Decided, Released(Invited, ReleaseAssessors.RouteDecided))).When(Contribute.Decide, Add).ThenRejected(TriageCase.AlreadyDecided);
        Case.Given(Past(Invited, new CaseClosed(CaseId, "withdrawn", Later))).When(Contribute.Decide, Add).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given(Past(Invited, new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Later))).When(Contribute.Decide, Add).ThenRejected(TriageCase.AlreadyLinked);
        Case.Given(Past(Invited, Contributed, Decided, Released(Invited, ReleaseAssessors.RouteDecided))).When(Contribute.Decide, Add).ThenNothing();
    }

    [Test]
    public void The_coordinator_decides_without_waiting_and_everybody_invited_is_released()
    {
        var events = Case.Given(Past(Invited, OtherInvited)).When(DecideRoute.Decide, Decide).ThenEvents(typeof(RouteDecided), typeof(AssessorReleased), typeof(AssessorReleased));
        Assert.That(events.OfType<AssessorReleased>().Select(released => (released.ExpertId, released.ReasonCode)), Is.EqualTo(new[] { (Expert, "routeDecided"), (Other, "routeDecided") }));
        Assert.That(TriageCase.Aggregate.Deadlines(TriageCase.Aggregate.Fold(Past([Invited, OtherInvited, .. events]))), Is.Empty);
        TriageEvent[] alarmed = Past(Decided, new SafetyRaised(CaseId, true, false, null, Later, Later.AddHours(1)), Invited);
        Case.Given(alarmed).When(DecideRoute.Decide, Decide).ThenEvents(typeof(RouteKept), typeof(AssessorReleased));
        Case.Given(Past(Invited)).When(LinkCases.Decide, new LinkCases.Command(Guid.NewGuid(), First, "sameMatter", Later)).ThenEvents(typeof(CaseLinked), typeof(AssessorReleased));
    }

    [Test]
    public void Silence_past_the_date_is_noted_and_the_first_date_comes_first()
    {
        var late = OtherInvited with { DueBy = Invited.DueBy.AddDays(1) };
        var state = TriageCase.Aggregate.Fold(Past(late, Invited));
        Assert.That(TriageCase.Aggregate.Deadlines(state).Select(deadline => (deadline.Kind, deadline.DueAt)), Is.EqualTo(new[] { (TriageCase.AssessorDeadline, Invited.DueBy) }));
        Case.Given(Past(late, Invited)).When(ReleaseAssessors.Decide, new ReleaseAssessors.Command(Invited.DueBy.AddTicks(-1))).ThenNothing();
        Case.Given(Past(late, Invited)).When(ReleaseAssessors.Decide, new ReleaseAssessors.Command(Invited.DueBy)).Then(Released(Invited, ReleaseAssessors.NoAnswer) with { ReleasedAt = Invited.DueBy });
        Case.Given(Past(Invited, Contributed)).When(ReleaseAssessors.Decide, new ReleaseAssessors.Command(Invited.DueBy)).Then(Released(Invited, ReleaseAssessors.TimeOver) with { ReleasedAt = Invited.DueBy });
        Assert.That(RoutingQueueEntry.Fold(Past(Invited, Released(Invited, ReleaseAssessors.NoAnswer)), 4).MayBeDecided, Is.True, "No dead end.");
    }

    [TestCaseSource(nameof(Ends))]
    public void R8_nobody_assesses_what_is_over_or_may_be_known_no_more(TriageEvent end)
    {
        var state = TriageCase.Aggregate.Fold(Past(Invited, end));
        Assert.That((state.Assessors.Single().MayAssess(Later), TriageCase.Aggregate.Deadlines(state).Any()), Is.EqualTo((false, false)));
    }

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return new TestCaseData(new CaseClosed(CaseId, "withdrawn", Later)).SetArgDisplayNames("withdrawn");
        yield return new TestCaseData(new CaseSettled(CaseId, Later)).SetArgDisplayNames("settled");
        yield return new TestCaseData(new CaseErased(CaseId, Later)).SetArgDisplayNames("erased");
        yield return new TestCaseData(new OtPlatform.Triage.TriageCases.ConsentEnded(CaseId, true, Later)).SetArgDisplayNames("consent");
    }

    [Test]
    public void What_others_are_asked_to_assess_is_decided_by_a_person()
    {
        var clear = PolicyWith(Confirmation.Never);
        var asked = new InformationRequested(CaseId, "sisa", ["triedSoFar"], Now, Now.AddDays(1));
        Assert.That(AssessCase.Events(TriageCase.Aggregate.Fold(Past(Invited, asked)), clear, Later, again: true).Last(), Is.TypeOf<ConfirmationAwaited>());
        Assert.That(AssessCase.Events(TriageCase.Aggregate.Fold(Past(asked)), clear, Later, again: true).Last(), Is.TypeOf<RouteDecided>());
    }

    [Test]
    public void A_policy_from_before_gives_them_as_long_as_the_coordinators_have()
    {
        var older = new AreaPolicy(Repository.Catalogue, Policy.Rules with { Deadlines = Policy.Rules.Deadlines with { Assessment = null } }, "default.1");
        Assert.That(older.AssessmentDue(Urgency.Soon, Now), Is.EqualTo(older.ConfirmationDue(Urgency.Soon, Now)));
        Assert.That(Policy.AssessmentDue(Urgency.Routine, Now), Is.LessThan(Policy.ConfirmationDue(Urgency.Routine, Now)));
    }

    [Test]
    public async Task C33_over_gRPC_the_invited_expert_sees_that_case_and_contributes_while_they_are_invited()
    {
        var (id, another) = ((await OpenedOverTheBus()).ToString(), (await OpenedOverTheBus()).ToString());
        Refused(() => _cases.GetAsync(Of(id), _expert), StatusCode.NotFound, "triage.case-not-opened");
        Refused(() => _cases.ContributeAsync(new Wire.ContributeRequest { Id = id, Marks = { "diverse" } }, _expert), StatusCode.NotFound, "triage.assessor-unknown");
        var request = new Wire.InviteAssessorRequest { Id = id, ExpertId = Expert.ToString(), ReasonCode = "specialKnowledge" };
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _cases.InviteAssessorAsync(request, _expert))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        var invited = await _cases.InviteAssessorAsync(request, _token);
        Assert.That(await _cases.InviteAssessorAsync(request, _token), Is.EqualTo(invited));

        var seen = await _cases.GetAsync(Of(id), _expert);
        Assert.That((seen.Id, seen.AllowedRoutes.Count, seen.Askable.Count), Is.EqualTo((id, 0, 0)));
        Refused(() => _cases.GetAsync(Of(another), _expert), StatusCode.NotFound, "triage.case-not-opened");
        Refused(() => _cases.ExplainAsync(Of(id), _expert), StatusCode.NotFound, "triage.case-not-opened");
        Refused(() => _cases.ContributeAsync(new Wire.ContributeRequest { Id = id }, _expert), StatusCode.InvalidArgument, "platform.invalid-input");
        Refused(() => _cases.ContributeAsync(new Wire.ContributeRequest { Id = id, Marks = { "her aunt" } }, _expert), StatusCode.InvalidArgument, "platform.invalid-input");

        var contribution = new Wire.ContributeRequest { Id = id, Marks = { "diverse" }, TextId = TextId.ToString() };
        var contributed = await _cases.ContributeAsync(contribution, _expert);
        Assert.That(await _cases.ContributeAsync(contribution, _expert), Is.EqualTo(contributed));
        Assert.That((contributed.RecommendedRoute, contributed.Assessors.Single().TextId, contributed.Assessors.Single().ContributedAt is null), Is.EqualTo(("hybridTeam", TextId.ToString(), false)));
        var section = (await _cases.ExplainAsync(new Wire.GetCaseRequest { Id = id, Language = "en" }, _token)).Assessments[^1].Text.Single(text => text.Section == "assessors");
        Assert.That(section.Sentences, Is.EqualTo(new[] { "Invited assessors added the marks: diverse.", "Without them the recommendation would have been: expert consultation." }));

        var decided = await _cases.DecideRouteAsync(new Wire.DecideRouteRequest { Id = id, Route = "hybridTeam" }, _token);
        Assert.That(decided.Assessors.Single().ReleasedBecause, Is.EqualTo("routeDecided"));
        Refused(() => _cases.GetAsync(Of(id), _expert), StatusCode.NotFound, "triage.case-not-opened");
        Refused(() => _cases.ContributeAsync(new Wire.ContributeRequest { Id = id, Marks = { "rare" } }, _expert), StatusCode.FailedPrecondition, "triage.route-decided");
    }

    [Test]
    public async Task R2_when_the_date_passes_in_silence_it_is_noted_and_the_expert_sees_the_case_no_more()
    {
        await using var triage = await ServiceHost<Program>.Start("assessor_silent");
        using var channel = triage.OpenChannel();
        var cases = new Wire.TriageCases.TriageCasesClient(channel);
        var id = (await OpenedOverTheBus(triage)).ToString();
        await Eventually.Holds(async () => (await cases.GetAsync(Of(id), await triage.TokenOf(First))).Id == id);
        await cases.InviteAssessorAsync(new Wire.InviteAssessorRequest { Id = id, ExpertId = Expert.ToString(), ReasonCode = "riskAssessment" }, await triage.TokenOf(First));
        Assert.That((await cases.GetAsync(Of(id), await triage.TokenOf($"expert-{Expert}"))).Id, Is.EqualTo(id));
        await triage.PassTime(TimeSpan.FromDays(12));
        var (coordinator, expert) = (await triage.TokenOf(First), await triage.TokenOf($"expert-{Expert}"));
        Refused(() => cases.GetAsync(Of(id), expert), StatusCode.NotFound, "triage.case-not-opened");
        await Eventually.Holds(async () => Assert.That((await cases.GetAsync(Of(id), coordinator)).Assessors.Single().ReleasedBecause, Is.EqualTo("noAnswer")));
        Refused(() => cases.ContributeAsync(new Wire.ContributeRequest { Id = id, Marks = { "rare" } }, expert), StatusCode.FailedPrecondition, "triage.assessment-time-over");
        Assert.That((await cases.DecideRouteAsync(new Wire.DecideRouteRequest { Id = id, Route = "expertConsultation" }, coordinator)).Status, Is.EqualTo("routeDecided"));
    }

    [Test]
    public async Task Over_REST_a_coordinator_invites_and_an_expert_is_needed()
    {
        var id = await OpenedOverTheBus();
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        using var nobody = await _coordinator.Write($"/v1/cases/{id}/assessors", read.Headers.ETag!.Tag, new JsonObject { ["reasonCode"] = "other" });
        await nobody.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        using var invited = await _coordinator.Write($"/v1/cases/{id}/assessors", read.Headers.ETag!.Tag, new JsonObject { ["expertId"] = Expert, ["reasonCode"] = "other" });
        Assert.That((await invited.Json())["assessors"]!.AsArray().Single()!["expertId"]!.GetValue<Guid>(), Is.EqualTo(Expert));
    }

    private static TriageEvent[] Past(params TriageEvent[] then) => [.. Opened(OneTopic), .. then];

    private static AssessorReleased Released(AssessorInvited invited, string reason) => new(CaseId, "sisa", invited.ExpertId, invited.InvitationId, reason, Later.AddHours(2));

    private static Wire.GetCaseRequest Of(string id) => new() { Id = id };

    private static void Refused<T>(Func<AsyncUnaryCall<T>> call, StatusCode status, string code) => Calls.Refused(async () => await call(), status, code);

    private Task<Guid> OpenedOverTheBus() => OpenedOverTheBus(_triage);

    private static async Task<Guid> OpenedOverTheBus(ServiceHost<Program> triage)
    {
        var submitted = new ConsultationSubmitted(
            Guid.CreateVersion7(), "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
            ["violence.family"], ["unclear"], ["school"], [], "social", "family-worker", Guid.CreateVersion7(),
            "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>());
        await triage.Services.GetRequiredService<IBus>().Publish(submitted, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-source", "intake");
            context.Headers.Set("ot-stream-id", submitted.ConsultationId.ToString());
            context.Headers.Set("ot-stream-version", 1);
        });
        using var client = await triage.ClientFor(First);
        await Eventually.Holds(async () => (await client.GetAsync($"/v1/cases/{submitted.ConsultationId}")).IsSuccessStatusCode);
        return submitted.ConsultationId;
    }
}

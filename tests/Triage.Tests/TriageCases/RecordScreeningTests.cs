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

/// <summary>Several fill in an instrument together while the matter is decided: it is weighed at once, and decides nothing.</summary>
[TestFixture]
internal sealed class RecordScreeningTests
{
    private const string First = "coordinator-sisa";
    private const string Second = "coordinator-sisa-2";
    private static readonly Instrument Draft = Repository.Catalogue.Instrument("demandingness", 1)!;
    private static readonly CaseRequest OneTopic = Plain with { Topics = ["violence.family"], Marks = ["unclear"] };
    private static readonly DateTimeOffset Later = Now.AddHours(1);
    private static readonly RecordScreening.Command Diverse = new(Fill(("q1", 3)), First, Policy, Later);

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
    public void Its_marks_are_weighed_at_once_and_whose_turn_it_is_and_by_when_stays()
    {
        var opened = Opened(OneTopic);
        var events = Case.Given(opened).When(RecordScreening.Decide, Diverse).ThenEvents(typeof(ScreeningRecorded), typeof(CaseAssessed));
        var before = RoutingQueueEntry.Fold(opened, opened.Length);
        var after = RoutingQueueEntry.Fold([.. opened, .. events], opened.Length + events.Count);
        Assert.Multiple(() =>
        {
            Assert.That((before.RecommendedRoute, after.RecommendedRoute), Is.EqualTo(((Route?)Route.ExpertConsultation, (Route?)Route.HybridTeam)));
            Assert.That((after.Status, after.DueBy, after.Route), Is.EqualTo((before.Status, before.DueBy, (Route?)null)));
            Assert.That(after.Assessments[^1].WithoutScreening, Is.EqualTo("expertConsultation"));
        });
    }

    [Test]
    public void Nothing_is_let_through_by_a_screening_even_where_the_policy_asks_nobody()
    {
        var policy = PolicyWith(Confirmation.Never);
        var waiting = Opened(OneTopic with { HighRisk = true }, policy);
        Case.Given(waiting).When(RecordScreening.Decide, Diverse with { Policy = policy }).ThenEvents(typeof(ScreeningRecorded), typeof(CaseAssessed));
    }

    [Test]
    public void The_same_again_changes_nothing_and_a_later_one_of_the_same_instrument_takes_its_place()
    {
        var recorded = Case.Given(Opened(OneTopic)).When(RecordScreening.Decide, Diverse).ThenEvents(typeof(ScreeningRecorded), typeof(CaseAssessed));
        TriageEvent[] once = [.. Opened(OneTopic), .. recorded];
        Case.Given(once).When(RecordScreening.Decide, Diverse with { Now = Later.AddHours(1) }).ThenNothing();
        var mended = Case.Given(once).When(RecordScreening.Decide, Diverse with { Screening = Fill(("q1", 1)) }).ThenEvents(typeof(ScreeningRecorded), typeof(CaseAssessed));
        var state = TriageCase.Aggregate.Fold([.. once, .. mended]);
        Assert.That(state.Request!.Screenings, Is.EqualTo(new[] { Fill(("q1", 1)) }));
        Assert.That(state.Assessment!.Route, Is.EqualTo(Route.ExpertConsultation));
    }

    [Test]
    public void What_a_coordinator_recorded_stays_when_the_requester_says_more()
    {
        TriageEvent[] recorded = [.. Opened(OneTopic), new ScreeningRecorded(CaseId, Diverse.Screening, First, Later)];
        var more = new ReassessOnInformationAdded.Command(2, null, null, ["school"], false, null, null, Later.AddHours(1), _ => Policy, Later.AddHours(1));
        var decided = ReassessOnInformationAdded.Decide(TriageCase.Aggregate.Fold(recorded), more);
        Assert.That(TriageCase.Aggregate.Fold([.. recorded, .. decided.Events]).Assessment!.Facts.Screenings, Is.EqualTo(new[] { Diverse.Screening }));
    }

    [Test]
    public void It_is_recorded_where_something_is_still_to_be_decided_and_by_whoever_has_the_case()
    {
        Case.Given().When(RecordScreening.Decide, Diverse).ThenRejected(TriageCase.NotOpened);
        Case.Given([.. Opened(OneTopic), new CaseClosed(CaseId, "withdrawn", Now)]).When(RecordScreening.Decide, Diverse).ThenRejected(TriageCase.AlreadyClosed);
        Case.Given([.. Opened(OneTopic), new CaseLinked(CaseId, "sisa", Guid.NewGuid(), First, "sameMatter", Now)]).When(RecordScreening.Decide, Diverse).ThenRejected(TriageCase.AlreadyLinked);
        Case.Given([.. Opened(OneTopic), new RouteDecided(CaseId, "sisa", Route.ExpertConsultation, [], [], false, false, [], Policy.Version, First, null, Now, Now.AddDays(5))])
            .When(RecordScreening.Decide, Diverse).ThenRejected(TriageCase.AlreadyDecided);
        var claimed = new CaseClaimed(CaseId, "sisa", Second, null, null, Now, Now.AddDays(1));
        Case.Given([.. Opened(OneTopic), claimed]).When(RecordScreening.Decide, Diverse).ThenRejected(ClaimCase.HeldBy(new CaseClaim(Second, claimed.EndsAt)));
        Case.Given([.. Opened(OneTopic with { ImmediateDanger = true }), claimed]).When(RecordScreening.Decide, Diverse).ThenEvents(typeof(ScreeningRecorded), typeof(CaseAssessed));
    }

    [Test]
    public void R8_an_erasure_takes_the_answers_and_the_participants_out() =>
        Assert.That(EraseCaseOnConsultationErased.Redacted(new ScreeningRecorded(CaseId, Diverse.Screening, First, Later)), Is.EqualTo(new ScreeningRecorded(CaseId, Diverse.Screening.WithoutAnswers(), First, Later)));

    [Test]
    public async Task R8_over_REST_it_is_seen_in_the_case_and_an_erasure_leaves_none_of_its_answers_in_the_store()
    {
        var id = await OpenedOverTheBus();
        var body = new JsonObject { ["instrument"] = "demandingness", ["answers"] = new JsonObject { ["q1"] = 3, ["q6"] = 2 }, ["participants"] = new JsonArray("psychologist", "teacher") };
        using var unread = await _coordinator.Write($"/v1/cases/{id}/screenings", null, body.DeepClone().AsObject());
        await unread.ShowsProblem(HttpStatusCode.PreconditionRequired, "platform.version-required");
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        using var notOurs = await _elsewhere.Write($"/v1/cases/{id}/screenings", read.Headers.ETag!.Tag, body.DeepClone().AsObject());
        Assert.That(notOurs.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var recorded = await _coordinator.Write($"/v1/cases/{id}/screenings", read.Headers.ETag!.Tag, body);
        var screening = (await recorded.Json())["assessments"]!.AsArray()[^1]!["facts"]!["screenings"]!.AsArray().Single()!;
        Assert.That((screening["points"]!.GetValue<int>(), screening["answered"]!.GetValue<int>(), screening["participantRoles"]!.AsArray().Count), Is.EqualTo((10, 2, 2)));
        Assert.That(await StoredText.Found(_triage.StoreConnectionString, ["psychologist"]), Is.Not.Empty);

        await Publish(new ConsultationErased(id, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(30)), id);
        await Eventually.Holds(async () => Assert.That(await StoredText.Found(_triage.StoreConnectionString, ["psychologist"]), Is.Empty));
        using var erased = await _coordinator.GetAsync($"/v1/cases/{id}");
        var left = (await erased.Json())["assessments"]!.AsArray()[^1]!["facts"]!["screenings"]!.AsArray().Single()!;
        Assert.That((left["points"]!.GetValue<int>(), left["items"]!.AsArray().Count), Is.EqualTo((10, 0)));
    }

    [TestCase("""{"answers":{"q1":1}}""", "$.instrument")]
    [TestCase("""{"instrument":"ot-seula","answers":{"q1":1}}""", "$.instrument")]
    [TestCase("""{"instrument":"demandingness","version":99,"answers":{"q1":1}}""", "$.version")]
    [TestCase("""{"instrument":"demandingness"}""", "$.answers")]
    [TestCase("""{"instrument":"demandingness","answers":{}}""", "$.answers")]
    [TestCase("""{"instrument":"demandingness","answers":{"q1":4}}""", "$.answers.q1")]
    [TestCase("""{"instrument":"demandingness","answers":{"q99":1}}""", "$.answers.q99")]
    [TestCase("""{"instrument":"demandingness","answers":{"q1":"often"}}""", "$.answers")]
    [TestCase("""{"instrument":"demandingness","answers":{"q1":1},"participants":["her aunt"]}""", "$.participants[0]")]
    [TestCase("""{"instrument":"demandingness","answers":{"q1":1},"note":"words"}""", "$.note")]
    public async Task What_is_not_of_the_instrument_is_refused_by_its_path_and_nothing_is_stored(string body, string path)
    {
        var id = await OpenedOverTheBus();
        using var read = await _coordinator.GetAsync($"/v1/cases/{id}");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/cases/{id}/screenings") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag);
        using var answer = await _coordinator.SendAsync(request);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]![path], Is.Not.Null, problem.ToJsonString());
        Assert.That(problem.ToJsonString(), Does.Not.Contain("aunt").And.Not.Contain("words"));
        using var after = await _coordinator.GetAsync($"/v1/cases/{id}");
        Assert.That(after.Headers.ETag, Is.EqualTo(read.Headers.ETag));
    }

    [Test]
    public async Task Over_gRPC_the_newest_version_is_meant_when_none_is_said_and_the_explanation_shows_its_arithmetic()
    {
        var id = await OpenedOverTheBus();
        var request = new Wire.RecordScreeningRequest { Id = id.ToString(), Instrument = "demandingness", Answers = { ["q1"] = 3 }, Participants = { "teacher" } };
        var recorded = await _cases.RecordScreeningAsync(request, _token);
        Assert.That(await _cases.RecordScreeningAsync(request, _token), Is.EqualTo(recorded));
        var explained = (await _cases.ExplainAsync(new Wire.GetCaseRequest { Id = id.ToString(), Language = "en" }, _token)).Assessments[^1];
        Assert.That(explained.Text.Single(text => text.Section == "screening").Sentences, Has.Some.Contain("6"));
        var refused = Assert.ThrowsAsync<RpcException>(async () => await _cases.RecordScreeningAsync(
            new Wire.RecordScreeningRequest { Id = id.ToString(), Instrument = "demandingness", Answers = { ["q1"] = 9 } }, _token))!;
        Assert.That((refused.StatusCode, refused.Status.Detail.Contains("answers.q1", StringComparison.Ordinal)), Is.EqualTo((StatusCode.InvalidArgument, true)));
    }

    private static Screening Fill(params (string Item, int Answer)[] answers) =>
        Screening.Scored(new ScreeningAnswers(Draft.Code, Draft.Version, answers.ToDictionary(answer => answer.Item, answer => answer.Answer), ["family-worker", "teacher"]), Draft);

    private async Task<Guid> OpenedOverTheBus()
    {
        var submitted = new ConsultationSubmitted(
            Guid.CreateVersion7(), "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15",
            ["violence.family"], ["unclear"], ["school"], [], "social", "family-worker", Guid.CreateVersion7(),
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

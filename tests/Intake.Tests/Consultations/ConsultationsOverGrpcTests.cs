using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>otplatform.intake.v1.Consultations against a real store and a real broker: the partner API's rules over another interface.</summary>
[TestFixture]
internal sealed class ConsultationsOverGrpcTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private GrpcChannel _channel = null!;
    private Protos.Intake.V1.Consultations.ConsultationsClient _consultations = null!;
    private Metadata _token = null!;
    private Metadata _neighbour = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_grpc");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _channel = _intake.OpenChannel();
        _consultations = new Protos.Intake.V1.Consultations.ConsultationsClient(_channel);
        _token = await _intake.TokenOf("partner-pirkanmaa");
        _neighbour = await _intake.TokenOf("partner-kainuu");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_submission_is_acknowledged_and_found_over_both_interfaces()
    {
        var acknowledged = await Submit();
        var read = await _consultations.GetAsync(new GetConsultationRequest { Id = acknowledged.Id }, _token);
        var overRest = (await _partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{acknowledged.Id}"))!;
        Assert.Multiple(() =>
        {
            Assert.That(acknowledged.Status, Is.EqualTo("received"));
            Assert.That(read, Is.EqualTo(acknowledged));
            Assert.That(overRest["number"]!.GetValue<string>(), Is.EqualTo(read.Number));
            Assert.That(overRest["dueBy"]!.GetValue<DateTimeOffset>(), Is.EqualTo(read.DueBy.ToDateTimeOffset()).Within(TimeSpan.FromMilliseconds(1)));
            Assert.That(overRest["responsible"]!["name"]!.GetValue<string>(), Is.EqualTo(read.Responsible.Name));
            Assert.That(overRest["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(read.AllowedActions));
            Assert.That(overRest["timeline"]![0]!["what"]!.GetValue<string>(), Is.EqualTo(read.Timeline[0].What));
        });
    }

    [Test]
    public async Task R10_the_same_key_and_submission_get_the_same_answer_and_happen_once()
    {
        var key = Guid.NewGuid().ToString();
        var (first, again) = (await Submit(key: key), await Submit(key: key));
        Assert.That(again, Is.EqualTo(first));
        Calls.Refused(() => Submit(submission => submission.Question = "Another question", key), StatusCode.FailedPrecondition, "idempotency.key-reused");
    }

    [Test]
    public async Task R10_one_key_sent_many_times_at_once_makes_one_consultation()
    {
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            try
            {
                return (await Submit(key: key)).Id;
            }
            catch (RpcException refused)
            {
                Assert.That((refused.StatusCode, Platform.Grpc.GrpcProblems.CodeOf(refused)), Is.EqualTo((StatusCode.Aborted, "idempotency.in-progress")));
                return null;
            }
        }));
        Assert.That(answers.OfType<string>().Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void R8_an_identity_code_anywhere_is_refused_by_path_and_not_repeated()
    {
        var refused = Calls.Refused(() => Submit(submission => submission.TriedSoFar[0].Result = "Asiakas 131052-9085"), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.That(refused.Status.Detail, Does.Contain("$.triedSoFar[0].result").And.Not.Contain("131052"));
    }

    [Test]
    public void What_is_required_is_named_when_it_is_missing()
    {
        var refused = Calls.Refused(async () => await _consultations.SubmitAsync(new SubmitRequest { IdempotencyKey = Guid.NewGuid().ToString() }, _token), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.That(new[] { "$.kind", "$.county", "$.language", "$.requester", "$.question", "$.legalBasis" }.Where(path => !refused.Status.Detail.Contains(path, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Without_a_key_nothing_is_submitted() => Calls.Refused(() => Submit(key: string.Empty), StatusCode.InvalidArgument, "platform.invalid-input");

    [TestCase("2027-5-1")]
    [TestCase("tomorrow")]
    public void A_date_is_written_in_one_way(string date) =>
        Calls.Refused(() => Submit(submission => submission.LegalBasis.ValidUntil = date), StatusCode.InvalidArgument, "platform.invalid-input");

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(-0.5)]
    [TestCase(5000.5)]
    public void Hours_of_absence_have_bounds(double hours) =>
        Calls.Refused(() => Submit(submission => submission.SchoolAbsence = new SchoolAbsence { Hours = hours }), StatusCode.InvalidArgument, "platform.invalid-input");

    [Test]
    public void Another_county_is_not_the_partners_to_submit_for() =>
        Calls.Refused(() => Submit(submission => submission.County = "kainuu"), StatusCode.PermissionDenied, "intake.county-not-yours");

    [Test]
    public async Task A_coordinator_may_read_but_not_submit()
    {
        var coordinator = await _intake.TokenOf("coordinator-sisa");
        var mine = await Submit();
        Assert.That((await _consultations.GetAsync(new GetConsultationRequest { Id = mine.Id }, coordinator)).Id, Is.EqualTo(mine.Id));
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _consultations.SubmitAsync(Request(), coordinator))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
    }

    [Test]
    public async Task What_belongs_to_another_partner_does_not_exist_for_me()
    {
        var mine = await Submit();
        Calls.Refused(async () => await _consultations.GetAsync(new GetConsultationRequest { Id = mine.Id }, _neighbour), StatusCode.NotFound, "platform.not-found");
        Calls.Refused(async () => await _consultations.WithdrawAsync(new WithdrawRequest { Id = mine.Id, ExpectedVersion = 1 }, _neighbour), StatusCode.NotFound, "platform.not-found");
        Calls.Refused(async () => await _consultations.AddInformationAsync(new AddInformationRequest { Id = mine.Id, ExpectedVersion = 1, Text = "Mine?" }, _neighbour), StatusCode.NotFound, "platform.not-found");
    }

    [Test]
    public async Task The_list_pages_through_all_of_mine_newest_first()
    {
        var token = await _intake.TokenOf("partner-satakunta");
        var ids = new List<string>();
        for (var count = 0; count < 3; count++)
        {
            ids.Insert(0, (await _consultations.SubmitAsync(Request(submission => submission.County = "satakunta"), token)).Id);
        }

        var first = await _consultations.ListAsync(new ListConsultationsRequest { PageSize = 2, Status = "received" }, token);
        var second = await _consultations.ListAsync(new ListConsultationsRequest { PageSize = 2, PageToken = first.NextPageToken }, token);
        Assert.Multiple(() =>
        {
            Assert.That(first.Consultations.Concat(second.Consultations).Select(consultation => consultation.Id), Is.EqualTo(ids));
            Assert.That(second.NextPageToken, Is.Empty);
        });
        Calls.Refused(async () => await _consultations.ListAsync(new ListConsultationsRequest { Status = "rejected" }, token), StatusCode.InvalidArgument, "platform.invalid-input");
    }

    [Test]
    public async Task Information_is_added_on_a_version_and_by_the_same_rules()
    {
        var mine = await Submit();
        Calls.Refused(async () => await _consultations.AddInformationAsync(new AddInformationRequest { Id = mine.Id, Text = "More" }, _token), StatusCode.FailedPrecondition, "platform.version-required");
        Calls.Refused(async () => await _consultations.AddInformationAsync(new AddInformationRequest { Id = mine.Id, ExpectedVersion = 1 }, _token), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _consultations.AddInformationAsync(new AddInformationRequest { Id = mine.Id, ExpectedVersion = 9, Text = "More" }, _token), StatusCode.Aborted, "platform.stale-version");
        var added = await _consultations.AddInformationAsync(new AddInformationRequest { Id = mine.Id, ExpectedVersion = mine.Version, Text = "More", TriedSoFar = { new Tried { What = "A meeting" } } }, _token);
        Assert.That((added.Status, added.Timeline.Count, added.Version), Is.EqualTo(("inTriage", 2, 2L)));
    }

    [Test]
    public async Task A_withdrawal_needs_the_version_that_was_read()
    {
        var mine = await Submit();
        Calls.Refused(async () => await _consultations.WithdrawAsync(new WithdrawRequest { Id = mine.Id }, _token), StatusCode.FailedPrecondition, "platform.version-required");
        Calls.Refused(async () => await _consultations.WithdrawAsync(new WithdrawRequest { Id = mine.Id, ExpectedVersion = 9 }, _token), StatusCode.Aborted, "platform.stale-version");
        var withdrawn = await _consultations.WithdrawAsync(new WithdrawRequest { Id = mine.Id, ExpectedVersion = mine.Version }, _token);
        Assert.That((withdrawn.Status, withdrawn.Responsible, withdrawn.DueBy, string.Join(", ", withdrawn.AllowedActions)), Is.EqualTo(("withdrawn", (Responsible?)null, (Google.Protobuf.WellKnownTypes.Timestamp?)null, "reopening, consent/withdrawal, erasure")));
    }

    [Test]
    public async Task A_team_and_an_answer_look_as_over_REST()
    {
        var others = new OtherServices(_intake);
        var id = await others.Routed(_partner, Route.ExpertConsultation);
        await others.Arranged(id);
        await others.Answered(id, Guid.CreateVersion7());
        await Eventually.Holds(async () => (await Get(id)).Status == "answered");
        var read = await Get(id);
        Assert.Multiple(() =>
        {
            Assert.That(read.Team.Members.Single(), Is.EqualTo(new TeamMember
            {
                Role = "consultant",
                Sector = "health",
                Organisation = "county-hospital",
                Profession = "psychologist",
                Channel = "virtual",
                From = read.Team.Members[0].From,
                To = read.Team.Members[0].To,
            }));
            Assert.That(read.Team.Members[0].To, Does.Match(@"^\d{4}-\d\d-\d\d$"));
            Assert.That((read.Answer.By, read.Answer.Knowledge.Single()), Is.EqualTo(("expert", "k-1")));
            Assert.That(read.AllowedActions, Is.EqualTo(new[] { "confirmation", "objection", "withdrawal", "messages", "safety", "responsible-worker", "correction", "feedback", "consent", "consent/withdrawal", "erasure" }));
        });
    }

    private async Task<Consultation> Get(Guid id) => await _consultations.GetAsync(new GetConsultationRequest { Id = id.ToString() }, _token);

    private async Task<Consultation> Submit(Action<Submission>? change = null, string? key = null) => await _consultations.SubmitAsync(Request(change, key), _token);

    private static SubmitRequest Request(Action<Submission>? change = null, string? key = null)
    {
        var submission = new Submission
        {
            Kind = "clientWork",
            ClientRef = "PK-7F3A",
            AgeBand = "13-15",
            County = "pirkanmaa",
            Municipality = "Tampere",
            Language = "fi",
            Requester = new Requester { Role = "family-worker", Sector = "social", Unit = "A family centre" },
            ResponsibleWorker = new ResponsibleWorker { Role = "own-worker", Ref = "w-1" },
            Topics = { "substance.child-or-youth" },
            Marks = { "unclear" },
            Question = "Miten edetä?",
            TriedSoFar = { new Tried { What = "Keskustelu", Result = "Ei apua" } },
            LegalBasis = new LegalBasis { Type = "consent", ValidUntil = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(90).ToString("O") },
        };
        change?.Invoke(submission);
        return new SubmitRequest { IdempotencyKey = key ?? Guid.NewGuid().ToString(), Submission = submission };
    }
}

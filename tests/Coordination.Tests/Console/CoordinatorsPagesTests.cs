using System.Net;
using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using Team = OtPlatform.Protos.TeamAssembly.V1.Team;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The queue and a consultation's page, for those who coordinate. Without a script: forms and links alone.</summary>
[TestFixture]
internal sealed class CoordinatorsPagesTests
{
    private RunningConsole _console = null!;
    private Browser _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_pages");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task The_queue_shows_the_own_area_in_words_with_counts()
    {
        var here = await _console.Told(told => told.Intake(at => new ConsultationStatusChanged(told.Consultation, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddMinutes(-5), at)));
        var elsewhere = await _console.Told(area: "lansi");
        var page = await _coordinator.Get("/queues");
        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain(here.Consultation.ToString()).And.Not.Contain(elsewhere.Consultation.ToString()));
            Assert.That(page.Shown("queue-status"), Does.Contain("Arvioitavana"));
            Assert.That(page.Shown("queue-owner"), Does.Contain("Alueen koordinaattorit"));
            Assert.That(page.Shown("late"), Is.Not.Empty);
            Assert.That(int.Parse(page.Shown("count-all").Single(), System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(page.Count("queue-row")));
        });
    }

    [Test]
    public async Task A_queue_is_narrowed_to_one_status()
    {
        var received = await _console.Told();
        var working = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _console.Journal.Publish(working.All);
        await _console.Journal.WrittenDown(working.All);
        var page = await _coordinator.Get("/queues?status=teamWorking");
        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain(working.Consultation.ToString()).And.Not.Contain(received.Consultation.ToString()));
            Assert.That(page.Shown("queue-status"), Is.All.EqualTo("Tiimi työssä"));
        });
    }

    [Test]
    public async Task R9_a_consultation_shows_its_road_its_team_and_why()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7());
        await _console.Journal.Publish(told.All);
        await _console.Journal.WrittenDown(told.All);
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<CaseExplanation>(told.Consultation.ToString(), _ => new CaseExplanation
        {
            Assessments =
            {
                new AssessmentExplanation
                {
                    PolicyVersion = "default.7",
                    DecidingRow = "complexity",
                    RecommendedRoute = "hybridTeam",
                    AssessedAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Happenings.Start),
                    Rows = { new TriedRow { Row = "complexity", Holds = true, Findings = { new Finding { Fact = "marks", Wanted = ">= 2", Found = "unclear, changing-fast", Holds = true } } } },
                    Text = { new ExplanationText { Section = "otherwise", Title = "Mikä muuttaisi", Sentences = { "Erityistaso, jos yksi seikka olisi toisin.", "Hybriditiimi, jos kaksi." } } },
                },
            },
        });
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        using var swedish = await _console.Browser().SignedIn("coordinator-sisa");
        var chosen = await swedish.Send(await swedish.Get("/queues"), "/language", ("language", "sv"));
        Assert.That(chosen.Status, Is.EqualTo(HttpStatusCode.SeeOther), "the language can be chosen after the sign-in");
        var inSwedish = await swedish.Get($"/consultations/{told.Consultation}");
        Assert.That(inSwedish.Text, Does.Contain("<html lang=\"sv\">"));
        var languages = _console.Owners.Calls.Select(call => call.Request).OfType<GetCaseRequest>().Where(asked => asked.Id == told.Consultation.ToString() && asked.Language.Length > 0).Select(asked => asked.Language).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(languages, Is.EqualTo(new[] { "fi", "sv" }));
            Assert.That(page.Shown("why-otherwise").Single(), Does.StartWith("Mikä muuttaisi").And.Contain("Erityistaso, jos yksi seikka olisi toisin.").And.Contain("Hybriditiimi, jos kaksi."));
            Assert.That(page.Shown("status"), Is.EqualTo(new[] { "Tiimi työssä" }));
            Assert.That(page.Shown("deciding-row"), Is.EqualTo(new[] { "Vaativuus" }));
            Assert.That(page.Shown("policy-version"), Is.EqualTo(new[] { "default.7" }));
            Assert.That(page.Text, Does.Contain("epäselvä, nopeasti muuttuva"));
            Assert.That(page.Shown("asked-expert"), Has.Count.EqualTo(2).And.Some.Contains("Kieltäytynyt – Ei aikaa"));
            Assert.That(page.Shown("member"), Has.Count.EqualTo(2));
            Assert.That(page.Count("step"), Is.EqualTo(told.All.Count));
        });
    }

    [Test]
    public async Task The_recommended_route_is_confirmed_in_the_coordinators_own_name_on_the_version_that_was_seen()
    {
        var told = await _console.Told();
        _console.Owners.AwaitsDecision(told.Consultation, version: 9);
        _console.Owners.Answer<DecideRouteRequest>(told.Consultation.ToString(), _ => new TriageCase { Id = told.Consultation.ToString() });
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        var done = await _coordinator.Send(page, $"/consultations/{told.Consultation}/route", ("networkCoordinator", "true"), ("form", "confirm"));
        var after = await _coordinator.Get(done.Location!);
        var (sent, token) = Sent<DecideRouteRequest>(told);
        Assert.Multiple(() =>
        {
            Assert.That(done.Status, Is.EqualTo(HttpStatusCode.SeeOther));
            Assert.That((sent.Route, sent.ReasonCode, sent.ExpectedVersion, sent.NetworkCoordinator), Is.EqualTo(("hybridTeam", string.Empty, 9L, true)));
            Assert.That(SubjectOf(token), Is.EqualTo("coordinator-sisa"));
            Assert.That(after.Shown("done"), Is.EqualTo(new[] { "Reitti on päätetty." }));
        });
    }

    [Test]
    public async Task Another_route_is_chosen_with_a_reason_from_the_policys_list()
    {
        var told = await _console.Told();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<DecideRouteRequest>(told.Consultation.ToString(), _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        await _coordinator.Send(page, $"/consultations/{told.Consultation}/route", ("route", "expertConsultation"), ("reason", "local-knowledge"));
        var (sent, _) = Sent<DecideRouteRequest>(told);
        Assert.Multiple(() =>
        {
            Assert.That((sent.Route, sent.ReasonCode, sent.HasNetworkCoordinator), Is.EqualTo(("expertConsultation", "local-knowledge", false)));
            Assert.That(page.Text, Does.Contain("Paikallinen tuntemus"));
        });
    }

    [Test]
    public async Task R1_a_requester_is_pointed_to_a_holder_of_knowledge_that_is_chosen_from_those_known()
    {
        var told = await _console.Told();
        var (known, other) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        _console.Owners.MayPoint(
            told.Consultation,
            new Protos.Triage.V1.KnowledgeHolder { Id = known, Fi = "Tietoyksikkö", Sv = "Kunskapsenheten", En = "Unit", Country = "FI", Topics = { "adoption" } },
            new Protos.Triage.V1.KnowledgeHolder { Id = other, Fi = "Muu yksikkö", Sv = "Annan enhet", En = "Other", Country = "SE" });
        _console.Owners.Answer<DecideRouteRequest>(told.Consultation.ToString(), _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        await _coordinator.Send(page, $"/consultations/{told.Consultation}/route", ("holder", known), ("reason", "other"), ("form", "point"));
        var (sent, _) = Sent<DecideRouteRequest>(told);
        Assert.Multiple(() =>
        {
            Assert.That((sent.Route, sent.KnowledgeHolderId, sent.ReasonCode, sent.ExpectedVersion), Is.EqualTo(("knowledgeHolder", known, "other", 6L)));
            Assert.That(page.Text, Does.Contain("Tietoyksikkö, FI – tuntee aiheen").And.Contain("Muu yksikkö, SE<"));
            Assert.That(page.Text, Does.Not.Contain("<option value=\"knowledgeHolder\""), "It is no route without a name.");
        });
    }

    [Test]
    public async Task Where_no_holder_of_knowledge_is_known_none_can_be_chosen_and_that_is_said()
    {
        var told = await _console.Told();
        _console.Owners.MayPoint(told.Consultation);
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        Assert.That(page.Shown("no-holders"), Is.EqualTo(new[] { "Yhtään voimassa olevaa tiedon haltijaa ei ole ilmoitettu." }));
        Assert.That(page.Count("point-submit"), Is.Zero);
    }

    [TestCase(StatusCode.FailedPrecondition, "triage.reason-required", HttpStatusCode.Conflict, "Muu kuin suositeltu reitti vaatii syyn.")]
    [TestCase(StatusCode.FailedPrecondition, "triage.brand-new-rule", HttpStatusCode.Conflict, "Sääntö ei salli tätä nyt (triage.brand-new-rule).")]
    [TestCase(StatusCode.Aborted, "platform.stale-version", HttpStatusCode.Conflict, "Asia on muuttunut sen jälkeen, kun avasit sivun.")]
    [TestCase(StatusCode.PermissionDenied, "platform.not-allowed", HttpStatusCode.Forbidden, "Roolisi ei salli tätä.")]
    public async Task A_refusal_is_said_in_words_and_what_was_chosen_stays(StatusCode refusal, string code, HttpStatusCode status, string words)
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation, version: 4);
        _console.Owners.Refuse<DecideRouteRequest>(id, refusal, code);
        var page = await _coordinator.Get($"/consultations/{id}");
        _console.Owners.AwaitsDecision(told.Consultation, version: 5);
        var refused = await _coordinator.Send(page, $"/consultations/{id}/route", ("route", "specialLevel"), ("reason", "other"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(status));
            Assert.That(refused.Shown("refusal").Single(), Does.StartWith(words));
            Assert.That(refused.Text, Does.Contain("<option value=\"specialLevel\" selected>").And.Contain("<option value=\"other\" selected>"));
            Assert.That(refused.Text, Does.Contain("data-typed").And.Contain("name=\"version\" value=\"5\""));
        });
    }

    [Test]
    public async Task Guidance_that_could_not_be_sent_is_not_lost()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.Answer<GetTeamRequest>(id, _ => new Team { Id = id, Status = "guidance" });
        _console.Owners.Refuse<AnswerConsultationRequest>(id, StatusCode.Unavailable, "platform.unavailable");
        const string Text = "Ohje: <kokeilkaa> & kertokaa";
        var page = await _coordinator.Get($"/consultations/{id}");
        var refused = await _coordinator.Send(page, $"/consultations/{id}/guidance", ("text", Text));
        _console.Owners.Refuse<AnswerConsultationRequest>(id, StatusCode.FailedPrecondition, "team-assembly.nothing-to-answer");
        _console.Owners.Answer<GetTeamRequest>(id, _ => new Team { Id = id, Status = "answered" });
        var late = await _coordinator.Send(page, $"/consultations/{id}/guidance", ("text", Text));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(refused.Shown("guidance-text"), Is.EqualTo(new[] { Text }));
            Assert.That(late.Status, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(late.Count("form-guide"), Is.Zero);
            Assert.That(WebUtility.HtmlDecode(late.Text), Does.Contain("Vastausta ei odoteta nyt.").And.Contain(Text));
        });
    }

    [Test]
    public async Task A_referral_an_invitation_and_an_end_go_to_their_owners()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => new TriageCase { Id = id, Status = "routeDecided", Route = "specialLevel", ReferralStatus = "none", Version = 6 });
        _console.Owners.Answer<ProposeReferralRequest>(id, _ => new TriageCase());
        _console.Owners.Answer<GetTeamRequest>(id, _ => new Team { Id = id, Status = "gap", UnmetNeeds = { "topic:substance.child-or-youth", "sector:health" } });
        _console.Owners.Answer<InviteRequest>(id, _ => new Team());
        _console.Owners.Answer<DisbandRequest>(id, _ => new Team());
        var page = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(page, $"/consultations/{id}/referral", ("receiver", "hospital-1"));
        await _coordinator.Send(page, $"/consultations/{id}/invitation", ("expertId", Happenings.Expert(7).ToString()), ("need", "sector:health"));
        _console.Owners.Answer<GetTeamRequest>(id, _ => new Team { Id = id, Status = "working" });
        await _coordinator.Send(await _coordinator.Get($"/consultations/{id}"), $"/consultations/{id}/end", ("outcome", "goalsReached"));
        Assert.Multiple(() =>
        {
            Assert.That(Sent<ProposeReferralRequest>(told).Request, Is.EqualTo(new ProposeReferralRequest { Id = id, Receiver = "hospital-1", ExpectedVersion = 6 }));
            Assert.That(Sent<InviteRequest>(told).Request, Is.EqualTo(new InviteRequest { Id = id, ExpertId = Happenings.Expert(7).ToString(), Needs = { "sector:health" } }));
            Assert.That(Sent<DisbandRequest>(told).Request, Is.EqualTo(new DisbandRequest { Id = id, OutcomeCode = "goalsReached" }));
        });
    }

    [Test]
    public async Task R2_a_case_is_taken_given_back_and_taken_over_with_a_reason()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<ClaimRequest>(id, _ => new TriageCase());
        _console.Owners.Answer<ReleaseRequest>(id, _ => new TriageCase());
        TriageCase HeldBy(string holder) => new() { Id = id, Status = "awaitingConfirmation", RecommendedRoute = "hybridTeam", AllowedRoutes = { "hybridTeam", "expertConsultation" }, ClaimedBy = holder, Version = 5 };
        (int Claim, int Release, int TakeOver) Forms(Page page) => (page.Count("form-claim"), page.Count("form-release"), page.Count("form-takeOver"));

        var free = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(free, $"/consultations/{id}/claim");
        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => HeldBy("coordinator-sisa"));
        var own = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(own, $"/consultations/{id}/release");
        Assert.Multiple(() =>
        {
            Assert.That((Forms(free), Forms(own)), Is.EqualTo(((1, 0, 0), (0, 1, 0))));
            Assert.That(Sent<ClaimRequest>(told).Request, Is.EqualTo(new ClaimRequest { Id = id }));
            Assert.That(Sent<ReleaseRequest>(told).Request, Is.EqualTo(new ReleaseRequest { Id = id }));
        });

        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => HeldBy("coordinator-sisa-2"));
        var theirs = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(theirs, $"/consultations/{id}/claim", ("reason", "absent"));
        Assert.Multiple(() =>
        {
            Assert.That(Forms(theirs), Is.EqualTo((0, 0, 1)));
            Assert.That(theirs.Text, Does.Contain("Käsittelyssä: coordinator-sisa-2"));
            Assert.That(Sent<ClaimRequest>(told).Request, Is.EqualTo(new ClaimRequest { Id = id, TakeOver = true, ReasonCode = "absent" }));
        });
    }

    [Test]
    public async Task Who_has_a_case_hands_it_over_with_a_note_that_goes_into_the_vault_first()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        TriageCase Held(string holder, string from = "", string note = "") => new()
        {
            Id = id,
            Status = "awaitingConfirmation",
            RecommendedRoute = "hybridTeam",
            AllowedRoutes = { "hybridTeam" },
            ClaimedBy = holder,
            HandedOverBy = from,
            NoteTextId = note,
            Version = 5,
        };
        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => Held("coordinator-sisa"));
        _console.Owners.Answer<PutNarrativeRequest>(id, asked => new PutNarrativeResponse { TextId = asked.TextId });
        _console.Owners.Refuse<HandOverRequest>(id, StatusCode.FailedPrecondition, "triage.case-not-yours");
        var page = await _coordinator.Get($"/consultations/{id}");
        var refused = await _coordinator.Send(page, $"/consultations/{id}/hand-over", ("to", "coordinator-sisa-2"), ("note", "The school calls back tomorrow."));
        Assert.That((refused.Status, refused.Count("form-handOver")), Is.EqualTo((HttpStatusCode.Conflict, 1)));
        Assert.That(refused.Text, Does.Contain("Tapauksen voi luovuttaa vain se").And.Contain("The school calls back tomorrow."));

        _console.Owners.Answer<HandOverRequest>(id, _ => new TriageCase());
        await _coordinator.Send(refused, $"/consultations/{id}/hand-over", ("to", "coordinator-sisa-2"), ("note", "The school calls back tomorrow."));
        var (put, handed) = ((PutNarrativeRequest)Sent<PutNarrativeRequest>(told).Request, (HandOverRequest)Sent<HandOverRequest>(told).Request);
        Assert.Multiple(() =>
        {
            Assert.That((put.Kind, put.Text), Is.EqualTo(("note", "The school calls back tomorrow.")));
            Assert.That(handed, Is.EqualTo(new HandOverRequest { Id = id, To = "coordinator-sisa-2", NoteTextId = put.TextId, ExpectedVersion = 5 }));
            Assert.That(_console.Owners.Calls.Select(call => call.Request).OfType<PutNarrativeRequest>().Where(one => one.ConsultationId == id).Select(one => one.TextId).Distinct().Count(), Is.EqualTo(1), "The text is kept once.");
        });

        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => Held("coordinator-sisa", "coordinator-sisa-2", put.TextId));
        var theirs = await _coordinator.Get($"/consultations/{id}");
        Assert.That(theirs.Text, Does.Contain("Luovuttaja: coordinator-sisa-2").And.Contain("Viesti on pyynnön teksteissä"));
    }

    [Test]
    public async Task C01_the_requester_is_asked_for_what_is_missing_and_written_to()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => new TriageCase
        {
            Id = id,
            Status = "awaitingConfirmation",
            RecommendedRoute = "hybridTeam",
            AllowedRoutes = { "hybridTeam" },
            Askable = { "situation", "topics" },
            Version = 5,
        });
        _console.Owners.Answer<SendMessageRequest>(id, asked => new SendMessageResponse { MessageId = asked.MessageId });
        _console.Owners.Answer<RequestInformationRequest>(id, _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{id}");
        Assert.That(page.Count("ask-code"), Is.EqualTo(2));
        await _coordinator.Send(page, $"/consultations/{id}/ask", ("asked", "situation"), ("text", "How was the week at school?"));
        Assert.That((await _coordinator.Get($"/consultations/{id}?done=ask")).Text, Does.Contain("Pyynnön tekijältä on pyydetty lisätietoja."));
        Assert.That(Sent<RequestInformationRequest>(told).Request, Is.EqualTo(new RequestInformationRequest { Id = id, Asked = { "situation" }, ExpectedVersion = 5 }));
        Assert.That(((SendMessageRequest)Sent<SendMessageRequest>(told).Request).Text, Is.EqualTo("How was the week at school?"));

        await _coordinator.Send(page, $"/consultations/{id}/message", ("text", "Thank you."));
        var written = _console.Owners.Calls.Select(call => call.Request).OfType<SendMessageRequest>().Where(one => one.Id == id).ToList();
        Assert.That(written.Select(one => one.Text), Is.EqualTo(new[] { "How was the week at school?", "Thank you." }));
        Assert.That(written.Select(one => one.MessageId), Is.Unique);

        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => new TriageCase { Id = id, Status = "held", RecommendedRoute = "hybridTeam", AllowedRoutes = { "hybridTeam" }, Version = 6 });
        Assert.That((await _coordinator.Get($"/consultations/{id}")).Count("form-ask"), Is.Zero, "Danger waits for no answer.");
    }

    [Test]
    public async Task C34_requests_about_one_matter_are_linked_and_separated_with_a_reason()
    {
        var told = await _console.Told();
        var (id, other) = (told.Consultation.ToString(), Guid.CreateVersion7().ToString());
        _console.Owners.AwaitsDecision(told.Consultation);
        _console.Owners.Answer<LinkCasesRequest>(id, _ => new TriageCase());
        _console.Owners.Answer<UnlinkCaseRequest>(id, _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{id}");
        Assert.That((page.Count("form-link"), page.Count("form-unlink"), page.Count("linked")), Is.EqualTo((1, 0, 0)));
        await _coordinator.Send(page, $"/consultations/{id}/link", ("lead", other), ("reason", "sameFamily"));

        _console.Owners.Answer<Protos.Triage.V1.GetCaseRequest>(id, _ => new TriageCase { Id = id, Status = "linked", LinkedTo = other, LinkedBy = "coordinator-sisa", LinkReason = "sameFamily", Version = 5 });
        var linked = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(linked, $"/consultations/{id}/unlink", ("reason", "byMistake"));
        Assert.Multiple(() =>
        {
            Assert.That((linked.Count("form-link"), linked.Count("form-unlink")), Is.EqualTo((0, 1)));
            Assert.That(linked.Text, Does.Contain($"/consultations/{other}").And.Contain("Sama perhe").And.Contain("coordinator-sisa"));
            Assert.That(Sent<LinkCasesRequest>(told).Request, Is.EqualTo(new LinkCasesRequest { Id = id, LeadId = other, ReasonCode = "sameFamily", ExpectedVersion = 4 }));
            Assert.That(Sent<UnlinkCaseRequest>(told).Request, Is.EqualTo(new UnlinkCaseRequest { Id = id, ReasonCode = "byMistake", ExpectedVersion = 5 }));
        });
    }

    [Test]
    public async Task R8_the_words_are_read_only_when_somebody_asks_for_them_and_with_a_purpose()
    {
        var told = await _console.Told();
        var id = told.Consultation.ToString();
        _console.Owners.Answer<ReadNarrativeRequest>(id, _ => new ReadNarrativeResponse
        {
            Narratives =
            {
                new Narrative { Kind = "strengths", Text = "Hyvä koulu" },
                new Narrative { Kind = "question", Text = "Miten eteenpäin?" },
                new Narrative { Kind = "triedSoFar", Text = """[{"what":"Keskustelu","with":"koulu","result":"ei muutosta"}]""" },
            },
        });
        var page = await _coordinator.Get($"/consultations/{id}");
        var before = _console.Owners.Calls.Count(call => call.Request is ReadNarrativeRequest read && read.ConsultationId == id);
        var words = await _coordinator.Get($"/consultations/{id}/words");
        var read = _console.Owners.Calls.Select(call => call.Request).OfType<ReadNarrativeRequest>().Single(request => request.ConsultationId == id);
        Assert.Multiple(() =>
        {
            Assert.That(page.Count("read-words"), Is.EqualTo(1));
            Assert.That(before, Is.Zero);
            Assert.That(read.Purpose, Is.EqualTo("triage"));
            Assert.That(words.Shown("narrative"), Is.EqualTo(new[] { "Kysymys Miten eteenpäin?", "Vahvuudet Hyvä koulu", "Mitä on yritetty Mitä: Keskustelu · Kenen kanssa: koulu · Tulos: ei muutosta" }));
        });
    }

    [Test]
    public async Task Another_areas_consultation_does_not_exist_for_me()
    {
        var told = await _console.Told(area: "lansi");
        var mine = await _coordinator.Get("/queues");
        var page = await _coordinator.Get($"/consultations/{told.Consultation}");
        var words = await _coordinator.Get($"/consultations/{told.Consultation}/words");
        var token = System.Text.RegularExpressions.Regex.Match(mine.Text, "name=\"form-token\" value=\"([^\"]*)\"").Groups[1].Value;
        var decided = await _coordinator.Post($"/consultations/{told.Consultation}/route", ("form-token", token), ("form", "confirm"), ("route", "hybridTeam"));
        Assert.Multiple(() =>
        {
            Assert.That(new[] { page.Status, words.Status, decided.Status }, Is.All.EqualTo(HttpStatusCode.NotFound));
            Assert.That(_console.Owners.Calls.Any(call => call.Request is DecideRouteRequest request && request.Id == told.Consultation.ToString()), Is.False);
        });
    }

    [Test]
    public async Task Leaders_see_but_do_not_decide()
    {
        var told = await _console.Told();
        _console.Owners.AwaitsDecision(told.Consultation);
        using var leader = await _console.Browser().SignedIn("leadership-sisa");
        var page = await leader.Get($"/consultations/{told.Consultation}");
        Assert.Multiple(() =>
        {
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(page.Count("status"), Is.EqualTo(1));
            Assert.That(page.Count("actions"), Is.Zero);
            Assert.That(page.Count("read-words"), Is.Zero);
        });
    }

    private static string SubjectOf(string token) =>
        new Microsoft.IdentityModel.JsonWebTokens.JsonWebTokenHandler().ReadJsonWebToken(token["Bearer ".Length..]).Subject;

    private (T Request, string Token) Sent<T>(Happenings told)
        where T : Google.Protobuf.IMessage
    {
        var call = _console.Owners.Calls.Last(call => call.Request is T && call.Request.ToString()!.Contains(told.Consultation.ToString(), StringComparison.Ordinal));
        return ((T)call.Request, call.Authorization!);
    }
}

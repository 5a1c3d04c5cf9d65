using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.ExpertPool.V1;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;
using GetCaseRequest = OtPlatform.Protos.Triage.V1.GetCaseRequest;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>What several bring to one assessment: screenings, profiles, invited experts, the word on a network coordinator (C-26, C-29, C-33, C-34).</summary>
[TestFixture]
internal sealed class AssessmentPagesTests
{
    private RunningConsole _console = null!;
    private Browser _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _console = await RunningConsole.Start("coordination_assessment");
        _coordinator = await _console.Browser().SignedIn("coordinator-sisa");
        var known = Repository.Catalogue.Instrument("demandingness", 1)!;
        var versions = new InstrumentVersion { Version = 1, Trial = true, PublishedBy = "platform" };
        _console.Owners.Answer<ListInstrumentsRequest>(string.Empty, _ => new ListInstrumentsResponse { Instruments = { new Instrument { Code = "demandingness", Versions = { versions } }, new Instrument { Code = "only-a-draft" } } });
        _console.Owners.Answer<GetInstrumentRequest>("demandingness", _ => new Instrument { Code = "demandingness", Versions = { versions }, DocumentJson = known.Document(), DocumentVersion = 1 });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _coordinator.Dispose();
        await _console.DisposeAsync();
    }

    [Test]
    public async Task Several_fill_in_an_instrument_and_what_nobody_could_answer_is_left_out()
    {
        var id = await Awaiting();
        _console.Owners.Answer<RecordScreeningRequest>(id, _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{id}");
        var form = await _coordinator.Get($"/consultations/{id}/screenings");
        var done = await _coordinator.Send(
            form, $"/consultations/{id}/screenings", ("answer:q1", "3"), ("answer:q2", "0"), ("answer:q3", ""), ("participant", "family-worker"), ("participant", "teacher"));
        var sent = Sent<RecordScreeningRequest>(request => request.Id == id);
        Assert.Multiple(() =>
        {
            Assert.That(page.Count("fill-in"), Is.EqualTo(1));
            Assert.That(form.Text, Does.Contain("Arjen turvallisuutta").And.Contain("Perhetyöntekijä").And.Not.Contain("only-a-draft"));
            Assert.That(done.Location, Is.EqualTo($"/consultations/{id}?done=screening"));
            Assert.That((sent.Instrument, sent.Version, sent.ExpectedVersion), Is.EqualTo(("demandingness", 1, 4L)));
            Assert.That(sent.Answers, Is.EquivalentTo(new Dictionary<string, int> { ["q1"] = 3, ["q2"] = 0 }));
            Assert.That(sent.Participants, Is.EqualTo(new[] { "family-worker", "teacher" }));
        });
    }

    [Test]
    public async Task A_screening_that_is_refused_keeps_its_answers()
    {
        var id = await Awaiting();
        _console.Owners.Refuse<RecordScreeningRequest>(id, StatusCode.Aborted, "platform.stale-version");
        var form = await _coordinator.Get($"/consultations/{id}/screenings");
        var refused = await _coordinator.Send(form, $"/consultations/{id}/screenings", ("answer:q1", "2"), ("participant", "teacher"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(refused.Text, Does.Match("name=\"answer:q1\" value=\"2\" checked").And.Match("value=\"teacher\" checked"));
        });

        Decided(id);
        var gone = await _coordinator.Send(form, $"/consultations/{id}/screenings", ("answer:q1", "2"));
        Assert.That((gone.Status, gone.Count("refusal")), Is.EqualTo((HttpStatusCode.Conflict, 1)), "Where the form has gone, the consultation says why.");
        Assert.That((await _coordinator.Get($"/consultations/{id}/screenings")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_profile_is_recorded_with_its_source_and_may_say_nothing_of_a_network_coordinator()
    {
        var id = await Awaiting();
        _console.Owners.Answer<RecordProfileRequest>(id, _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(page, $"/consultations/{id}/profile", ("tool", "suuntima"), ("source", "unit-a"), ("result", "network"), ("madeOn", "2026-11-20"), ("networkCoordinator", ""));
        Assert.That(Sent<RecordProfileRequest>(request => request.Id == id), Is.EqualTo(new RecordProfileRequest { Id = id, Tool = "suuntima", Source = "unit-a", Result = "network", MadeOn = "2026-11-20", ExpectedVersion = 4 }));
        await _coordinator.Send(page, $"/consultations/{id}/profile", ("tool", "suuntima"), ("source", "unit-a"), ("result", "network"), ("madeOn", "2026-11-20"), ("networkCoordinator", "no"));
        Assert.That(Sent<RecordProfileRequest>(request => request.Id == id) is { HasNetworkCoordinator: true, NetworkCoordinator: false });
    }

    [Test]
    public async Task A_coordinator_says_whether_a_network_coordinator_is_needed_and_hears_why_not()
    {
        var id = await Awaiting();
        _console.Owners.Refuse<SetNetworkCoordinatorRequest>(id, StatusCode.FailedPrecondition, "triage.network-coordinator-needed");
        var page = await _coordinator.Get($"/consultations/{id}");
        var refused = await _coordinator.Send(page, $"/consultations/{id}/network-coordinator", ("needed", "no"), ("reason", "coordinatedAlready"));
        var sent = Sent<SetNetworkCoordinatorRequest>(request => request.Id == id);
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("network-coordinator").Single(), Does.StartWith("Koordinaattori harkitsee"));
            Assert.That(sent, Is.EqualTo(new SetNetworkCoordinatorRequest { Id = id, Needed = false, ReasonCode = "coordinatedAlready", ExpectedVersion = 4 }));
            Assert.That(refused.Shown("refusal"), Is.EqualTo(new[] { "Mukana on niin monta palvelua, että verkostokoordinaattori tarvitaan aina." }));
            Assert.That(refused.Text, Does.Match("value=\"coordinatedAlready\" selected"));
        });
    }

    [Test]
    public async Task The_page_shows_who_is_asked_until_when_what_they_said_and_why_they_are_asked_no_more()
    {
        var id = await Awaiting();
        var (waiting, answered, over) = (Happenings.Expert(41).ToString(), Happenings.Expert(42).ToString(), Happenings.Expert(43).ToString());
        var now = DateTimeOffset.UtcNow;
        _console.Owners.Answer<GetCaseRequest>(id, _ => Case(id, new Assessor { ExpertId = waiting, ReasonCode = "riskAssessment", InvitedBy = "coordinator-sisa", InvitedAt = At(now), DueBy = At(now.AddDays(1)) },
            new Assessor { ExpertId = answered, ReasonCode = "specialKnowledge", InvitedBy = "coordinator-sisa", InvitedAt = At(now), DueBy = At(now.AddDays(1)), Marks = { "rare" }, TextId = Guid.CreateVersion7().ToString(), ContributedAt = At(now) },
            new Assessor { ExpertId = over, ReasonCode = "other", InvitedBy = "coordinator-sisa", InvitedAt = At(now), DueBy = At(now), ReleasedBecause = "noAnswer" }));
        _console.Owners.Answer<InviteAssessorRequest>(id, _ => new TriageCase());
        var page = await _coordinator.Get($"/consultations/{id}");
        await _coordinator.Send(page, $"/consultations/{id}/assessor", ("expertId", waiting), ("reason", "clientsWish"));
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("assessor"), Has.Count.EqualTo(3).And.Some.Contains("Riskin arviointi"));
            Assert.That(page.Shown("contribution").Single(), Does.Contain("harvinainen").And.Contain("teksti on pyynnön sanoissa"));
            Assert.That(page.Shown("released").Single(), Does.Contain("Ei vastausta määräajassa"));
            Assert.That(page.Count("asked-until"), Is.EqualTo(2));
            Assert.That(Sent<InviteAssessorRequest>(request => request.Id == id), Is.EqualTo(new InviteAssessorRequest { Id = id, ExpertId = waiting, ReasonCode = "clientsWish", ExpectedVersion = 4 }));
        });
    }

    [Test]
    public async Task Experts_of_the_topic_are_offered_with_what_tells_them_apart_and_without_the_pool_one_is_named_by_id()
    {
        var id = await Awaiting();
        const string Topic = "substance.child-or-youth";
        var (near, far) = (Happenings.Expert(44).ToString(), Happenings.Expert(45).ToString());
        _console.Owners.Answer<SearchRequest>(Topic, _ => new SearchResponse
        {
            Fits =
            {
                new Found { Expert = new Expert { ExpertId = near, Sector = "health", Profession = "psychologist", Organisation = "hospital-1", County = "pirkanmaa" } },
                new Found { Expert = new Expert { ExpertId = far, Sector = "ngo", Profession = "peer", Organisation = "ngo-1" } },
            },
            DoesNotFit = { new Found { Expert = new Expert { ExpertId = Happenings.Expert(46).ToString() } } },
        });
        var page = await _coordinator.Get($"/consultations/{id}");
        _console.Owners.Refuse<SearchRequest>(Topic, StatusCode.Unavailable, "platform.unavailable");
        var without = await _coordinator.Get($"/consultations/{id}");
        Assert.Multiple(() =>
        {
            Assert.That(page.Shown("assessor-expert-offered"), Is.EqualTo(new[] { $"tunnus …{near[^8..]}: Terveys · psychologist · hospital-1 · Pirkanmaa", $"tunnus …{far[^8..]}: Järjestö · peer · ngo-1 · –" }));
            Assert.That(page.Text, Does.Contain($"<option value=\"{near}\"").And.Contain("list=\"assessor-expert-offered\""));
            Assert.That(Sent<SearchRequest>(request => request.Topic == Topic), Is.EqualTo(new SearchRequest { Topic = Topic, County = "pirkanmaa", Weeks = 1 }));
            Assert.That((without.Count("form-assessor"), without.Count("assessor-expert"), without.Count("assessor-expert-offered")), Is.EqualTo((1, 1, 0)));
        });
    }

    [Test]
    public async Task Nothing_can_be_added_when_the_route_is_decided_or_by_another()
    {
        var id = await Awaiting();
        using var leader = await _console.Browser().SignedIn("leadership-sisa");
        var leaders = await leader.Get($"/consultations/{id}");
        Decided(id);
        var decided = await _coordinator.Get($"/consultations/{id}");
        Assert.Multiple(() =>
        {
            foreach (var page in new[] { leaders, decided })
            {
                Assert.That((page.Count("assessment-section"), page.Count("form-profile"), page.Count("form-assessor"), page.Count("form-networkCoordinator"), page.Count("fill-in")), Is.EqualTo((1, 0, 0, 0, 0)));
            }
        });
    }

    [Test]
    public async Task An_invited_expert_reads_the_words_and_says_what_they_find_and_nobody_else_does()
    {
        var expert = Happenings.Expert(44);
        var (told, id) = await Invited(expert, DateTimeOffset.UtcNow.AddDays(1));
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse());
        _console.Owners.Answer<ReadNarrativeRequest>(id, _ => new ReadNarrativeResponse { Narratives = { new Narrative { Kind = "question", Text = "Miten eteenpäin?" } } });
        _console.Owners.Answer<GetCaseRequest>(id, _ => Case(id));
        _console.Owners.Answer<PutNarrativeRequest>(id, request => new PutNarrativeResponse { TextId = request.TextId });
        _console.Owners.Refuse<ContributeRequest>(id, StatusCode.Unavailable, "platform.unavailable");
        using var browser = await _console.Browser().SignedInAsExpert(expert);
        using var other = await _console.Browser().SignedInAsExpert(Happenings.Expert(45));
        var list = await browser.Get("/invitations");
        var page = await browser.Get($"/assessments/{id}");
        var away = await browser.Send(page, $"/assessments/{id}", ("mark", "rare"), ("mark", "unclear"), ("text", "Näin näen sen."));
        _console.Owners.Answer<ContributeRequest>(id, _ => new TriageCase());
        var done = await browser.Send(away, $"/assessments/{id}", ("mark", "rare"), ("mark", "unclear"), ("text", "Näin näen sen."));
        var (put, sent) = (Sent<PutNarrativeRequest>(request => request.ConsultationId == id), Sent<ContributeRequest>(request => request.Id == id));
        Assert.Multiple(async () =>
        {
            Assert.That(list.Shown("to-assess").Single(), Does.Contain("Määräaika"));
            Assert.That(page.Shown("narrative"), Is.EqualTo(new[] { "Kysymys Miten eteenpäin?" }));
            Assert.That(page.Text, Does.Contain("Tarvitaan erityisosaamista"));
            Assert.That(away.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(away.Shown("assess-text"), Is.EqualTo(new[] { "Näin näen sen." }));
            Assert.That(away.Text, Does.Match("value=\"rare\" checked"));
            Assert.That(done.Location, Is.EqualTo("/invitations?done=contributed"));
            Assert.That((put.Kind, put.Text, sent.TextId), Is.EqualTo(("note", "Näin näen sen.", put.TextId)));
            Assert.That(Calls<PutNarrativeRequest>(request => request.ConsultationId == id).Select(request => request.TextId).Distinct().Count(), Is.EqualTo(1), "Sent again, the text is kept once.");
            Assert.That(sent.Marks, Is.EqualTo(new[] { "rare", "unclear" }));
            Assert.That((await other.Get($"/assessments/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await other.Get("/invitations")).Count("to-assess"), Is.Zero);
            Assert.That((await _coordinator.Get($"/assessments/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        });

        told.Triage(at => new AssessorReleased(told.Consultation, told.Consultation, "sisa", expert, Guid.CreateVersion7(), "routeDecided", at));
        await Last(told);
        Assert.That((await browser.Get($"/assessments/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await browser.Get("/invitations")).Count("to-assess"), Is.Zero);
    }

    [Test]
    public async Task Marks_alone_are_a_contribution_and_put_nothing_into_the_vault()
    {
        var expert = Happenings.Expert(46);
        var (_, id) = await Invited(expert, DateTimeOffset.UtcNow.AddDays(1));
        _console.Owners.Answer<ReadNarrativeRequest>(id, _ => new ReadNarrativeResponse());
        _console.Owners.Answer<ContributeRequest>(id, _ => new TriageCase());
        using var browser = await _console.Browser().SignedInAsExpert(expert);
        await browser.Send(await browser.Get($"/assessments/{id}"), $"/assessments/{id}", ("mark", "rare"));
        Assert.That(Sent<ContributeRequest>(request => request.Id == id), Is.EqualTo(new ContributeRequest { Id = id, Marks = { "rare" } }));
        Assert.That(Calls<PutNarrativeRequest>(request => request.ConsultationId == id), Is.Empty);
    }

    [Test]
    public async Task Whose_time_is_over_or_whose_matter_is_sees_it_no_more()
    {
        var expert = Happenings.Expert(47);
        _console.Owners.Answer<ListInvitationsRequest>(string.Empty, _ => new ListInvitationsResponse());
        var (_, late) = await Invited(expert, DateTimeOffset.UtcNow.AddMinutes(-1));
        var (withdrawn, over) = await Invited(expert, DateTimeOffset.UtcNow.AddDays(1));
        withdrawn.Intake(at => new ConsultationWithdrawn(withdrawn.Consultation, at));
        await Last(withdrawn);
        var (unconsented, ended) = await Invited(expert, DateTimeOffset.UtcNow.AddDays(1));
        unconsented.Intake(at => new ConsentEnded(unconsented.Consultation, "withdrawn", WorkEnds: true, at));
        await Last(unconsented);
        using var browser = await _console.Browser().SignedInAsExpert(expert);
        Assert.Multiple(async () =>
        {
            Assert.That((await browser.Get("/invitations")).Count("to-assess"), Is.Zero);
            foreach (var id in new[] { late, over, ended })
            {
                Assert.That((await browser.Get($"/assessments/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            }
        });
    }

    private static Timestamp At(DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    private static TriageCase Case(string id, params Assessor[] assessors) => new()
    {
        Id = id,
        Area = "sisa",
        Status = "awaitingConfirmation",
        RecommendedRoute = "hybridTeam",
        AllowedRoutes = { "hybridTeam", "expertConsultation" },
        OverrideReasons = { "other" },
        Version = 4,
        NetworkCoordinator = new NetworkCoordinatorNeed { Recommended = "coordinatorDecides" },
        Assessors = { assessors },
    };

    private async Task<string> Awaiting()
    {
        var id = (await _console.Told()).Consultation.ToString();
        _console.Owners.Answer<GetCaseRequest>(id, _ => Case(id));
        return id;
    }

    private void Decided(string id) => _console.Owners.Answer<GetCaseRequest>(id, _ =>
    {
        var decided = Case(id);
        decided.AllowedRoutes.Clear();
        decided.Status = "routeDecided";
        return decided;
    });

    private async Task<(Happenings Told, string Id)> Invited(Guid expert, DateTimeOffset dueBy)
    {
        var told = await _console.Told(told => told.Triage(at => new AssessorInvited(told.Consultation, told.Consultation, "sisa", expert, Guid.CreateVersion7(), "specialKnowledge", at, dueBy)));
        return (told, told.Consultation.ToString());
    }

    private async Task Last(Happenings told)
    {
        await _console.Journal.Publish(told.All[^1]);
        await _console.Journal.WrittenDown([told.All[^1]]);
    }

    private T Sent<T>(Func<T, bool> which) => Calls(which)[^1];

    private IReadOnlyList<T> Calls<T>(Func<T, bool> which) => [.. _console.Owners.Calls.Select(call => call.Request).OfType<T>().Where(which)];
}

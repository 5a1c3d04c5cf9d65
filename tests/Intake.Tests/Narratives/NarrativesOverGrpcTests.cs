using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Narratives;

/// <summary>otplatform.intake.v1.Narratives against a real store and a real broker.</summary>
[TestFixture]
internal sealed class NarrativesOverGrpcTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private GrpcChannel _channel = null!;
    private Protos.Intake.V1.Narratives.NarrativesClient _narratives = null!;
    private OtherServices _others = null!;
    private Metadata _coordinator = null!;
    private Metadata _expert = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("narratives");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _channel = _intake.OpenChannel();
        _narratives = new Protos.Intake.V1.Narratives.NarrativesClient(_channel);
        _others = new OtherServices(_intake);
        _coordinator = await _intake.TokenOf("coordinator-sisa");
        _expert = await _intake.TokenOf($"expert-{OtherServices.ExpertId}");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task R8_the_areas_coordinators_read_and_every_reading_is_written_down_with_its_purpose()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var read = await _narratives.ReadAsync(All(id), _coordinator);
        Assert.Multiple(async () =>
        {
            Assert.That(read.Narratives.Select(text => text.Kind), Does.Contain("question").And.Contain("triedSoFar"));
            Assert.That(read.Narratives.Single(text => text.Kind == "question").Text, Is.EqualTo(Calls.Sample()["question"]!.GetValue<string>()));
            Assert.That(await Readings(id, "coordinator-sisa", "triage"), Is.EqualTo(read.Narratives.Count));
        });
    }

    [Test]
    public async Task R8_after_the_last_day_of_their_part_an_expert_neither_reads_nor_writes()
    {
        await using var intake = await ServiceHost<Program>.Start("last_day");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var channel = intake.OpenChannel();
        var (narratives, others, expert) = (new Protos.Intake.V1.Narratives.NarrativesClient(channel), new OtherServices(intake), await intake.TokenOf($"expert-{OtherServices.ExpertId}"));
        var id = await others.Routed(partner, Route.HybridTeam);
        await others.Invited(id, Guid.CreateVersion7());
        await Eventually.Holds(async () => Assert.That((await narratives.ReadAsync(All(id), expert)).Narratives, Is.Not.Empty));
        await narratives.PutAsync(Text(id, "note", "Sana."), expert);
        await intake.PassTime(TimeSpan.FromDays(32));
        var later = await intake.TokenOf($"expert-{OtherServices.ExpertId}");
        Calls.Refused(async () => await narratives.ReadAsync(All(id), later), StatusCode.NotFound, "platform.not-found");
        Calls.Refused(async () => await narratives.PutAsync(Text(id, "note", "Toinen sana."), later), StatusCode.Aborted, "platform.stale-version");
    }

    [Test]
    public async Task R8_one_text_is_read_and_only_that_one_is_written_down()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var question = (await _narratives.ReadAsync(All(id), await _intake.TokenOf("partner-pirkanmaa"))).Narratives.Single(text => text.Kind == "question");
        var one = await _narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), TextId = question.TextId, Purpose = "audit" }, _coordinator);
        Assert.Multiple(async () =>
        {
            Assert.That(one.Narratives.Single(), Is.EqualTo(question));
            Assert.That(await Readings(id, "coordinator-sisa", "audit"), Is.EqualTo(1));
        });
    }

    [TestCase("coordinator-lansi")]
    [TestCase("partner-kainuu")]
    [TestCase("leadership-sisa")]
    [TestCase("integrator")]
    [TestCase("expert-00000000-0000-4000-8000-0000000000e9")]
    [TestCase("expert-nobody")]
    public async Task R8_for_everyone_else_there_is_nothing(string client)
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var token = await _intake.TokenOf(client);
        var refused = Calls.Refused(async () => await _narratives.ReadAsync(All(id), token), StatusCode.NotFound, "platform.not-found");
        var unknown = Calls.Refused(async () => await _narratives.ReadAsync(All(Guid.NewGuid()), token), StatusCode.NotFound, "platform.not-found");
        Assert.Multiple(async () =>
        {
            Assert.That(refused.Status.Detail, Is.EqualTo(unknown.Status.Detail));
            Assert.That(await Readings(id, client), Is.Zero);
        });
    }

    [TestCase("receiver-hospital-unit")]
    [TestCase("operator")]
    public async Task Without_the_scope_nothing_is_read(string client)
    {
        var token = await _intake.TokenOf(client);
        Calls.Refused(async () => await _narratives.ReadAsync(All(Guid.NewGuid()), token), StatusCode.PermissionDenied, "platform.not-allowed");
    }

    [Test]
    public void Nobody_without_a_token_gets_in() =>
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _narratives.ReadAsync(All(Guid.NewGuid())))!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));

    [Test]
    public async Task R8_an_expert_reads_from_the_invitation_until_the_no()
    {
        var (id, invitation) = (await _others.Routed(_partner, Route.HybridTeam), Guid.NewGuid());
        Assert.That(await MayRead(id), Is.False);
        await _others.Invited(id, invitation);
        await Eventually.Holds(() => MayRead(id));
        await _others.Declined(id, invitation);
        await Eventually.Holds(async () => !await MayRead(id));
    }

    [Test]
    public async Task C33_R8_an_assessor_reads_and_writes_from_the_invitation_until_the_release()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var (id, invitation, now) = ((await submitted.Json())["id"]!.GetValue<Guid>(), Guid.CreateVersion7(), DateTimeOffset.UtcNow);
        await _others.Opened(id);
        Assert.That(await MayRead(id), Is.False);
        var invited = new AssessorInvited(id, id, "sisa", OtherServices.ExpertId, invitation, "specialKnowledge", now, now.AddDays(3));
        await _others.Triage(id, invited);
        await Eventually.Holds(() => MayRead(id));
        await _narratives.PutAsync(Text(id, "note", "Sana."), _expert);
        await _others.Triage(id, new AssessorReleased(id, id, "sisa", OtherServices.ExpertId, Guid.CreateVersion7(), "timeOver", now));
        await _others.Triage(id, new AssessorReleased(id, id, "sisa", OtherServices.ExpertId, invitation, "routeDecided", now));
        await Eventually.Holds(async () => !await MayRead(id));
        await _others.Triage(id, invited with { InvitationId = Guid.CreateVersion7(), InvitedAt = now.AddMinutes(1) });
        await Eventually.Holds(() => MayRead(id));
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", read.Headers.ETag!.Tag);
        withdrawn.EnsureSuccessStatusCode();
        Assert.That(await MayRead(id), Is.False);
        await _others.Triage(id, invited with { InvitationId = Guid.CreateVersion7() });
        // Read from the same queue after it.
        await _others.Routed(_partner, Route.HybridTeam);
        Assert.That(await MayRead(id), Is.False, "Who is asked about what is withdrawn reads nothing.");
    }

    [Test]
    public async Task C33_R8_an_assessor_reads_no_more_after_the_day_of_their_date()
    {
        await using var intake = await ServiceHost<Program>.Start("assessor_end");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var channel = intake.OpenChannel();
        var (narratives, others, expert) = (new Protos.Intake.V1.Narratives.NarrativesClient(channel), new OtherServices(intake), await intake.TokenOf($"expert-{OtherServices.ExpertId}"));
        using var submitted = await partner.Submit(Calls.Sample());
        var (id, now) = ((await submitted.Json())["id"]!.GetValue<Guid>(), DateTimeOffset.UtcNow);
        await others.Opened(id);
        await others.Triage(id, new AssessorInvited(id, id, "sisa", OtherServices.ExpertId, Guid.CreateVersion7(), "specialKnowledge", now, now.AddDays(3)));
        await Eventually.Holds(() => MayRead(narratives, id, expert));
        intake.MoveClock(TimeSpan.FromDays(4));
        await Eventually.Holds(async () => !await MayRead(narratives, id, expert));
    }

    [Test]
    public async Task R8_a_member_reads_until_the_answer()
    {
        var id = await _others.Routed(_partner, Route.ExpertConsultation);
        await _others.Arranged(id);
        await Eventually.Holds(() => MayRead(id));
        await _others.Answered(id, Guid.CreateVersion7());
        await Eventually.Holds(async () => !await MayRead(id));
    }

    [Test]
    public async Task R8_a_membership_ends_with_its_last_day()
    {
        await using var intake = await ServiceHost<Program>.Start("narratives_end");
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        using var channel = intake.OpenChannel();
        var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(channel);
        var expert = await intake.TokenOf($"expert-{OtherServices.ExpertId}");
        var otherServices = new OtherServices(intake);
        var id = await otherServices.Routed(partner, Route.ExpertConsultation);
        await otherServices.Arranged(id);
        await Eventually.Holds(() => MayRead(narratives, id, expert));
        intake.MoveClock(TimeSpan.FromDays(15));
        await Eventually.Holds(async () => !await MayRead(narratives, id, expert));
    }

    [Test]
    public async Task R8_what_is_withdrawn_is_closed_to_experts()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _others.Invited(id, Guid.NewGuid());
        await Eventually.Holds(() => MayRead(id));
        using var read = await _partner.GetAsync($"/v1/consultations/{id}");
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", read.Headers.ETag!.Tag);
        withdrawn.EnsureSuccessStatusCode();
        Assert.That(await MayRead(id), Is.False);
    }

    [Test]
    public async Task R10_the_same_text_put_again_changes_nothing_and_another_one_is_refused()
    {
        var (id, textId) = (await _others.Routed(_partner, Route.ExpertConsultation), Guid.CreateVersion7());
        await _others.Arranged(id);
        await Eventually.Holds(() => MayRead(id));
        var put = new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = textId.ToString(), Kind = "answer", Text = "Vastaus kysymykseen." };
        await _narratives.PutAsync(put, _expert);
        await _narratives.PutAsync(put, _expert);
        Calls.Refused(async () => await _narratives.PutAsync(new PutNarrativeRequest(put) { Text = "Toinen." }, _expert), StatusCode.FailedPrecondition, "intake.narrative-differs");
        Calls.Refused(async () => await _narratives.PutAsync(new PutNarrativeRequest(put) { Kind = "note" }, _expert), StatusCode.FailedPrecondition, "intake.narrative-differs");
        var read = await _narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), TextId = textId.ToString(), Purpose = "answering" }, _coordinator);
        Assert.That(read.Narratives.Single().Text, Is.EqualTo("Vastaus kysymykseen."));
    }

    [Test]
    public async Task R10_one_text_put_many_times_at_once_stands_once()
    {
        var (id, textId) = (await _others.Routed(_partner, Route.ExpertConsultation), Guid.CreateVersion7());
        var put = new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = textId.ToString(), Kind = "answer", Text = "Vastaus." };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _narratives.PutAsync(put, _coordinator).ResponseAsync));
        Assert.That((await _narratives.ReadAsync(All(id), _coordinator)).Narratives.Count(text => text.TextId == textId.ToString()), Is.EqualTo(1));
    }

    [Test]
    public async Task A_text_is_put_by_those_who_work_on_the_matter_only()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        foreach (var (client, status, code) in new[]
        {
            ("coordinator-lansi", StatusCode.NotFound, "platform.not-found"), ("receiver-hospital-unit", StatusCode.NotFound, "platform.not-found"), ("partner-pirkanmaa", StatusCode.PermissionDenied, "platform.not-allowed"),
        })
        {
            var token = await _intake.TokenOf(client);
            Calls.Refused(async () => await _narratives.PutAsync(Text(id, "note", "Sana."), token), status, code);
        }

        Calls.Refused(async () => await _narratives.PutAsync(Text(Guid.NewGuid(), "note", "Sana."), _coordinator), StatusCode.NotFound, "platform.not-found");
    }

    [Test]
    public async Task R8_an_expert_without_a_part_puts_nothing_and_learns_nothing_by_it()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var known = Calls.Refused(async () => await _narratives.PutAsync(Text(id, "answer", "Sana."), _expert), StatusCode.Aborted, "platform.stale-version");
        var unknown = Calls.Refused(async () => await _narratives.PutAsync(Text(Guid.NewGuid(), "answer", "Sana."), _expert), StatusCode.Aborted, "platform.stale-version");
        Assert.That(known.Status.Detail, Is.EqualTo(unknown.Status.Detail));
    }

    [Test]
    public async Task R8_the_requesting_side_does_not_read_what_others_note_down()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var (note, partner) = (Text(id, "note", "Koordinaattorin oma muistiinpano."), await _intake.TokenOf("partner-pirkanmaa"));
        await _narratives.PutAsync(note, _coordinator);
        var read = await _narratives.ReadAsync(All(id), partner);
        Calls.Refused(
            async () => await _narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), TextId = note.TextId, Purpose = "triage" }, partner), StatusCode.NotFound, "platform.not-found");
        Assert.Multiple(async () =>
        {
            Assert.That(read.Narratives.Select(text => text.Kind), Does.Contain("question").And.Not.Contain("note"));
            Assert.That(await Readings(id, "partner-pirkanmaa"), Is.EqualTo(read.Narratives.Count), "What was not shown was not read.");
        });
    }

    [TestCase("rumour", "Sana.", "kind")]
    [TestCase("note", " ", "text")]
    [TestCase("note", "Tunnus 131052-9085.", "text")]
    public async Task R8_what_the_vault_does_not_take_is_named_and_not_repeated(string kind, string text, string field)
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        var refused = Calls.Refused(async () => await _narratives.PutAsync(Text(id, kind, text), _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.That(refused.Status.Detail, Does.Contain(field).And.Not.Contain("131052"));
    }

    [Test]
    public async Task A_text_has_20000_characters_at_most()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await _narratives.PutAsync(Text(id, "note", new string('a', 20_000)), _coordinator);
        Calls.Refused(async () => await _narratives.PutAsync(Text(id, "note", new string('a', 20_001)), _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
    }

    [Test]
    public async Task A_reading_without_a_known_purpose_is_refused()
    {
        var id = await _others.Routed(_partner, Route.HybridTeam);
        Calls.Refused(async () => await _narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "curiosity" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
    }

    private static ReadNarrativeRequest All(Guid id) => new() { ConsultationId = id.ToString(), Purpose = "triage" };

    private static PutNarrativeRequest Text(Guid id, string kind, string text) => new() { ConsultationId = id.ToString(), TextId = Guid.CreateVersion7().ToString(), Kind = kind, Text = text };

    private Task<bool> MayRead(Guid id) => MayRead(_narratives, id, _expert);

    private static async Task<bool> MayRead(Protos.Intake.V1.Narratives.NarrativesClient narratives, Guid id, Metadata reader)
    {
        try
        {
            return (await narratives.ReadAsync(All(id), reader)).Narratives.Count > 0;
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task<long> Readings(Guid id, string reader, string? purpose = null)
    {
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var count = store.CreateCommand("select count(*) from ot.mt_doc_textaccess where owner = $1 and data->>'reader' = $2 and ($3 = '' or data->>'purpose' = $3)");
        count.Parameters.AddWithValue(id);
        count.Parameters.AddWithValue(reader);
        count.Parameters.AddWithValue(purpose ?? string.Empty);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}

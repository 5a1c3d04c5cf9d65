using System.Net;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>Two requests about one matter, over the partner API: what comes of the case is for both, and neither sees the other's words (C-34).</summary>
[TestFixture]
internal sealed class LinkedRequestsTests
{
    private const string Answer = "Sopikaa yhteinen tapaaminen perheneuvolan kanssa.";
    private const string Added = "Koulun kanssa on puhuttu kahdesti.";
    private const string FirstWords = "Miten koulunkäynti saadaan takaisin?";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake_linked");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kanta-hame");
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task C34_both_requesters_see_that_they_are_linked_and_where_the_matter_goes()
    {
        var (first, second) = await Linked(Route.HybridTeam);
        var (one, other) = (await Read(_partner, first), await Read(_neighbour, second));
        Assert.Multiple(() =>
        {
            Assert.That((one["linkedTo"]!.GetValue<Guid>(), other["linkedTo"]!.GetValue<Guid>()), Is.EqualTo((second, first)));
            Assert.That((Status(one), Status(other)), Is.EqualTo(("teamBeingAssembled", "teamBeingAssembled")));
            Assert.That(other["dueBy"]!.GetValue<DateTimeOffset>(), Is.EqualTo(one["dueBy"]!.GetValue<DateTimeOffset>()));
            Assert.That(Steps(one).Concat(Steps(other)).Count(step => step.Contains("toinenkin pyyntö", StringComparison.Ordinal)), Is.EqualTo(2));
        });

        await _others.Activated(first);
        await Reached(_partner, first, "teamWorking");
        await Reached(_neighbour, second, "teamWorking");
        var team = await Read(_neighbour, second);
        Assert.Multiple(() =>
        {
            Assert.That(team["team"]!["members"]!.AsArray(), Has.Count.EqualTo(2));
            Assert.That(team["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("responsibleWorker"));
            Assert.That(team["responsible"]!.ToJsonString(), Does.Not.Contain("w-first").And.Not.Contain("w-second"), "The team's worker is the other's, whose reference is not for this requester.");
        });
    }

    [Test]
    public async Task R8_the_answer_is_for_both_and_stays_with_the_one_when_the_other_is_erased()
    {
        var (first, second) = await Linked(Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_neighbour, second, "consultationArranged");
        await AnswerTo(first);
        await Reached(_partner, first, "answered");
        await Reached(_neighbour, second, "answered");
        Assert.That(Words(await Read(_neighbour, second)), Is.EqualTo(Answer));
        Assert.That((await Read(_neighbour, second)).ToJsonString(), Does.Not.Contain(FirstWords).And.Not.Contain("w-first"));
        using var hidden = await _neighbour.GetAsync($"/v1/consultations/{first}");
        Assert.That(hidden.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        await Write(_partner, first, "erasure");
        var (erased, kept) = (await Read(_partner, first), await Read(_neighbour, second));
        Assert.Multiple(() =>
        {
            Assert.That((Status(erased), erased["answer"], erased["linkedTo"]), Is.EqualTo(("withdrawn", (JsonNode?)null, (JsonNode?)null)));
            Assert.That((Status(kept), Words(kept)), Is.EqualTo(("answered", Answer)));
        });
        await Write(_neighbour, second, "confirmation");
        Assert.That(Status(await Read(_neighbour, second)), Is.EqualTo("closed"));
    }

    [Test]
    public async Task C34_who_is_linked_to_an_answered_request_has_the_answer_and_its_own_time_to_object()
    {
        var first = await Submit(_partner, "first");
        await _others.Opened(first);
        await _others.Decided(first, Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_partner, first, "consultationArranged");
        await AnswerTo(first);
        await Reached(_partner, first, "answered");
        await Write(_partner, first, "confirmation");
        Assert.That(Status(await Read(_partner, first)), Is.EqualTo("closed"));

        var second = await Submit(_neighbour, "second");
        await _others.Opened(second);
        await _others.LinkedTo(second, first);
        await Reached(_neighbour, second, "answered");
        Assert.That(Words(await Read(_neighbour, second)), Is.EqualTo(Answer));
    }

    [Test]
    public async Task C34_R2_who_is_linked_to_an_answered_request_waits_for_a_coordinator_until_it_has_been_read()
    {
        var (first, second) = (await Submit(_partner, "first"), await Submit(_neighbour, "second"));
        await _others.Opened(first);
        await _others.Decided(first, Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_partner, first, "consultationArranged");
        await AnswerTo(first);
        await Reached(_partner, first, "answered");
        await _others.Opened(second);
        var due = DateTimeOffset.UtcNow.AddHours(5);
        await _others.Triage(second, new CasesLinked(second, second, "sisa", first, "platform", "sameMatter", DateTimeOffset.UtcNow, due));
        await Reached(_neighbour, second, "answered");
        var unread = await Read(_neighbour, second);
        Assert.That((Responsible(unread), Words(unread)), Is.EqualTo(("areaCoordinators", Answer)));
        Assert.That(unread["dueBy"]!.GetValue<DateTimeOffset>(), Is.EqualTo(due).Within(TimeSpan.FromMilliseconds(1)));
        Assert.That(Responsible(await Read(_partner, first)), Is.EqualTo("requester"), "The other's answer has been seen to.");

        await _others.RouteKept(first);
        await Eventually.Holds(async () => Assert.That(Responsible(await Read(_neighbour, second)), Is.EqualTo("requester")));
        Assert.That((await Read(_neighbour, second))["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(due));
    }

    [Test]
    public async Task R8_the_answer_to_another_matter_is_gone_when_a_coordinator_takes_the_link_back()
    {
        var (first, second) = await Linked(Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_neighbour, second, "consultationArranged");
        await AnswerTo(first);
        await Reached(_neighbour, second, "answered");
        Assert.That(Words(await Read(_neighbour, second)), Is.EqualTo(Answer));

        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, "coordinator-sisa", "byMistake", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(5)));
        await Reached(_neighbour, second, "inTriage");
        Assert.Multiple(async () =>
        {
            Assert.That((await Read(_neighbour, second))["answer"], Is.Null);
            Assert.That(await Narratives(second), Does.Not.Contain(Answer));
            Assert.That(Words(await Read(_partner, first)), Is.EqualTo(Answer));
        });
    }

    [TestCase("coordinator-sisa", false)]
    [TestCase("coordinator-sisa", true)]
    [TestCase("platform", false)]
    public async Task R10_a_requests_own_answer_that_comes_before_the_end_of_its_link_is_kept_and_stands(string by, bool confirmed)
    {
        var (first, second) = await Linked(Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_neighbour, second, "consultationArranged");
        var unlinked = DateTimeOffset.UtcNow;
        var decided = unlinked.AddTicks(10);
        await AnswerTo(second, decided);
        await Reached(_neighbour, second, "answered");
        if (confirmed)
        {
            await Write(_neighbour, second, "confirmation");
        }

        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, by, "otherMatter", unlinked, unlinked.AddHours(5)));
        await _others.Triage(second, new RouteDecided(second, second, "sisa", Route.ExpertConsultation, [], [], false, false, ["social"], "default.1", "coordinator-sisa", null, decided, decided.AddDays(3)));
        await Eventually.Holds(async () => Assert.That((await Read(_neighbour, second))["linkedTo"], Is.Null));
        var kept = await Read(_neighbour, second);
        Assert.That((Status(kept), Words(kept)), Is.EqualTo((confirmed ? "closed" : "answered", Answer)));
        Assert.That(Actions(kept), Does.Contain(confirmed ? "reopening" : "objection"));
        Assert.That(await Narratives(second), Does.Contain(Answer));
        if (!confirmed)
        {
            await Write(_neighbour, second, "confirmation");
        }
    }

    [Test]
    public async Task R10_what_a_requester_adds_before_the_end_of_its_link_is_read_is_kept_and_who_it_waits_for_is_told()
    {
        var (first, second) = (await Submit(_partner, "first"), await Submit(_neighbour, "second"));
        await _others.Opened(first);
        await _others.Opened(second);
        await _others.LinkedTo(second, first);
        var now = DateTimeOffset.UtcNow;
        await _others.Triage(first, new InformationRequested(first, first, "sisa", ["triedSoFar"], now, now.AddDays(3)));
        await Reached(_neighbour, second, "needsInformation");
        var unlinked = DateTimeOffset.UtcNow;
        using (var read = await _neighbour.GetAsync($"/v1/consultations/{second}"))
        using (var added = await _neighbour.Write($"/v1/consultations/{second}/information", read.Headers.ETag!.Tag, new JsonObject { ["text"] = Added }))
        {
            Assert.That(added.StatusCode, Is.EqualTo(HttpStatusCode.OK), await added.Content.ReadAsStringAsync());
        }

        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, "coordinator-sisa", "otherMatter", unlinked, unlinked.AddHours(5)));
        await Eventually.Holds(async () => Assert.That((await Read(_neighbour, second))["linkedTo"], Is.Null));
        var alone = await Read(_neighbour, second);
        Assert.That((Status(alone), Responsible(alone)), Is.EqualTo(("inTriage", "areaCoordinators")));
        Assert.That(Actions(alone), Does.Contain("information"));
        Assert.That(await Narratives(second), Does.Contain(Added));
    }

    [Test]
    public async Task R8_the_answer_to_a_later_decision_on_the_others_matter_is_taken_back_too()
    {
        var (first, second) = await Linked(Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_neighbour, second, "consultationArranged");
        var unlinked = DateTimeOffset.UtcNow;
        await AnswerTo(first, unlinked.AddTicks(10));
        await Reached(_neighbour, second, "answered");
        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, "coordinator-sisa", "otherMatter", unlinked, unlinked.AddHours(5)));
        await Reached(_neighbour, second, "inTriage");
        Assert.That((await Read(_neighbour, second))["answer"], Is.Null);
        Assert.That(await Narratives(second), Does.Not.Contain(Answer));
    }

    [Test]
    public async Task R1_when_the_other_is_withdrawn_the_request_goes_on_by_itself()
    {
        var (first, second) = await Linked(Route.HybridTeam);
        await Write(_partner, first, "withdrawal");
        var now = DateTimeOffset.UtcNow;
        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, "platform", "withdrawn", now, now.AddHours(5)));
        await _others.Triage(second, new CaseReassessed(second, second, "sisa", false, "default.1", now, now.AddHours(5)));
        await Reached(_neighbour, second, "inTriage");
        var alone = await Read(_neighbour, second);
        Assert.Multiple(async () =>
        {
            Assert.That((alone["linkedTo"], alone["route"], alone["responsible"]!["kind"]!.GetValue<string>()), Is.EqualTo(((JsonNode?)null, (JsonNode?)null, "areaCoordinators")));
            Assert.That(alone["dueBy"], Is.Not.Null);
            Assert.That((await Read(_partner, first))["linkedTo"], Is.Null);
        });

        // Nothing that is still said about the other's case is for this one any more.
        await _others.Decided(first, Route.ServiceGap);
        await _others.Decided(second, Route.SpecialLevel);
        await Reached(_neighbour, second, "referralProposed");
    }

    [Test]
    public async Task R8_an_expert_of_the_case_may_read_both_requests_words_until_they_are_unlinked()
    {
        var (first, second) = await Linked(Route.ExpertConsultation);
        await _others.Arranged(first);
        await Reached(_neighbour, second, "consultationArranged");
        using var channel = _intake.OpenChannel();
        var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(channel);
        var expert = await _intake.TokenOf($"expert-{OtherServices.ExpertId}");
        foreach (var id in new[] { first, second })
        {
            Assert.That((await narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "answering" }, expert)).Narratives, Is.Not.Empty);
        }

        await _others.Triage(second, new CaseUnlinked(second, second, "sisa", first, "coordinator-sisa", "otherMatter", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(5)));
        await Reached(_neighbour, second, "inTriage");
        Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = second.ToString(), Purpose = "answering" }, expert));
        Assert.That((await narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = first.ToString(), Purpose = "answering" }, expert)).Narratives, Is.Not.Empty);
    }

    /// <summary>Two requests of two partners, the second linked to the first after its route was decided.</summary>
    private async Task<(Guid First, Guid Second)> Linked(Route route)
    {
        var (first, second) = (await Submit(_partner, "first"), await Submit(_neighbour, "second"));
        await _others.Opened(first);
        await _others.Opened(second);
        await _others.Decided(first, route);
        await _others.LinkedTo(second, first);
        await Eventually.Holds(async () =>
        {
            Assert.That((await Read(_partner, first))["linkedTo"], Is.Not.Null);
            Assert.That((await Read(_neighbour, second))["route"], Is.Not.Null);
        });
        return (first, second);
    }

    private static async Task<Guid> Submit(HttpClient partner, string which)
    {
        using var submitted = await partner.Submit(Calls.Sample(body =>
        {
            body["county"] = which == "first" ? "pirkanmaa" : "kanta-hame";
            body["municipality"] = null;
            body["question"] = which == "first" ? FirstWords : "Kuka voisi auttaa kotona?";
            body["responsibleWorker"] = new JsonObject { ["role"] = "own-worker", ["unit"] = "A unit", ["ref"] = $"w-{which}" };
        }));
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await submitted.Content.ReadAsStringAsync());
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private async Task<IReadOnlyList<string>> Narratives(Guid id)
    {
        using var channel = _intake.OpenChannel();
        var read = await new Protos.Intake.V1.Narratives.NarrativesClient(channel).ReadAsync(
            new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "triage" }, await _intake.TokenOf("coordinator-sisa"));
        return [.. read.Narratives.Select(text => text.Text)];
    }

    /// <param name="decided">The decision that it belongs to; null for one of now.</param>
    private async Task AnswerTo(Guid id, DateTimeOffset? decided = null)
    {
        using var channel = _intake.OpenChannel();
        var text = Guid.CreateVersion7();
        await new Protos.Intake.V1.Narratives.NarrativesClient(channel).PutAsync(
            new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = text.ToString(), Kind = "answer", Text = Answer }, await _intake.TokenOf("coordinator-sisa"));
        await _others.Answered(id, text, decided);
    }

    private static async Task Write(HttpClient partner, Guid id, string what)
    {
        using var read = await partner.GetAsync($"/v1/consultations/{id}");
        using var written = await partner.Write($"/v1/consultations/{id}/{what}", read.Headers.ETag!.Tag);
        Assert.That(written.StatusCode, Is.EqualTo(HttpStatusCode.OK), await written.Content.ReadAsStringAsync());
    }

    private static async Task<JsonObject> Read(HttpClient partner, Guid id)
    {
        using var read = await partner.GetAsync($"/v1/consultations/{id}");
        return await read.Json();
    }

    private static Task Reached(HttpClient partner, Guid id, string status) => Eventually.Holds(async () => Assert.That(Status(await Read(partner, id)), Is.EqualTo(status)));

    private static string Status(JsonObject consultation) => consultation["status"]!.GetValue<string>();

    private static string Responsible(JsonObject consultation) => consultation["responsible"]!["kind"]!.GetValue<string>();

    private static IEnumerable<string> Actions(JsonObject consultation) => consultation["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>());

    private static string? Words(JsonObject consultation) => consultation["answer"]?["text"]?.GetValue<string>();

    private static IEnumerable<string> Steps(JsonObject consultation) => consultation["timeline"]!.AsArray().Select(step => step!["what"]!.GetValue<string>());
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Protos.ExpertPool.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Journeys;

/// <summary>
/// An area that the product has never heard of, with its county, its policy and a topic that it leads, all of it only in the reference data
/// that the services are pointed at: the same processes as ever take its requests to an answer (C-32, A2-01).
/// </summary>
[TestFixture]
internal sealed class FurtherAreaTests
{
    private const string Area = "saaristo";
    private const string County = "ulkosaaristo";
    private const string Led = "island.isolation";
    private const string LedByNobody = "substance.child-or-youth";
    private const string DistantExpert = "019ab000-e000-7000-8000-0000000000a1";
    private const string IslandExpert = "019ab000-e000-7000-8000-0000000000a2";
    private const string NeighbouringExpert = "019ab000-e000-7000-8000-0000000000a3";
    private readonly string _catalogue = Directory.CreateTempSubdirectory("ot-catalogue-").FullName;
    private RunningSystem _system = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        WriteCatalogue();
        _system = await RunningSystem.Start(settings: new Dictionary<string, string> { ["Catalogue__Path"] = _catalogue });
        await Register(DistantExpert, "lappi", Led, LedByNobody);
        await Register(IslandExpert, County, Led, LedByNobody);
        await Register(NeighbouringExpert, "kanta-hame", LedByNobody);
        await Eventually.Holds(async () => Assert.That(await _system.Count("teamAssembly", "ot.mt_doc_candidateentry"), Is.EqualTo(3)));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _system.DisposeAsync();
        Directory.Delete(_catalogue, recursive: true);
    }

    [Test]
    public async Task G9_17_a_topic_with_a_lead_area_is_taken_there_and_one_without_stays_in_its_own_area()
    {
        using var partner = await _system.ClientOf("intake", "partner-pirkanmaa");
        using var coordinator = await _system.ClientOf("triage", "coordinator-sisa");
        var (led, own) = (await Submit(partner, "pirkanmaa", Led), await Submit(partner, "pirkanmaa", LedByNobody));
        await Decide(coordinator, led);
        await Decide(coordinator, own);

        // The distant one comes first by id and is as free as the others: only the lead area, and the own area, put anybody before them.
        Assert.That((await Invitation(led)).Expert, Is.EqualTo(IslandExpert));
        Assert.That((await Invitation(own)).Expert, Is.EqualTo(NeighbouringExpert));
        Assert.That(await Distance(led, "coordinator-sisa"), Is.EqualTo(2), "The lead area's step.");
        Assert.That(await Distance(own, "coordinator-sisa"), Is.EqualTo(1), "The own area's step.");
        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    [Test]
    public async Task G9_17_an_area_that_is_only_in_the_reference_data_takes_its_requests_to_an_expert_by_its_own_policy()
    {
        using var partner = await _system.ClientOf("intake", $"partner-{County}");
        using var coordinator = await _system.ClientOf("triage", $"coordinator-{Area}");
        using var stranger = await _system.ClientOf("triage", "coordinator-sisa");
        var id = await Submit(partner, County, Led, body => body["safety"] = new JsonObject { ["highRisk"] = true });
        var received = await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}");
        Assert.That(received!["responsible"]!["name"]!.GetValue<string>(), Is.EqualTo("Saariston OT-koordinaattorit"));

        using var queues = GrpcChannel.ForAddress(_system.Endpoints.Grpc["coordination"]);
        await Eventually.Holds(async () => Assert.That(
            (await new Queues.QueuesClient(queues).ListAsync(new ListQueueRequest(), await Bearer($"coordinator-{Area}"))).Entries.Select(entry => (entry.ConsultationId, entry.Area, entry.County)),
            Does.Contain((id.ToString(), Area, County))));
        Assert.That((await new Queues.QueuesClient(queues).ListAsync(new ListQueueRequest(), await Bearer("coordinator-sisa"))).Entries.Select(entry => entry.Area), Has.None.EqualTo(Area));
        using var unseen = await stranger.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative));
        Assert.That(unseen.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        // High risk is never routed by the policy alone, what is clear is: this area lets it.
        await Decide(coordinator, id);
        var clear = await Submit(partner, County, Led);
        foreach (var (one, decidedBy) in new[] { (id, $"coordinator-{Area}"), (clear, "policy") })
        {
            var (invitation, expert) = await Invitation(one);
            Assert.That(expert, Is.EqualTo(IslandExpert));
            using var channel = GrpcChannel.ForAddress(_system.Endpoints.Grpc["teamAssembly"]);
            await new Teams.TeamsClient(channel).AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = invitation }, await Bearer($"expert-{expert}"));
            await Eventually.Holds(async () => Assert.That((await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{one}"))!["status"]!.GetValue<string>(), Is.EqualTo("consultationArranged")));
            var weighed = await coordinator.GetFromJsonAsync<JsonObject>($"/v1/cases/{one}");
            Assert.That((weighed!["policyVersion"]!.GetValue<string>(), weighed["decidedBy"]!.GetValue<string>()), Is.EqualTo(($"default.1+{Area}.1", decidedBy)));
            Assert.That(await Distance(one, $"coordinator-{Area}"), Is.Zero, "The own county's step.");
        }

        Assert.That(await _system.FailedMessages(), Is.Zero);
    }

    [Test]
    public async Task G9_17_danger_in_an_area_that_is_only_in_the_reference_data_is_answered_with_its_countys_words()
    {
        using var partner = await _system.ClientOf("intake", $"partner-{County}");
        using var submitted = await partner.Submit(Body(County, Led, body => body["safety"] = new JsonObject { ["immediateDanger"] = true }));
        Assert.That((await submitted.Json())["emergency"]!["text"]!.GetValue<string>(), Does.Contain("Ulkosaaristo"));

        using var experts = GrpcChannel.ForAddress(_system.Endpoints.Grpc["expertPool"]);
        var found = await new Experts.ExpertsClient(experts).SearchAsync(new SearchRequest { Topic = Led, Area = Area, WeeklyHours = 1, Weeks = 1 }, await Bearer("integrator"));
        Assert.That(found.Fits.Select(one => (one.Expert.ExpertId, one.Expert.Area)), Does.Contain((IslandExpert, Area)));
    }

    /// <summary>The reference data as shipped, with the area, its county, its policy and its topic added: no other difference.</summary>
    private void WriteCatalogue()
    {
        foreach (var file in Directory.GetFiles(Repository.CataloguePath, "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_catalogue, Path.GetRelativePath(Repository.CataloguePath, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Change("areas.json", file =>
        {
            JsonObject Party(string name) => new() { ["fi"] = $"Saariston {name}", ["sv"] = $"Skärgårdens {name}", ["en"] = $"Archipelago {name}", ["contact"] = "ot@saaristo.example" };
            file["areas"]!.AsArray().Add(new JsonObject
            {
                ["code"] = Area,
                ["fi"] = "Saaristo",
                ["sv"] = "Skärgården",
                ["en"] = "Archipelago",
                ["counties"] = new JsonArray(County),
                ["coordinators"] = Party("OT-koordinaattorit"),
                ["coordinatingTeam"] = Party("johtamistiimi"),
            });
            file["counties"]!.AsArray().Add(new JsonObject { ["code"] = County, ["fi"] = "Ulkosaaristo", ["sv"] = "Yttre skärgården" });
        });
        Change("topics.json", file => file["topics"]!.AsArray().Add(new JsonObject
        {
            ["code"] = Led,
            ["class"] = "multidisciplinary",
            ["rareByDefault"] = false,
            ["level"] = "any",
            ["impliesMarks"] = new JsonArray(),
            ["sectors"] = new JsonArray("social"),
            ["urgency"] = "routine",
            ["fi"] = "Syrjässä saaressa",
            ["sv"] = "Isolerad på en ö",
            ["en"] = "Isolated on an island",
            ["validFrom"] = "2026-01-01",
        }));
        Change(Path.Combine("policies", "default.json"), file => file["team"]!["leadAreas"] = new JsonObject { [Led] = Area });
        Directory.CreateDirectory(Path.Combine(_catalogue, "policies", "areas"));
        File.WriteAllText(Path.Combine(_catalogue, "policies", "areas", $"{Area}.json"), """{ "version": 1, "triage": { "confirmation": "whenUnclear" } }""");
    }

    private void Change(string name, Action<JsonObject> change)
    {
        var path = Path.Combine(_catalogue, name);
        var file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(file);
        File.WriteAllText(path, file.ToJsonString());
    }

    private async Task Register(string expert, string county, params string[] topics)
    {
        using var channel = GrpcChannel.ForAddress(_system.Endpoints.Grpc["expertPool"]);
        await new Experts.ExpertsClient(channel).RegisterAsync(
            new RegisterExpertRequest
            {
                ExpertId = expert,
                Sector = "social",
                Profession = "social-worker",
                Organisation = $"{county}-wellbeing",
                Engagement = "ownStaff",
                County = county,
                Topics = { topics },
                Languages = { "fi" },
                Channels = { "virtual", "networkMeeting" },
                WeeklyHours = 20,
                AgreementFrom = "2026-01-01",
                EmployerConsents = true,
            },
            await Bearer("integrator"));
    }

    private static JsonObject Body(string county, string topic, Action<JsonObject>? change = null) => Calls.Sample(body =>
    {
        (body["county"], body["topics"], body["marks"]) = (county, new JsonArray(topic), new JsonArray());
        body["involvedServices"] = new JsonArray("school");
        body["urgency"] = "routine";
        body.Remove("wishedChannels");
        change?.Invoke(body);
    });

    private static async Task<Guid> Submit(HttpClient partner, string county, string topic, Action<JsonObject>? change = null)
    {
        using var submitted = await partner.Submit(Body(county, topic, change));
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await submitted.Content.ReadAsStringAsync());
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    private static Task Decide(HttpClient coordinator, Guid id) => Eventually.Holds(async () =>
    {
        using var read = await coordinator.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative));
        using var decided = await coordinator.Write($"/v1/cases/{id}/route", read.Headers.ETag!.Tag, new JsonObject { ["route"] = "expertConsultation", ["reasonCode"] = "capacity" });
        decided.EnsureSuccessStatusCode();
    });

    private async Task<(string Id, string Expert)> Invitation(Guid id)
    {
        IReadOnlyList<string> found = [];
        await Eventually.Holds(async () =>
        {
            found = await _system.Rows("teamAssembly", $"select data ->> 'invitationId' || ' ' || (data ->> 'expertId') from ot.mt_events where stream_id = '{id}' and type = 'expert_invited'");
            Assert.That(found, Has.Count.EqualTo(1));
        });
        return found[0].Split(' ') is [var invitation, var expert] ? (invitation, expert) : throw new InvalidOperationException(found[0]);
    }

    /// <summary>The distance step of the one who was chosen, as explained.</summary>
    private async Task<int> Distance(Guid id, string who)
    {
        using var channel = GrpcChannel.ForAddress(_system.Endpoints.Grpc["teamAssembly"]);
        return (await new Teams.TeamsClient(channel).ExplainAsync(new GetTeamRequest { Id = id.ToString() }, await Bearer(who))).Members.Single().Distance;
    }

    private async Task<Metadata> Bearer(string client) => new() { { "authorization", $"Bearer {await _system.Token(client)}" } };
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Tests.KnowledgeHolders;

/// <summary>otplatform.expertpool.v1.Catalogue and /v1/knowledge-holders against a real store and a real broker.</summary>
[TestFixture]
internal sealed class KnowledgeHoldersApiTests
{
    private ServiceHost<Program> _pool = null!;
    private OtherServices _others = null!;
    private GrpcChannel _channel = null!;
    private Wire.Catalogue.CatalogueClient _catalogue = null!;
    private HttpClient _rest = null!;
    private HttpClient _readingRest = null!;
    private Metadata _integrator = null!;
    private Metadata _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await ServiceHost<Program>.Start("knowledge_holders");
        _others = await OtherServices.Of(_pool, Topology.TriageKnowledgeHolder);
        _channel = GrpcChannel.ForAddress(_pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _pool.Server.CreateHandler() });
        _catalogue = new Wire.Catalogue.CatalogueClient(_channel);
        _rest = await _pool.ClientFor("integrator");
        _readingRest = await _pool.ClientFor("coordinator-sisa");
        _integrator = new Metadata { { "authorization", _rest.DefaultRequestHeaders.Authorization!.ToString() } };
        _coordinator = new Metadata { { "authorization", _readingRest.DefaultRequestHeaders.Authorization!.ToString() } };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _rest.Dispose();
        _readingRest.Dispose();
        _channel.Dispose();
        await _others.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task C04_a_holder_of_knowledge_is_registered_told_to_the_others_listed_and_ended()
    {
        var asked = Request("crime.serious-rare");
        var registered = await _catalogue.RegisterKnowledgeHolderAsync(asked, _integrator);
        var again = await _catalogue.RegisterKnowledgeHolderAsync(asked, _integrator);
        var told = await Told("KnowledgeHolderRegistered", asked.HolderId);
        var listed = await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", Topic = "crime.serious-rare" }, _coordinator);
        var ended = await _catalogue.EndKnowledgeHolderAsync(new Wire.EndKnowledgeHolderRequest { HolderId = asked.HolderId, ReasonCode = "closed-down" }, _integrator);
        var toldOfItsEnd = await Told("KnowledgeHolderEnded", asked.HolderId);
        var without = await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", Topic = "crime.serious-rare" }, _coordinator);
        var all = await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", Topic = "crime.serious-rare", AlsoEnded = true }, _coordinator);
        var other = await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", Topic = "forensic-psychiatry", AlsoEnded = true }, _coordinator);
        Assert.Multiple(() =>
        {
            Assert.That((registered.InForce, registered.Version, registered.Name.Sv), Is.EqualTo((true, 1, "Kunskapsenheten")));
            Assert.That(registered.Topics, Is.EqualTo(new[] { "crime.mental-state-examination", "crime.serious-rare" }), "Sorted, each once.");
            Assert.That(again, Is.EqualTo(registered));
            Assert.That(told.GetProperty("holderId").GetString(), Is.EqualTo(asked.HolderId));
            Assert.That(told.GetProperty("name").GetProperty("fi").GetString(), Is.EqualTo("Tietoyksikkö"));
            Assert.That(told.GetProperty("contact").GetString(), Is.EqualTo("neuvonta@tieto.example"));
            Assert.That(listed.KnowledgeHolders.Select(holder => holder.HolderId), Is.EqualTo(new[] { asked.HolderId }));
            Assert.That((ended.InForce, ended.Version), Is.EqualTo((false, 2)));
            Assert.That(toldOfItsEnd.GetProperty("reasonCode").GetString(), Is.EqualTo("closed-down"));
            Assert.That(without.KnowledgeHolders, Is.Empty);
            Assert.That(all.KnowledgeHolders.Select(holder => holder.InForce), Is.EqualTo(new[] { false }));
            Assert.That(other.KnowledgeHolders, Is.Empty);
        });
    }

    [Test]
    public async Task Over_rest_it_is_the_same()
    {
        var body = Body();
        using var registered = await _rest.PostAsJsonAsync("/v1/knowledge-holders", body);
        using var again = await _rest.PostAsJsonAsync("/v1/knowledge-holders", body);
        using var read = await _readingRest.GetAsync(registered.Headers.Location);
        using var ended = await _rest.PostAsJsonAsync($"{registered.Headers.Location}/end", new JsonObject { ["reasonCode"] = "closed-down" });
        using var listed = await _readingRest.GetAsync("/v1/knowledge-holders?topic=somatic.most-demanding");
        using var wrong = await _rest.PostAsJsonAsync("/v1/knowledge-holders", Body(changed => changed["topics"] = new JsonArray("magic")));
        using var forbidden = await _readingRest.PostAsJsonAsync("/v1/knowledge-holders", body);
        using var nowhere = await _rest.PostAsJsonAsync($"/v1/knowledge-holders/{Guid.NewGuid()}/end", new JsonObject { ["reasonCode"] = "closed-down" });
        var answer = await read.Json();
        Assert.Multiple(async () =>
        {
            Assert.That((registered.StatusCode, again.StatusCode, again.Headers.ETag!.Tag), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK, "\"1\"")));
            Assert.That(answer["name"]!["en"]!.GetValue<string>(), Is.EqualTo("Tietoyksikkö"), "A language without a name has the Finnish one.");
            Assert.That(answer["inForce"]!.GetValue<bool>(), Is.True);
            Assert.That((await ended.Json())["inForce"]!.GetValue<bool>(), Is.False);
            Assert.That((await listed.Json())["items"]!.AsArray(), Is.Empty);
            Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]!["$.topics[0]"], Is.Not.Null);
            Assert.That(forbidden.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
            await nowhere.ShowsProblem(HttpStatusCode.NotFound, "expert-pool.knowledge-holder-unknown");
        });
    }

    [Test]
    public async Task A_list_comes_a_page_at_a_time()
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var request = Request("disability.non-communicating");
            request.HolderId = string.Empty;
            await _catalogue.RegisterKnowledgeHolderAsync(request, _integrator);
        }

        var wanted = new Wire.ListRequest { List = "knowledgeHolders", Topic = "disability.non-communicating", PageSize = 2 };
        var first = await _catalogue.ListAsync(wanted, _coordinator);
        wanted.PageToken = first.NextPageToken;
        var second = await _catalogue.ListAsync(wanted, _coordinator);
        Assert.Multiple(() =>
        {
            Assert.That((first.KnowledgeHolders.Count, second.KnowledgeHolders.Count, second.NextPageToken), Is.EqualTo((2, 1, string.Empty)));
            Assert.That(first.KnowledgeHolders.Concat(second.KnowledgeHolders).Select(holder => holder.HolderId).Distinct().Count(), Is.EqualTo(3));
        });
    }

    [Test]
    public void What_is_wrong_with_a_question_is_said()
    {
        Calls.Refused(async () => await _catalogue.ListAsync(new Wire.ListRequest { List = "people" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", PageToken = "x" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _catalogue.ListAsync(new Wire.ListRequest { List = "knowledgeHolders", Topic = "magic" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _catalogue.RegisterKnowledgeHolderAsync(Request("adoption"), _coordinator))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Calls.Refused(async () => await _catalogue.EndKnowledgeHolderAsync(new Wire.EndKnowledgeHolderRequest { HolderId = "x", ReasonCode = "closed-down" }, _integrator), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _catalogue.EndKnowledgeHolderAsync(new Wire.EndKnowledgeHolderRequest { HolderId = Guid.NewGuid().ToString(), ReasonCode = "closed-down" }, _integrator), StatusCode.NotFound, "expert-pool.knowledge-holder-unknown");
    }

    /// <summary>What the others are told of this one; what they are told of another is passed over.</summary>
    private async Task<JsonElement> Told(string kind, string holder)
    {
        while (true)
        {
            if (await _others.Next(kind) is var told && told.GetProperty("holderId").GetString() == holder)
            {
                return told;
            }
        }
    }

    private static Wire.RegisterKnowledgeHolderRequest Request(string topic) => new()
    {
        HolderId = Guid.CreateVersion7().ToString(),
        Name = new Wire.Name { Fi = "Tietoyksikkö", Sv = "Kunskapsenheten", En = "Knowledge unit" },
        Country = "FI",
        Topics = { topic, "crime.mental-state-examination", topic },
        Languages = { "fi" },
        Contact = "neuvonta@tieto.example",
        ValidUntil = "2099-12-31",
    };

    private static JsonObject Body(Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["name"] = new JsonObject { ["fi"] = "Tietoyksikkö" },
            ["holderId"] = Guid.CreateVersion7().ToString(),
            ["country"] = "SE",
            ["topics"] = new JsonArray("somatic.most-demanding"),
            ["languages"] = new JsonArray("sv"),
            ["contact"] = "https://kunskap.example",
            ["validUntil"] = "2099-12-31",
        };
        change?.Invoke(body);
        return body;
    }
}

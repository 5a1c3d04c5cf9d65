using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>How a partner's system keeps up without asking again and again, and finds what it has sent.</summary>
[TestFixture]
internal sealed class FollowingApiTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("intake");
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task Each_step_comes_as_an_event_named_by_its_status_while_one_listens()
    {
        var (path, version) = await Submitted();
        using var limit = new CancellationTokenSource(Generous);
        await using var events = Events(path, null, limit.Token);

        var first = await Next(events);
        await Withdraw(path, version);
        var second = await Next(events);
        var read = JsonNode.Parse(second.Data)!;
        Assert.Multiple(() =>
        {
            Assert.That((first.EventType, first.EventId), Is.EqualTo(("received", "1")));
            Assert.That((second.EventType, second.EventId), Is.EqualTo(("withdrawn", "2")));
            Assert.That(read["status"]!.GetValue<string>(), Is.EqualTo("withdrawn"));
            Assert.That(read["what"]!.GetValue<string>(), Is.Not.Empty);
            Assert.That(path, Does.EndWith(read["consultationId"]!.GetValue<string>()));
        });
    }

    [Test]
    public async Task Whoever_comes_back_hears_what_came_meanwhile_once_and_nothing_twice()
    {
        var (path, version) = await Submitted();
        await Withdraw(path, version);
        using var limit = new CancellationTokenSource(Generous);
        await using var events = Events(path, "1", limit.Token);
        Assert.That((await Next(events)).EventType, Is.EqualTo("withdrawn"));

        // What is up to date hears nothing until something happens, but is kept alive.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/events");
        request.Headers.Add("Last-Event-ID", "2");
        using var answer = await _partner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        var heard = new List<string?>();
        for (var line = 0; line < 3; line++)
        {
            heard.Add(await lines.ReadLineAsync(limit.Token));
        }

        Assert.That(heard, Is.EqualTo(["retry: 2000", string.Empty, ": "]));
    }

    [TestCase("yesterday")]
    [TestCase("-1")]
    [TestCase("2", Description = "It is at version 1: what comes next would be taken for heard.")]
    [TestCase("99999999999999999999")]
    public async Task An_id_that_was_never_given_is_refused_by_name(string id)
    {
        var (path, _) = await Submitted();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/events");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
        using var answer = await _partner.SendAsync(request);
        Assert.That((answer.StatusCode, (await answer.Json())["errors"]!["Last-Event-ID"] is not null), Is.EqualTo((HttpStatusCode.BadRequest, true)));
    }

    [Test]
    public async Task Anothers_events_do_not_exist_for_me()
    {
        var (path, _) = await Submitted();
        using var answer = await _neighbour.GetAsync($"{path}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Over_gRPC_all_changes_of_mine_come_in_order_and_from_where_one_stopped()
    {
        using var channel = _intake.OpenChannel();
        var consultations = new Protos.Intake.V1.Consultations.ConsultationsClient(channel);
        var (path, version) = await Submitted();
        var id = path.Split('/')[^1];
        await Withdraw(path, version);

        using var limit = new CancellationTokenSource(Generous);
        var mine = new List<ConsultationChange>();
        using (var call = consultations.Watch(new WatchConsultationsRequest(), await _intake.TokenOf("partner-pirkanmaa"), cancellationToken: limit.Token))
        {
            while (mine.Count < 2 && await call.ResponseStream.MoveNext(limit.Token))
            {
                if (call.ResponseStream.Current.Consultation.Id == id)
                {
                    mine.Add(call.ResponseStream.Current);
                }
            }
        }

        Assert.That(mine.Select(change => change.What), Is.EqualTo(["ConsultationSubmitted", "ConsultationWithdrawn"]));
        using (var call = consultations.Watch(new WatchConsultationsRequest { AfterPosition = mine[0].Position }, await _intake.TokenOf("partner-pirkanmaa"), cancellationToken: limit.Token))
        {
            await call.ResponseStream.MoveNext(limit.Token);
            Assert.That(call.ResponseStream.Current.Position, Is.GreaterThan(mine[0].Position).And.LessThanOrEqualTo(mine[1].Position));
        }

        foreach (var never in new[] { -1, long.MaxValue })
        {
            Calls.Refused(
                async () =>
                {
                    using var call = consultations.Watch(new WatchConsultationsRequest { AfterPosition = never }, await _intake.TokenOf("partner-pirkanmaa"), cancellationToken: limit.Token);
                    await call.ResponseStream.MoveNext(limit.Token);
                },
                StatusCode.InvalidArgument,
                "platform.invalid-input");
        }

        // A neighbour's own change comes after mine, and is the first that it hears of.
        using var theirs = await _neighbour.Submit(Body("kainuu", "N-1"));
        var expected = (await theirs.Json())["id"]!.GetValue<string>();
        using var neighbours = consultations.Watch(new WatchConsultationsRequest { AfterPosition = mine[0].Position }, await _intake.TokenOf("partner-kainuu"), cancellationToken: limit.Token);
        await neighbours.ResponseStream.MoveNext(limit.Token);
        Assert.That(neighbours.ResponseStream.Current.Consultation.Id, Is.EqualTo(expected));
    }

    [Test]
    public async Task One_finds_ones_own_requests_by_ones_own_reference_and_nobody_elses()
    {
        var reference = $"PK-{Guid.NewGuid():N}"[..12];
        var first = (await Submitted(reference)).Path;
        var second = (await Submitted(reference)).Path;
        await Submitted();
        using var theirs = await _neighbour.Submit(Body("kainuu", reference));

        var found = await Search(_partner, reference);
        var page = await Search(_partner, reference, size: 1);
        var next = await Search(_partner, reference, size: 1, cursor: page["next"]!.GetValue<string>());
        Assert.Multiple(async () =>
        {
            Assert.That(Ids(found), Is.EqualTo(new[] { second, first }.Select(path => path.Split('/')[^1])));
            Assert.That(Ids(page).Concat(Ids(next)), Is.EqualTo(Ids(found)));
            Assert.That(Ids(await Search(_neighbour, reference)), Has.Count.EqualTo(1).And.None.AnyOf(Ids(found)));
            Assert.That(Ids(await Search(_partner, "PK-unknown")), Is.Empty);
        });
    }

    [TestCase("{}", "$.clientRef")]
    [TestCase("""{"clientRef":""}""", "$.clientRef")]
    [TestCase("""{"clientRef":"131052-9085"}""", "$.clientRef")]
    [TestCase("""{"clientRef":"A","name":"x"}""", "$")]
    [TestCase("""{"clientRef":"A","status":"rejected"}""", "$.status")]
    public async Task A_search_that_makes_no_sense_is_refused_by_path(string body, string path)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _partner.PostAsync("/v1/consultations/search", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(((JsonObject)(await answer.Json())["errors"]!).Select(error => error.Key).Single(), Does.StartWith(path));
    }

    [Test]
    public async Task Every_list_has_a_tag_that_says_whether_it_has_changed()
    {
        var lists = (await _partner.GetFromJsonAsync<JsonObject>("/v1/catalogue"))!["lists"]!.AsArray().Select(name => name!.GetValue<string>()).ToList();
        Assert.That(lists, Is.SupersetOf(new[] { "areas", "topics", "marks", "services", "statuses", "routes", "emergency-texts", "instruments" }));
        foreach (var list in lists)
        {
            using var first = await _partner.GetAsync($"/v1/catalogue/{list}");
            var content = await first.Json();
            using var again = new HttpRequestMessage(HttpMethod.Get, $"/v1/catalogue/{list}") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
            using var unchanged = await _partner.SendAsync(again);
            using var weak = new HttpRequestMessage(HttpMethod.Get, $"/v1/catalogue/{list}") { Headers = { IfNoneMatch = { new EntityTagHeaderValue(first.Headers.ETag!.Tag, isWeak: true) } } };
            using var unchangedToo = await _partner.SendAsync(weak);
            using var other = new HttpRequestMessage(HttpMethod.Get, $"/v1/catalogue/{list}") { Headers = { IfNoneMatch = { new EntityTagHeaderValue("\"older\"") } } };
            using var changed = await _partner.SendAsync(other);
            Assert.Multiple(() =>
            {
                Assert.That(content["version"]!.GetValue<int>(), Is.Positive, list);
                Assert.That((unchanged.StatusCode, unchangedToo.StatusCode), Is.EqualTo((HttpStatusCode.NotModified, HttpStatusCode.NotModified)), list);
                Assert.That(changed.StatusCode, Is.EqualTo(HttpStatusCode.OK), list);
            });
        }
    }

    [TestCase("policies")]
    [TestCase("..%2fpolicies%2fdefault")]
    [TestCase("version")]
    public async Task What_is_no_list_is_not_there(string list) =>
        Assert.That((await _partner.GetAsync($"/v1/catalogue/{list}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

    private static JsonObject Body(string county, string reference) => Calls.Sample(body =>
    {
        body["county"] = county;
        body["clientRef"] = reference;
    });

    private static IReadOnlyList<string> Ids(JsonNode page) => [.. page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];

    private static async Task<SseItem<string>> Next(IAsyncEnumerator<SseItem<string>> events) =>
        await events.MoveNextAsync() ? events.Current : throw new AssertionException("The stream has ended.");

    private static async Task<JsonNode> Search(HttpClient client, string reference, int? size = null, string? cursor = null)
    {
        using var answer = await client.PostAsJsonAsync("/v1/consultations/search", new JsonObject { ["clientRef"] = reference, ["size"] = size, ["cursor"] = cursor });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await answer.Json();
    }

    private async IAsyncEnumerator<SseItem<string>> Events(string path, string? lastSeen, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/events");
        if (lastSeen is not null)
        {
            request.Headers.Add("Last-Event-ID", lastSeen);
        }

        using var answer = await _partner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/event-stream"));
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
        {
            yield return item;
        }
    }

    private async Task<(string Path, string Version)> Submitted(string? reference = null)
    {
        using var answer = await _partner.Submit(Body("pirkanmaa", reference ?? $"F-{Guid.NewGuid():N}"[..12]));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (answer.Headers.Location!.ToString(), answer.Headers.ETag!.Tag);
    }

    private async Task Withdraw(string path, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}/withdrawal");
        request.Headers.TryAddWithoutValidation("If-Match", version);
        using var answer = await _partner.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}

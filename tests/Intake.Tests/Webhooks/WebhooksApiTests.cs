using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Testing;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace OtPlatform.Intake.Tests.Webhooks;

/// <summary>From a change to the partner's own system, over a real store and to a real HTTP server.</summary>
[TestFixture]
internal sealed class WebhooksApiTests
{
    private const string Received = "received";

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Webhooks:AllowLoopback"] = "true",
        ["Webhooks:AttemptTimeout"] = "00:00:03",
        ["Webhooks:Retries"] = "1",
        ["Webhooks:FirstPause"] = "00:00:00.05",
        ["Webhooks:Rounds"] = "4",
        ["Webhooks:FirstWait"] = "00:00:00.2",
        ["Webhooks:LongestWait"] = "00:00:00.5",
        ["Webhooks:BreakerFailures"] = "1000",
    };

    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private HttpClient _neighbour = null!;
    private OtherServices _others = null!;
    private WireMockServer _receiver = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("webhooks", Settings);
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _neighbour = await _intake.ClientFor("partner-kainuu");
        _others = new OtherServices(_intake);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        _neighbour.Dispose();
        await _intake.DisposeAsync();
    }

    [SetUp]
    public void StartReceiver() => _receiver = WireMockServer.Start();

    [TearDown]
    public void StopReceiver() => _receiver.Dispose();

    [Test]
    public async Task A_change_is_told_with_a_signature_that_the_receiver_can_compute()
    {
        Answers(HttpStatusCode.OK);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var id = await Submit();
        await Eventually.Holds(() => Assert.That(Told.To(_receiver, id), Is.Not.Empty));
        var told = Told.To(_receiver, id)[0];
        Assert.Multiple(() =>
        {
            Assert.That(told.Message.Select(field => field.Key), Is.EqualTo(new[] { "id", "consultationId", "status", "at", "version" }));
            Assert.That((told.Status, told.Version), Is.EqualTo((Received, 1)));
            Assert.That(told.Message["id"]!.GetValue<string>(), Is.EqualTo(told.EventId));
            Assert.That(told.Signatures, Is.EqualTo(new[] { told.SignedWith(webhook.Secret) }));
            Assert.That(DateTimeOffset.FromUnixTimeSeconds(long.Parse(told.Time)), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
            Assert.That(_receiver.LogEntries[0].RequestMessage!.Headers!.Keys, Has.None.EqualTo("traceparent").IgnoreCase);
        });
        await Eventually.Holds(async () => Assert.That((await webhook.Read())["waiting"]!.GetValue<long>(), Is.Zero));
    }

    [Test]
    public async Task R10_two_replicas_tell_each_change_of_a_consultation_in_its_order_whatever_fails()
    {
        const int Consultations = 6;
        const int Changes = 4;
        Answers(HttpStatusCode.ServiceUnavailable);
        await using var second = await ServiceHost<Program>.Start("webhooks_second", _intake.Settings);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var ids = await Task.WhenAll(Enumerable.Range(0, Consultations).Select(_ => _others.Routed(_partner, Route.HybridTeam)));
        foreach (var id in ids)
        {
            using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", "\"3\"");
            Assert.That(withdrawn.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(Consultations * Changes)), TimeSpan.FromSeconds(60));
        Assert.That(Told.To(_receiver).Select(told => told.Version), Has.All.EqualTo(1), "Nothing is told before what came earlier has been taken.");

        _receiver.Given(Request.Create().UsingPost()).AtPriority(-1).RespondWith(Response.Create().WithSuccess());
        using var replayed = await _partner.PostAsync($"{webhook.Address}/dead-letters/replay", null);
        await Eventually.Holds(() => Assert.That(ids.Select(id => Told.To(_receiver, id).Select(told => told.Version).Max()), Has.All.EqualTo(Changes)));
        Assert.Multiple(() =>
        {
            foreach (var told in ids.Select(id => Told.To(_receiver, id)))
            {
                Assert.That(told.Select(each => each.Version), Is.Ordered);
                Assert.That(told.Select(each => (each.Version, each.Status)).Distinct(), Is.EqualTo(new[] { (1L, Received), (2L, "inTriage"), (3L, "teamBeingAssembled"), (4L, "withdrawn") }));
                Assert.That(told.Where(each => each.Version == 1).Select(each => each.EventId).Distinct(), Has.Exactly(1).Items, "The same id at every attempt.");
                Assert.That(told.Count(each => each.Version > 1), Is.EqualTo(Changes - 1), "Nothing is told again that was taken.");
            }
        });
    }

    [Test]
    public async Task A_receiver_that_hangs_holds_up_nobody_else_and_is_told_when_it_answers_again()
    {
        using var healthy = WireMockServer.Start();
        healthy.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithSuccess());
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithDelay(TimeSpan.FromMinutes(2)));
        await using var hanging = await Subscription.Of(_partner, _receiver.Url);
        await using var other = await Subscription.Of(_partner, healthy.Url);
        var ids = new List<Guid>();
        for (var number = 0; number < 8; number++)
        {
            ids.Add(await Submit());
        }

        await Eventually.Holds(() => Assert.That(Told.To(healthy).Select(told => told.Consultation), Is.SupersetOf(ids)));
        Assert.That((await hanging.Read())["waiting"]!.GetValue<long>() + (await hanging.Read())["deadLetters"]!.GetValue<long>(), Is.GreaterThanOrEqualTo(ids.Count), "The hanging one has taken none.");
        _receiver.ResetMappings();
        _receiver.ResetLogEntries();
        Answers(HttpStatusCode.OK);
        using var replayed = await _partner.PostAsync($"{hanging.Address}/replay", null);
        await Eventually.Holds(() => Assert.That(Told.To(_receiver).Select(told => told.Consultation), Is.SupersetOf(ids)), TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task What_redirects_is_a_dead_letter_and_where_it_leads_is_never_called()
    {
        using var inside = WireMockServer.Start();
        inside.Given(Request.Create().UsingAnyMethod()).RespondWith(Response.Create().WithSuccess());
        _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(HttpStatusCode.Found).WithHeader("Location", $"{inside.Url}/latest/meta-data"));
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var id = await Submit();
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(1)));
        var letter = (await webhook.DeadLetters())[0]!;
        Assert.Multiple(() =>
        {
            Assert.That(letter.AsObject().Select(field => field.Key), Is.EqualTo(new[] { "id", "eventId", "consultationId", "status", "at", "version", "reason", "answeredStatus", "rounds", "givenUpAt" }));
            Assert.That((letter["consultationId"]!.GetValue<Guid>(), letter["reason"]!.GetValue<string>(), letter["answeredStatus"]!.GetValue<int>(), letter["rounds"]!.GetValue<int>()), Is.EqualTo((id, "redirected", 302, 4)));
            Assert.That(inside.LogEntries, Is.Empty);
        });
    }

    [Test]
    public async Task What_never_comes_back_is_listed_and_told_in_order_when_the_partner_replays_it()
    {
        var port = _receiver.Port;
        _receiver.Stop();
        await using var webhook = await Subscription.Of(_partner, $"http://127.0.0.1:{port}/ot");
        var first = await _others.Routed(_partner, Route.HybridTeam);
        var second = await Submit();
        await Eventually.Holds(async () => Assert.That((await webhook.DeadLetters()).Select(Reason), Is.EquivalentTo(new[] { "notReached", "behindAnother", "behindAnother", "notReached" })));
        var letters = await webhook.DeadLetters();
        using var back = WireMockServer.Start(port);
        back.Given(Request.Create().WithPath("/ot").UsingPost()).RespondWith(Response.Create().WithSuccess());

        var last = letters.Last(letter => letter!["consultationId"]!.GetValue<Guid>() == first)!["id"]!.GetValue<Guid>();
        using var some = await _partner.PostAsJsonAsync($"{webhook.Address}/dead-letters/replay", new { ids = new[] { last } });
        Assert.That((some.StatusCode, (await some.Json())["replayed"]!.GetValue<int>()), Is.EqualTo((HttpStatusCode.Accepted, 3)), "With one of a consultation come all of it.");
        await Eventually.Holds(() => Assert.That(Told.To(back, first).Select(told => told.Version), Is.EqualTo(new[] { 1, 2, 3 })));
        Assert.That(Told.To(back, second), Is.Empty);
        Assert.That(Told.To(back, first).Select(told => told.EventId), Is.EqualTo(letters.Where(letter => letter!["consultationId"]!.GetValue<Guid>() == first).Select(letter => letter!["eventId"]!.GetValue<string>())));

        var other = letters.Single(letter => letter!["consultationId"]!.GetValue<Guid>() == second)!["id"]!.GetValue<Guid>();
        using var shorter = await _partner.PostAsJsonAsync($"{webhook.Address}/replay", new { ids = new[] { other } });
        Assert.That((shorter.StatusCode, (await shorter.Json())["replayed"]!.GetValue<int>()), Is.EqualTo((HttpStatusCode.Accepted, 1)), "The shorter address takes the same body.");
        await Eventually.Holds(() => Assert.That(Told.To(back, second), Has.Count.EqualTo(1)));
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Is.Empty));
    }

    [Test]
    public async Task Dead_letters_come_in_pages()
    {
        Answers(HttpStatusCode.InternalServerError);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var ids = new List<Guid> { await Submit(), await Submit(), await Submit() };
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(3)));
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = (await _partner.GetFromJsonAsync<JsonObject>($"{webhook.Address}/dead-letters?size=2{(cursor is null ? "" : $"&cursor={cursor}")}"))!;
            seen.AddRange(page["items"]!.AsArray().Select(letter => letter!["consultationId"]!.GetValue<Guid>()));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);

        Assert.That(seen, Is.EqualTo(ids), "Oldest first.");
        using var nonsense = await _partner.GetAsync($"{webhook.Address}/dead-letters?cursor=2");
        await nonsense.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
    }

    [Test]
    public async Task During_a_rotation_both_secrets_sign_and_after_it_the_new_one_alone()
    {
        Answers(HttpStatusCode.OK);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        using var without = await _partner.Write($"{webhook.Address}/rotation", null);
        await without.ShowsProblem((HttpStatusCode)428, "platform.version-required");
        using var rotated = await _partner.Write($"{webhook.Address}/rotation", webhook.Tag, new JsonObject { ["overlapHours"] = 48 });
        var rotation = await rotated.Json();
        var newest = rotation["secret"]!.GetValue<string>();
        using var stale = await _partner.Write($"{webhook.Address}/rotation", webhook.Tag);
        await stale.ShowsProblem(HttpStatusCode.PreconditionFailed, "platform.stale-version");

        var during = await ToldOf(await Submit());
        Assert.That(during.Signatures, Is.EqualTo(new[] { during.SignedWith(newest), during.SignedWith(webhook.Secret) }));
        Assert.That(rotation["earlierSecretsUntil"]!.AsArray(), Has.Count.EqualTo(1));

        _intake.MoveClock(TimeSpan.FromDays(3));
        try
        {
            var after = await ToldOf(await Submit());
            Assert.That(after.Signatures, Is.EqualTo(new[] { after.SignedWith(newest) }));
        }
        finally
        {
            _intake.MoveClock(TimeSpan.Zero);
        }
    }

    [Test]
    public async Task After_a_leak_only_the_new_secret_signs_at_once()
    {
        Answers(HttpStatusCode.OK);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        using var rotated = await _partner.Write($"{webhook.Address}/rotation", webhook.Tag, new JsonObject { ["overlapHours"] = 0 });
        var told = await ToldOf(await Submit());
        Assert.That(told.Signatures, Is.EqualTo(new[] { told.SignedWith((await rotated.Json())["secret"]!.GetValue<string>()) }));
    }

    [Test]
    public async Task A_message_to_the_requester_is_told()
    {
        Answers(HttpStatusCode.OK);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var id = await _others.Routed(_partner, Route.HybridTeam);
        using var channel = _intake.OpenChannel();
        await new Protos.Intake.V1.Consultations.ConsultationsClient(channel).SendMessageAsync(
            new Protos.Intake.V1.SendMessageRequest { Id = id.ToString(), MessageId = Guid.CreateVersion7().ToString(), Text = "Mikä koulu?" }, await _intake.TokenOf("coordinator-sisa"));
        await Eventually.Holds(() => Assert.That(Told.To(_receiver, id).Select(told => (told.Version, told.Status)), Is.EqualTo(new[] { (1L, Received), (2L, "inTriage"), (3L, "teamBeingAssembled"), (4L, "teamBeingAssembled") })));
    }

    [Test]
    public async Task What_waits_behind_another_is_looked_at_once_and_told_when_its_turn_comes()
    {
        Answers(HttpStatusCode.InternalServerError);
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        var id = await _others.Routed(_partner, Route.HybridTeam);
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(3)));
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        var due = $"select count(*)::text from ot.mt_doc_webhookdelivery where webhook_id = '{webhook.Id}' and not dead and next_at < now() + interval '1 year'";
        await Eventually.Holds(async () => Assert.That(await Column(store, due), Is.EqualTo(new[] { "0" }), "Nobody asks for them again and again."));
        Assert.That((await webhook.DeadLetters()).Select(Reason), Is.EqualTo(new[] { "answered", "behindAnother", "behindAnother" }));

        _receiver.Given(Request.Create().UsingPost()).AtPriority(-1).RespondWith(Response.Create().WithSuccess());
        using var replayed = await _partner.PostAsync($"{webhook.Address}/dead-letters/replay", null);
        await Eventually.Holds(() => Assert.That(Told.To(_receiver, id).Select(told => told.Version).Distinct(), Is.EqualTo(new[] { 1L, 2L, 3L })));
        await Eventually.Holds(async () => Assert.That((await webhook.Read())["waiting"]!.GetValue<long>(), Is.Zero));
    }

    [Test]
    public async Task Who_is_not_reached_for_two_weeks_is_switched_off_where_its_partner_sees_it_until_a_replay()
    {
        await using var intake = await ServiceHost<Program>.Start("switched_off", Settings);
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var upkeep = intake.Services.GetServices<IHostedService>().OfType<WebhookUpkeep>().Single();
        Answers(HttpStatusCode.InternalServerError);
        using var well = WireMockServer.Start();
        well.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithSuccess());
        await using var webhook = await Subscription.Of(partner, _receiver.Url);
        await using var other = await Subscription.Of(partner, well.Url);
        using var submitted = await partner.Submit(Calls.Sample());
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(1)));
        await intake.PassTime(TimeSpan.FromDays(13));
        Assert.That(await upkeep.SwitchOffUnreached(CancellationToken.None), Is.Zero);
        Assert.That((await webhook.Read())["switchedOffAt"], Is.Null);

        await intake.PassTime(TimeSpan.FromDays(14) + TimeSpan.FromMinutes(1));
        await upkeep.SwitchOffUnreached(CancellationToken.None);
        Assert.That((await webhook.Read())["switchedOffAt"], Is.Not.Null);
        Assert.That((await other.Read())["switchedOffAt"], Is.Null, "Who has nothing waiting is left alone.");
        using var meanwhile = await partner.Submit(Calls.Sample());
        var missed = (await meanwhile.Json())["id"]!.GetValue<Guid>();
        await Eventually.Holds(() => Assert.That(Told.To(well, missed), Is.Not.Empty));
        Assert.That((await webhook.DeadLetters()).Select(letter => letter!["consultationId"]!.GetValue<Guid>()), Does.Not.Contain(missed));

        _receiver.Given(Request.Create().UsingPost()).AtPriority(-1).RespondWith(Response.Create().WithSuccess());
        using var replayed = await partner.PostAsync($"{webhook.Address}/dead-letters/replay", null);
        Assert.That((await webhook.Read())["switchedOffAt"], Is.Null);
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Is.Empty));
        using var again = await partner.Submit(Calls.Sample());
        var later = (await again.Json())["id"]!.GetValue<Guid>();
        await Eventually.Holds(() => Assert.That(Told.To(_receiver, later), Is.Not.Empty));
        Assert.That(await upkeep.SwitchOffUnreached(CancellationToken.None), Is.Zero);
    }

    [Test]
    public async Task What_could_not_be_told_is_kept_for_30_days_and_what_waited_behind_it_is_told_then()
    {
        await using var intake = await ServiceHost<Program>.Start("kept", Settings);
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        var upkeep = intake.Services.GetServices<IHostedService>().OfType<WebhookUpkeep>().Single();
        Answers(HttpStatusCode.InternalServerError);
        await using var webhook = await Subscription.Of(partner, _receiver.Url);
        using var submitted = await partner.Submit(Calls.Sample());
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Has.Count.EqualTo(1)));
        await intake.PassTime(TimeSpan.FromDays(5));

        // By now its step is overdue, and that may be noted and told before the withdrawal.
        await Eventually.Holds(async () =>
        {
            using var read = await partner.GetAsync(submitted.Headers.Location);
            using var withdrawn = await partner.Write($"{submitted.Headers.Location}/withdrawal", read.Headers.ETag!.Tag);
            Assert.That(withdrawn.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        });
        await Eventually.Holds(async () =>
        {
            var letters = await webhook.DeadLetters();
            Assert.That(Reason(letters[0]), Is.EqualTo("answered"));
            Assert.That(letters.Skip(1).Select(Reason).Distinct(), Is.EqualTo(new[] { "behindAnother" }));
            Assert.That(letters[^1]!["status"]!.GetValue<string>(), Is.EqualTo("withdrawn"));
        });
        await intake.PassTime(TimeSpan.FromDays(29));
        Assert.That(await upkeep.DropOld(CancellationToken.None), Is.Zero);

        _receiver.Given(Request.Create().UsingPost()).AtPriority(-1).RespondWith(Response.Create().WithSuccess());
        await intake.PassTime(TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1));
        await upkeep.DropOld(CancellationToken.None);
        await Eventually.Holds(() => Assert.That(Told.To(_receiver)[^1].Status, Is.EqualTo("withdrawn")));
        await Eventually.Holds(async () => Assert.That(await webhook.DeadLetters(), Is.Empty));
    }

    [Test]
    public async Task R8_of_a_removed_webhook_neither_words_nor_a_key_is_left_and_of_a_refused_one_neither()
    {
        await using var intake = await ServiceHost<Program>.Start("removed", Settings);
        using var partner = await intake.ClientFor("partner-pirkanmaa");
        await using var store = NpgsqlDataSource.Create(intake.StoreConnectionString);
        await using var keys = NpgsqlDataSource.Create(intake.Services.GetRequiredService<Intake.Narratives.VaultOptions>().KeyStoreConnectionString);
        var webhook = await Subscription.Of(partner, "https://case-system.example/ot");
        using var rotated = await partner.Write($"{webhook.Address}/rotation", webhook.Tag, new JsonObject { ["overlapHours"] = 1 });
        using var refused = await partner.PostAsJsonAsync("/v1/webhooks", new { url = "https://case-system.example/ot" });
        await refused.ShowsProblem(HttpStatusCode.Conflict, "intake.webhook-exists");
        Assert.That(await Column(keys, "select owner::text from data_keys"), Is.EqualTo(new[] { webhook.Id.ToString() }));
        await webhook.DisposeAsync();
        Assert.That(await Column(store, $"select id::text from ot.mt_doc_vaulttext where owner = '{webhook.Id}'"), Is.Empty);
        Assert.That(await Column(keys, "select owner::text from data_keys where wrapped is not null"), Is.Empty);
        Assert.That(await Column(keys, "select owner::text from data_keys where destroyed_at is not null"), Is.EqualTo(new[] { webhook.Id.ToString() }));
    }

    [Test]
    public async Task What_is_removed_is_told_nothing_more()
    {
        Answers(HttpStatusCode.OK);
        using var removedOnes = WireMockServer.Start();
        await using var stays = await Subscription.Of(_partner, _receiver.Url);
        var removed = await Subscription.Of(_partner, removedOnes.Url);
        await removed.DisposeAsync();
        using var gone = await _partner.GetAsync(removed.Address);
        await gone.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        await ToldOf(await Submit());
        Assert.That(removedOnes.LogEntries, Is.Empty);
    }

    [Test]
    public async Task A_webhook_is_told_of_its_own_organisation_from_its_subscription_on()
    {
        Answers(HttpStatusCode.OK);
        var before = await Submit();
        await using var webhook = await Subscription.Of(_partner, _receiver.Url);
        using var submitted = await _neighbour.Submit(Calls.Sample(body => (body["county"], body["municipality"]) = ("kainuu", "Kajaani")));
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var mine = await Submit();
        await ToldOf(mine);
        Assert.That(Told.To(_receiver).Select(told => told.Consultation), Is.EqualTo(new[] { mine }), $"Neither the neighbour's, nor {before}.");
    }

    [Test]
    public async Task What_belongs_to_another_partner_does_not_exist_for_me()
    {
        await using var webhook = await Subscription.Of(_partner, "https://case-system.example/ot");
        var calls = new (HttpMethod Method, string Address)[]
        {
            (HttpMethod.Get, webhook.Address), (HttpMethod.Delete, webhook.Address), (HttpMethod.Get, $"{webhook.Address}/dead-letters"),
            (HttpMethod.Post, $"{webhook.Address}/dead-letters/replay"), (HttpMethod.Post, $"{webhook.Address}/replay"), (HttpMethod.Post, $"{webhook.Address}/rotation"),
        };
        foreach (var (method, address) in calls)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.TryAddWithoutValidation("If-Match", webhook.Tag);
            using var answer = await _neighbour.SendAsync(request);
            await answer.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
        }

        Assert.That((await _neighbour.GetFromJsonAsync<JsonObject>("/v1/webhooks"))!["items"]!.AsArray(), Is.Empty);
        Assert.That((await _partner.GetFromJsonAsync<JsonObject>("/v1/webhooks"))!["items"]!.AsArray().Select(item => item!["url"]!.GetValue<string>()), Has.One.EqualTo("https://case-system.example/ot"));
    }

    [Test]
    public async Task Who_may_not_write_does_not_subscribe()
    {
        using var coordinator = await _intake.ClientFor("coordinator-sisa");
        using var refused = await coordinator.PostAsJsonAsync("/v1/webhooks", new { url = "https://case-system.example/ot" });
        await refused.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
    }

    [TestCase("""{}""", "$.url")]
    [TestCase("""{ "url": "http://case-system.example/ot" }""", "$.url")]
    [TestCase("""{ "url": "https://169.254.169.254/latest" }""", "$.url")]
    [TestCase("""{ "url": "https://case-system.example/131052-308T" }""", "$.url")]
    [TestCase("""{ "url": "https://case-system.example/ot", "secret": "mine" }""", "$.secret")]
    public async Task What_is_no_webhook_is_a_400_that_names_the_field(string content, string path)
    {
        using var body = new StringContent(content, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _partner.PostAsync("/v1/webhooks", body);
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { path }));
    }

    [TestCase(-1)]
    [TestCase(169)]
    public async Task An_overlap_has_bounds(int hours)
    {
        await using var webhook = await Subscription.Of(_partner, "https://case-system.example/bounds");
        using var answer = await _partner.Write($"{webhook.Address}/rotation", webhook.Tag, new JsonObject { ["overlapHours"] = hours });
        var problem = await answer.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input");
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key), Is.EqualTo(new[] { "$.overlapHours" }));
    }

    [Test]
    public async Task An_organisation_has_ten_webhooks_each_with_an_address_of_its_own_also_when_they_come_at_once()
    {
        using var partner = await _intake.ClientFor("partner-kanta-hame");
        var same = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => partner.PostAsJsonAsync("/v1/webhooks", new { url = "https://case-system.example/same" })));
        var others = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => partner.PostAsJsonAsync("/v1/webhooks", new { url = $"https://case-system.example/{number}" })));
        Assert.Multiple(() =>
        {
            Assert.That(same.Count(answer => answer.StatusCode == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(others.Count(answer => answer.StatusCode == HttpStatusCode.Created), Is.EqualTo(9));
        });
        await same.First(answer => answer.StatusCode != HttpStatusCode.Created).ShowsProblem(HttpStatusCode.Conflict, "intake.webhook-exists");
        await others.First(answer => answer.StatusCode != HttpStatusCode.Created).ShowsProblem(HttpStatusCode.Conflict, "intake.webhook-limit");
    }

    [Test]
    public async Task R8_neither_secret_nor_address_is_readable_in_the_store()
    {
        const string Key = "canary-4711-in-the-address";
        await using var webhook = await Subscription.Of(_partner, $"https://case-system.example/{Key}");
        using var rotated = await _partner.Write($"{webhook.Address}/rotation", webhook.Tag);
        string[] planted = [Key, webhook.Secret, (await rotated.Json())["secret"]!.GetValue<string>(), webhook.Id.ToString()];
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        var found = new HashSet<string>();
        foreach (var table in await Column(store, "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        {
            foreach (var word in planted)
            {
                if (await Column(store, $"select '1' from {table} as row where row::text like '%{word}%' limit 1") is [_])
                {
                    found.Add(word);
                }
            }
        }

        Assert.That(found, Is.EqualTo(new[] { webhook.Id.ToString() }), "The id shows that the search finds what is there.");
        using var read = await _partner.GetAsync(webhook.Address);
        Assert.That((await read.Json())["secret"], Is.Null);
    }

    private static async Task<List<string>> Column(NpgsqlDataSource store, string sql)
    {
        await using var command = store.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    private static string Reason(JsonNode? letter) => letter!["reason"]!.GetValue<string>();

    private async Task<Told> ToldOf(Guid id)
    {
        await Eventually.Holds(() => Assert.That(Told.To(_receiver, id), Is.Not.Empty));
        return Told.To(_receiver, id)[0];
    }

    private void Answers(HttpStatusCode status) => _receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(status));

    private async Task<Guid> Submit()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>
/// Ten thousand bodies, made from the published description and broken, thrown at a running Intake by several clients at once: nothing breaks, nothing
/// that the schema forbids is taken, no refusal repeats what was sent, and what was refused has left nothing behind.
/// </summary>
[TestFixture]
internal sealed class FuzzTests
{
    private const int Bodies = 10_000;
    private const int Clients = 8;
    private const int UsualSeed = 20_261_122;

    private static readonly HttpStatusCode[] AsMalformed = [HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType];
    private static readonly string[] Written = ["mt_events", "mt_streams", "mt_doc_vaulttext", "mt_doc_idempotencykey", "mt_doc_requestersview", "mt_doc_webhookview", "mt_doc_textaccess"];

    private readonly ConcurrentDictionary<(int Client, string Operation), Target> _targets = new();
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;

    private sealed record Target(string Address, string Version);

    private sealed record Shown(Shot Shot, HttpStatusCode Status, string Text, string Headers, string? Code);

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("fuzz", new Dictionary<string, string> { ["Http:RequestsPerSecondAndClient"] = "1000000" }, onPort: true);
        _partner = await _intake.ClientFor("partner-pirkanmaa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task Ten_thousand_broken_bodies_break_nothing_and_leave_nothing_behind()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("OT_FUZZ_SEED") ?? UsualSeed.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"Seed {seed}; OT_FUZZ_SEED sets another.");
        var operations = PublishedApi.Operations().Where(operation => operation.Schema is not null).ToList();
        var shots = new Mutations(seed).Of(operations, Bodies).ToList();
        var clock = Stopwatch.StartNew();
        var answers = await Fire(shots);
        var faults = new List<string>();
        void Fault(Shown shown, string what) => faults.Add($"{what}: {Describe(shown)}");

        foreach (var shown in answers)
        {
            var malformed = AsMalformed.Contains(shown.Status);
            if (!IsDescribed(shown))
            {
                Fault(shown, "An answer that the description does not know");
            }

            if ((int)shown.Status >= 400 && ($"{shown.Text}{shown.Headers}".Contains(shown.Shot.Secret, StringComparison.OrdinalIgnoreCase) || (shown.Shot.Code is { } code && shown.Text.Contains(code, StringComparison.OrdinalIgnoreCase))))
            {
                Fault(shown, "An echo");
            }

            if (shown.Status is HttpStatusCode.BadRequest && JsonNode.Parse(shown.Text)!["errors"] is not JsonObject { Count: > 0 })
            {
                Fault(shown, "A refusal that names no place");
            }

            // A body that need not be there may be empty.
            var isNone = shown.Shot.Body.Length == 0 && !shown.Shot.Operation.NeedsBody;
            if (!malformed && !isNone && (!shown.Shot.IsJson || shown.Shot.Code is not null || shown.Shot.MediaType != "application/json" || shown.Shot.Encoding is not null))
            {
                Fault(shown, "Taken for good");
            }
        }

        var taken = answers.Where(shown => !AsMalformed.Contains(shown.Status) && shown.Shot.IsJson).ToList();
        var judged = await PublishedApi.Judge(taken.Select(shown => (shown.Shot.Operation.Schema!, Encoding.UTF8.GetString(shown.Shot.Body))));
        foreach (var (shown, verdict) in taken.Zip(judged))
        {
            if (verdict != "ok" || BeyondTheSchema(shown.Shot) is { })
            {
                Fault(shown, $"Taken, but {(verdict != "ok" ? verdict : BeyondTheSchema(shown.Shot))}");
            }
        }

        var refused = answers.Where(shown => AsMalformed.Contains(shown.Status)).ToList();
        var before = await Rows();
        var again = await Fire([.. refused.Select(shown => shown.Shot)]);
        var after = await Rows();
        TestContext.Out.WriteLine(
            $"{answers.Count} bodies for {operations.Count} operations, {taken.Count} taken ({taken.Count(shown => (int)shown.Status < 300)} of them done), {refused.Count} refused and sent again, in {clock.Elapsed.TotalSeconds:0.0} s.");
        foreach (var kind in answers.GroupBy(shown => shown.Shot.Mutation).OrderBy(kind => kind.Key))
        {
            TestContext.Out.WriteLine($"  {kind.Key}: {string.Join(", ", kind.GroupBy(shown => (int)shown.Status).OrderBy(status => status.Key).Select(status => $"{status.Key} × {status.Count()}"))}");
        }

        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty, string.Join(Environment.NewLine, faults.Take(40)));
            Assert.That(after, Is.EqualTo(before), "Something was stored of what was refused.");
            Assert.That(again.Select(shown => shown.Status), Has.All.Matches<HttpStatusCode>(AsMalformed.Contains));
            Assert.That(answers, Has.Count.EqualTo(Bodies));
            Assert.That(answers.Select(shown => shown.Shot.Mutation).Distinct(), Is.EquivalentTo(Mutations.All));
            Assert.That(taken.Select(shown => shown.Shot.Operation.Name).Distinct().Count(), Is.EqualTo(operations.Count), "Each operation has to take a good body.");
            Assert.That(refused, Has.Count.GreaterThan(Bodies / 4));
        });
    }

    [Test]
    public void A_seed_is_enough_to_see_a_run_again()
    {
        var operations = PublishedApi.Operations().Where(operation => operation.Schema is not null).ToList();
        string[] Made(int seed) => [.. new Mutations(seed).Of(operations, 500).Select(shot => Convert.ToHexString(shot.Body))];
        var once = Made(7);
        Assert.That(Made(7), Is.EqualTo(once));
        Assert.That(Made(8), Is.Not.EqualTo(once));
    }

    private async Task<IReadOnlyList<Shown>> Fire(IReadOnlyList<Shot> shots)
    {
        var answers = new Shown[shots.Count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var at && at < shots.Count)
            {
                answers[at] = await Fire(client, shots[at]);
            }
        })));
        return answers;
    }

    private async Task<Shown> Fire(int client, Shot shot)
    {
        var key = (client, shot.Operation.Name);
        var target = _targets.TryGetValue(key, out var known) ? known : await Made(shot.Operation);
        using var request = new HttpRequestMessage(shot.Operation.Method, target.Address) { Content = new ByteArrayContent(shot.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", shot.MediaType);
        if (shot.Encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", shot.Encoding);
        }

        request.Headers.TryAddWithoutValidation("If-Match", target.Version);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        request.Headers.ExpectContinue = shot.Body.Length > 200_000;
        using var answer = await _partner.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        _targets[key] = answer.StatusCode switch
        {
            HttpStatusCode.PreconditionFailed => await Read(target.Address[..^(shot.Operation.Path.Length - shot.Operation.Path.IndexOf("{id}", StringComparison.Ordinal) - 4)], target.Address),
            _ when answer.IsSuccessStatusCode && shot.Operation.TakesVersion && answer.Headers.ETag is { } tag => target with { Version = tag.Tag },
            _ => target,
        };
        var code = answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonNode.Parse(text)!["title"]!.GetValue<string>() : null;
        return new Shown(shot, answer.StatusCode, text, answer.Headers.ToString() + answer.Content.Headers, code);
    }

    /// <summary>What the operation is about, made for one client; it goes through all that the client's bodies do to it.</summary>
    private async Task<Target> Made(Operation operation)
    {
        if (!operation.Path.Contains("{id}", StringComparison.Ordinal))
        {
            return new Target(operation.Path, "\"1\"");
        }

        if (operation.Path.StartsWith("/v1/absence-follow-ups", StringComparison.Ordinal))
        {
            var address = operation.Path.Replace("{id}", (await FollowUps.Start(_partner)).ToString(), StringComparison.Ordinal);
            return await Read(address[..address.LastIndexOf('/')], address);
        }

        var webhook = operation.Path.StartsWith("/v1/webhooks", StringComparison.Ordinal);
        using var made = webhook
            ? await _partner.Write("/v1/webhooks", null, new JsonObject { ["url"] = $"https://case-system.example/{Guid.NewGuid():N}" })
            : await _partner.Submit(Calls.Sample());
        if (webhook && made.StatusCode is HttpStatusCode.Conflict)
        {
            // There are as many as there may be: the clients share one.
            using var list = await _partner.GetAsync(new Uri("/v1/webhooks", UriKind.Relative));
            var first = (await list.Json())["items"]![0]!;
            return new Target(operation.Path.Replace("{id}", first["id"]!.GetValue<string>(), StringComparison.Ordinal), $"\"{first["version"]}\"");
        }

        made.EnsureSuccessStatusCode();
        return new Target(operation.Path.Replace("{id}", (await made.Json())["id"]!.GetValue<string>(), StringComparison.Ordinal), made.Headers.ETag!.Tag);
    }

    private async Task<Target> Read(string resource, string address)
    {
        using var read = await _partner.GetAsync(new Uri(resource, UriKind.Relative));
        return new Target(address, read.Headers.ETag!.Tag);
    }

    private static bool IsDescribed(Shown shown)
    {
        var described = shown.Shot.Operation.Description["responses"]!.AsObject()[((int)shown.Status).ToString(CultureInfo.InvariantCulture)];
        if (described?["$ref"] is { } reference)
        {
            described = PublishedComponents.Value[reference.GetValue<string>().Split('/')[^1]];
        }

        return described is not null && (int)shown.Status < 500 && (shown.Code is null || described["content"]!["application/problem+json"]!["examples"]!.AsObject().ContainsKey(shown.Code));
    }

    private static readonly Lazy<JsonObject> PublishedComponents = new(() => PublishedApi.Read()["components"]!["responses"]!.AsObject());

    /// <summary>What the description says in words: fields that need each other, and days that have passed. Null when all is well.</summary>
    private static string? BeyondTheSchema(Shot shot)
    {
        var body = JsonNode.Parse(shot.Body)!.AsObject();
        bool Says(string field) => body[field] is { } value && (value is not JsonValue text || !text.TryGetValue<string>(out var words) || !string.IsNullOrWhiteSpace(words));
        var until = (body["validUntil"] ?? body["legalBasis"]?["validUntil"])?.GetValue<string>();
        return shot.Operation.Schema switch
        {
            _ when until is not null && string.CompareOrdinal(until, DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) < 0 => "a day has passed",
            nameof(SubmissionBody) when body["kind"]!.GetValue<string>() == "clientWork" && !(Says("ageBand") && Says("responsibleWorker")) => "client work without age band or own worker",
            nameof(SubmissionBody) when body["kind"]!.GetValue<string>() == "clientWork" && body["legalBasis"]!["type"]!.GetValue<string>() != "anonymous" && !Says("clientRef") => "client work without a reference",
            nameof(InformationBody) or nameof(CorrectionBody) or nameof(SafetyReportBody) when !body.Any(field => Says(field.Key)) => "nothing is said",
            nameof(MeetingBody) when !Says("heldOn") && !Says("followUp") => "neither a meeting nor a follow-up",
            nameof(MeetingBody) or nameof(ContactBody) when string.CompareOrdinal((body["heldOn"] ?? body["madeOn"])?.GetValue<string>(), DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) > 0 => "a day has not come",
            nameof(StartBody) or nameof(HoursBody) when body["kinds"] is JsonObject kinds && kinds.Sum(kind => kind.Value?.GetValue<decimal>() ?? 0) != body["hours"]!.GetValue<decimal>() => "the kinds are not the hours",
            _ => null,
        };
    }

    private static string Describe(Shown shown)
    {
        var body = Encoding.UTF8.GetString(shown.Shot.Body);
        return $"{shown.Shot.Operation.Name}, {shown.Shot.Mutation} (number {shown.Shot.Number}): {(int)shown.Status} {shown.Code} {shown.Text[..Math.Min(shown.Text.Length, 400)]} for {body[..Math.Min(body.Length, 1200)]}";
    }

    private async Task<string> Rows()
    {
        await using var store = NpgsqlDataSource.Create(_intake.StoreConnectionString);
        await using var keys = NpgsqlDataSource.Create(_intake.Settings["Vault:KeyStoreConnectionString"]);
        var counts = new List<string>();
        foreach (var table in Written)
        {
            await using var count = store.CreateCommand($"select count(*) from ot.{table}");
            counts.Add($"{table} {await count.ExecuteScalarAsync()}");
        }

        // Keys in stock for whoever comes next come and go by themselves.
        await Eventually.Holds(() => Assert.That(_intake.Services.GetRequiredService<DataKeyStock>().Count, Is.Zero));
        await using var sealing = keys.CreateCommand("select count(*) from data_keys");
        counts.Add($"data_keys {await sealing.ExecuteScalarAsync()}");
        return string.Join(", ", counts);
    }
}

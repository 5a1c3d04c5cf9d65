using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;
using OtPlatform.Testing;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace OtPlatform.Intake.Tests.Webhooks;

/// <summary>The service is killed while it delivers, and started again.</summary>
[TestFixture]
internal sealed class KilledTests
{
    private string _folder = null!;
    private Dictionary<string, string> _settings = null!;

    [SetUp]
    public void MakeKeys()
    {
        _folder = Directory.CreateTempSubdirectory("ot-killed-").FullName;
        _settings = new Dictionary<string, string>
        {
            ["Webhooks:AllowLoopback"] = "true",
            ["Webhooks:AttemptTimeout"] = "00:00:02",
            ["Webhooks:Retries"] = "5",
            ["Webhooks:FirstPause"] = "00:00:05",
            ["Clock:OffsetFile"] = Path.Combine(_folder, "clock"),
        };
        foreach (var setting in new[] { "Auth:DevelopmentKeyFile", "Vault:MasterKeyFile", "Intake:MatterKeyFile", "Intake:UnitKeyFile" })
        {
            _settings[setting] = Path.Combine(_folder, setting.Replace(':', '-'));
            File.WriteAllText(_settings[setting], Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        }
    }

    [TearDown]
    public void RemoveKeys() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task R10_what_was_under_way_when_the_service_was_killed_is_told_by_the_next_one_under_the_same_id()
    {
        Subscription webhook;
        using var receiver = WireMockServer.Start();
        await using (var before = await ServiceHost<Program>.Start("webhooks_killed", _settings))
        {
            foreach (var (key, value) in before.Settings)
            {
                _settings[key] = value;
            }

            using var partner = await before.ClientFor("partner-pirkanmaa");
            webhook = await Subscription.Of(partner, receiver.Url);
        }

        receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithStatusCode(503));
        Guid id;
        using (var process = await StartProcess())
        {
            try
            {
                id = await SubmitTo(process);
                await Eventually.Holds(() => Assert.That(Told.To(receiver, id), Is.Not.Empty), TimeSpan.FromSeconds(60));
            }
            finally
            {
                process.Kill();
            }
        }

        Assert.That(await UnderWay(id), Is.EqualTo(1), "It was killed within the round.");
        var lost = Told.To(receiver, id)[0];
        receiver.Reset();
        receiver.Given(Request.Create().UsingPost()).RespondWith(Response.Create().WithSuccess());
        await using var after = await ServiceHost<Program>.Start("webhooks_next", _settings);
        after.MoveClock(TimeSpan.FromMinutes(10));
        await Eventually.Holds(() => Assert.That(Told.To(receiver, id), Is.Not.Empty), TimeSpan.FromSeconds(60));
        var told = Told.To(receiver, id)[0];
        Assert.Multiple(() =>
        {
            Assert.That(told.EventId, Is.EqualTo(lost.EventId));
            Assert.That(told.Signatures, Is.EqualTo(new[] { told.SignedWith(webhook.Secret) }));
        });
    }

    private static async Task<Guid> SubmitTo(Running process)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = "partner-pirkanmaa", ["client_secret"] = "dev" });
        using var token = await process.Http.PostAsync(new Uri("/dev/token", UriKind.Relative), form);
        process.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await token.Json())["access_token"]!.GetValue<string>());
        using var submitted = await process.Http.Submit(Calls.Sample());
        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }

    /// <summary>Deliveries about the consultation that somebody has taken up and not settled.</summary>
    private async Task<long> UnderWay(Guid consultation)
    {
        await using var store = NpgsqlDataSource.Create(_settings["Store:ConnectionString"]);
        await using var command = store.CreateCommand(
            "select count(*) from ot.mt_doc_webhookdelivery where consultation_id = $1 and cast(data ->> 'claim' as integer) = 1 and cast(data ->> 'rounds' as integer) = 0");
        command.Parameters.AddWithValue(consultation);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Running> StartProcess()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://{probe.LocalEndpoint}";
        probe.Stop();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Kestrel__Endpoints__Rest__Url"] = address;
        foreach (var (key, value) in _settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var running = new Running(Process.Start(start)!, new HttpClient { BaseAddress = new Uri(address) });
        await Eventually.Holds(async () => (await running.Http.GetAsync("/health/ready")).IsSuccessStatusCode, TimeSpan.FromSeconds(90));
        return running;
    }

    private sealed class Running : IDisposable
    {
        private readonly Process _process;

        public Running(Process process, HttpClient http)
        {
            (_process, Http) = (process, http);
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public HttpClient Http { get; }

        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            Http.Dispose();
            _process.Dispose();
        }
    }
}

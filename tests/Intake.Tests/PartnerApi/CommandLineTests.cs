using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>The command-line client as somebody at a terminal uses it: a process of its own, against a running Intake.</summary>
[TestFixture]
internal sealed class CommandLineTests
{
    private ServiceHost<Program> _intake = null!;
    private HttpClient _partner = null!;
    private string _folder = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("terminal", onPort: true);
        _partner = await _intake.ClientFor("partner-pirkanmaa");
        _folder = Directory.CreateTempSubdirectory("ot-terminal-").FullName;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _partner.Dispose();
        Directory.Delete(_folder, recursive: true);
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task A_submission_is_sent_shown_and_listed_and_the_same_key_sends_it_once()
    {
        var own = Calls.ClientRef();
        var file = await Written(Calls.Sample(body => body["clientRef"] = own));
        var sent = await Ot("submit", file, "--key", "terminal-key-1");
        var again = await Ot("submit", file, "--key", "terminal-key-1");
        var id = IdIn(sent.Output);
        var shown = await Ot("show", id);
        var listed = await Ot("list", "--client-ref", own);
        Assert.Multiple(() =>
        {
            Assert.That((sent.Code, again.Code, shown.Code, listed.Code), Is.EqualTo((0, 0, 0, 0)), sent.Errors + again.Errors + shown.Errors + listed.Errors);
            Assert.That(sent.Output, Does.Contain("status     received").And.Contain("acts next").And.Contain("terminal-key-1").And.Contain("withdrawal"));
            Assert.That(IdIn(again.Output), Is.EqualTo(id));
            Assert.That(shown.Output, Does.Contain(id).And.Contain("status     received"));
            Assert.That(listed.Output, Does.Contain(id).And.Contain("1 request"));
        });
    }

    [Test]
    public async Task What_is_wrong_is_said_by_field_and_nothing_of_it_is_repeated()
    {
        var wrong = await Ot("submit", await Written(Calls.Sample(body =>
        {
            body["county"] = "atlantis";
            body["question"] = "She is 131052-308T.";
        })));
        Assert.That((wrong.Code, wrong.Output), Is.EqualTo((1, string.Empty)));
        Assert.That(wrong.Errors, Does.Contain("400").And.Contain("$.question").And.Not.Contain("131052"));
        var broken = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(broken, "{\"kind\":");
        var unread = await Ot("submit", broken);
        Assert.That((unread.Code, unread.Errors.Contains("400", StringComparison.Ordinal)), Is.EqualTo((1, true)), unread.Errors);
        var missing = await Ot("submit", Path.Combine(_folder, "none.json"));
        Assert.That((missing.Code, missing.Errors.Contains("There is no file none.json", StringComparison.Ordinal)), Is.EqualTo((1, true)), missing.Errors);
        var folder = await Ot("submit", Path.GetTempPath());
        Assert.That((folder.Code, folder.Errors), Is.EqualTo((1, $"{Path.GetTempPath()} is a folder; a file with the submission is needed.\n")));
        var help = await Ot("--help");
        Assert.That((help.Code, help.Output.Contains("  ot [command] [options]\n", StringComparison.Ordinal)), Is.EqualTo((0, true)), help.Output);
    }

    [Test]
    public async Task Each_step_is_printed_as_it_happens_until_the_request_is_over()
    {
        using var submitted = await _partner.Submit(Calls.Sample());
        var id = (await submitted.Json())["id"]!.GetValue<string>();
        using var watching = Begin("watch", id);
        Assert.That(await watching.StandardOutput.ReadLineAsync(), Does.Contain("received"));
        using var withdrawn = await _partner.Write($"/v1/consultations/{id}/withdrawal", submitted.Headers.ETag!.Tag);
        Assert.That(withdrawn.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var ended = await Ended(watching);
        Assert.That((ended.Code, ended.Output.Contains("withdrawn", StringComparison.Ordinal)), Is.EqualTo((0, true)), ended.Output + ended.Errors);
    }

    [Test]
    public async Task What_cannot_be_done_is_said_in_words()
    {
        var unknown = await Ot("show", Guid.NewGuid().ToString());
        var noId = await Ot("show", "none");
        var nobody = await Ot("list", "--client", "nobody");
        var away = await Ot("list", "--intake", "http://127.0.0.1:1");
        var nowhere = await Ot("list", "--intake", "elsewhere");
        var step = await Ot("clock", "soon");
        Assert.Multiple(() =>
        {
            Assert.That((unknown.Code, noId.Code, nobody.Code, away.Code, nowhere.Code, step.Code), Is.EqualTo((1, 1, 1, 1, 1, 2)));
            Assert.That(unknown.Errors, Does.Contain("404"));
            Assert.That(noId.Errors, Does.Contain("none"));
            Assert.That(nobody.Errors, Does.Contain("There is no Development client nobody."));
            Assert.That(away.Errors, Does.Contain("The partner API does not answer"));
            Assert.That(nowhere.Errors, Does.Contain("elsewhere is no address"));
            Assert.That(step.Errors, Is.Not.Empty.And.Not.Contains("   at "));
        });
    }

    [Test]
    public async Task A_token_of_ones_own_is_used_and_a_wrong_one_is_refused()
    {
        using var ot = Begin([("OT_TOKEN", "no.token")], "list");
        var refused = await Ended(ot);
        Assert.That((refused.Code, refused.Errors.Contains("401", StringComparison.Ordinal)), Is.EqualTo((1, true)), refused.Errors);
    }

    private static string IdIn(string output) => output.Split('\n')[0].Split("  ")[1].Trim();

    private async Task<string> Written(JsonObject body)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, body.ToJsonString());
        return file;
    }

    private async Task<(int Code, string Output, string Errors)> Ot(params string[] args)
    {
        using var ot = Begin(args);
        return await Ended(ot);
    }

    private static async Task<(int Code, string Output, string Errors)> Ended(Process ot)
    {
        var (output, errors) = (ot.StandardOutput.ReadToEndAsync(), ot.StandardError.ReadToEndAsync());
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await ot.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException)
        {
            ot.Kill();
            throw;
        }

        return (ot.ExitCode, await output, await errors);
    }

    private Process Begin(params string[] args) => Begin([], args);

    private Process Begin((string Name, string Value)[] environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Repository.Root, "deploy", "Client", "bin", "Release", "net10.0", "ot-client.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OT_INTAKE"] = _intake.Address.ToString() },
        };
        start.Environment.Remove("OT_TOKEN");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

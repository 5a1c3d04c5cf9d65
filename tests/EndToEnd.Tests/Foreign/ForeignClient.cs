using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Foreign;

/// <summary>The Node.js program of <c>foreign-client</c>, which knows the system by its .proto files only.</summary>
internal sealed class ForeignClient : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "EndToEnd.Tests", "foreign-client");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<JsonElement> _said = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ForeignClient(Process process)
    {
        _process = process;
        _reading = Read();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static async Task<ForeignClient> Start(string endpointsFile)
    {
        using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = Folder })!;
        await install.WaitForExitAsync();
        Assert.That(install.ExitCode, Is.Zero, "npm ci");
        var standard = Path.Combine(Repository.Root, "services", "Substitutes", "Grpc.AspNetCore", "Protos");
        return new ForeignClient(Process.Start(new ProcessStartInfo("node", ["client.mjs", endpointsFile, Path.Combine(Repository.Root, "contracts", "protos"), standard])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>What it has said so far at a step.</summary>
    public IReadOnlyList<JsonElement> Said(string step) => [.. _said.Where(line => line.GetProperty("step").GetString() == step)];

    /// <summary>Waits until it has said something at a step.</summary>
    public Task Says(string step, Func<JsonElement, bool>? which = null) =>
        Eventually.Holds(() => Assert.That(Said(step).Where(which ?? (_ => true)), Is.Not.Empty, string.Join(Environment.NewLine, _said)), Patience);

    /// <summary>Ends it; the exit code, and what it wrote beside its words.</summary>
    public async Task<(int Code, string Errors)> End()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return (_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task Read()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            _said.Enqueue(json.RootElement.Clone());
        }
    }
}

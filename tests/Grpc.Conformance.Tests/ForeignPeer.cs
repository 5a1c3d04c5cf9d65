using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.CallConformance;

/// <summary>A Node.js process with <c>@grpc/grpc-js</c>: somebody else's implementation, as client and as server.</summary>
internal sealed class ForeignPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Grpc.Conformance.Tests", "node");

    private static readonly Lazy<Task> Installed = new(Install);

    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> waiting = new();
    private readonly Process process;
    private readonly Task reading;
    private int lastId;

    private ForeignPeer(Process process)
    {
        this.process = process;
        reading = Read();
    }

    public static async Task<ForeignPeer> Start()
    {
        await Installed.Value;
        var protos = Path.Combine(Repository.Root, "services", "Substitutes", "Grpc.AspNetCore", "Protos");
        return new ForeignPeer(Process.Start(new ProcessStartInfo("node", ["peer.mjs", Path.Combine("..", "echo.proto"), protos])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>Its server, until the process ends.</summary>
    public async Task<string> Serve() => $"http://127.0.0.1:{(await Ask("serve", new JsonObject()))["port"]}";

    public async Task<Outcome> Call(EchoServer server, string method, object? request = null, object? options = null) =>
        await Call("call", server, method, request is null ? [] : [request], options);

    public async Task<Outcome> Call(string command, EchoServer server, string method, IReadOnlyList<object> requests, object? options = null)
    {
        var asked = JsonSerializer.SerializeToNode(options ?? new { })!.AsObject();
        asked["method"] = method;
        asked["address"] = $"127.0.0.1:{server.Port}";
        if (requests.Count > 0)
        {
            asked["requests"] = JsonSerializer.SerializeToNode(requests);
        }

        return (await Ask(command, asked)).Deserialize<Outcome>(JsonSerializerOptions.Web)!;
    }

    public async Task<Outcome> Ask(string command, EchoServer server, object options)
    {
        var asked = JsonSerializer.SerializeToNode(options)!.AsObject();
        asked["address"] = $"127.0.0.1:{server.Port}";
        return (await Ask(command, asked)).Deserialize<Outcome>(JsonSerializerOptions.Web)!;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    private static async Task Install()
    {
        using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = Folder })!;
        await install.WaitForExitAsync();
        Assert.That(install.ExitCode, Is.Zero, "npm ci");
    }

    private async Task<JsonNode> Ask(string command, JsonObject asked)
    {
        var id = Interlocked.Increment(ref lastId);
        asked["id"] = id;
        asked["command"] = command;
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = answer;
        await process.StandardInput.WriteLineAsync(asked.ToJsonString());
        await process.StandardInput.FlushAsync();
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task Read()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = JsonNode.Parse(line)!;
            if (waiting.TryRemove((int)answer["id"]!, out var asker))
            {
                if (answer["error"] is { } error)
                {
                    asker.SetException(new InvalidOperationException((string)error!));
                }
                else
                {
                    asker.SetResult(answer["answer"]!);
                }
            }
        }
    }

    /// <summary>All that came back from a call. Values of <c>-bin</c> keys are base64.</summary>
    internal sealed record Outcome(IReadOnlyList<JsonObject> Replies, IReadOnlyDictionary<string, string[]>? Headers, int Code, string Details, IReadOnlyDictionary<string, string[]> Trailers);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WireMock.Logging;
using WireMock.Matchers.Request;
using WireMock.ResponseProviders;
using WireMock.Types;

namespace WireMock.Server;

/// <summary>Finishes a stub.</summary>
public interface IRespondWithAProvider
{
    /// <summary>The stub takes part in a sequence of states, which begins without one.</summary>
    IRespondWithAProvider InScenario(string scenario);

    /// <summary>The stub answers only in this state; without this word, only before the first.</summary>
    IRespondWithAProvider WhenStateIs(string state);

    /// <summary>The state after <paramref name="times"/> answers.</summary>
    IRespondWithAProvider WillSetStateTo(string state, int? times = 1);

    /// <summary>A lower number goes first.</summary>
    IRespondWithAProvider AtPriority(int priority);

    /// <summary>From now on the stub answers.</summary>
    void RespondWith(IResponseProvider provider);
}

/// <summary>A real HTTP server on this machine that answers as its stubs say, and remembers what it was asked.</summary>
public sealed class WireMockServer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Stub> _stubs = [];
    private readonly List<LogEntry> _entries = [];
    private readonly Dictionary<string, (string? State, int Answers)> _scenarios = [];
    private readonly WebApplication _app;

    private WireMockServer(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(Handle);
        _app.StartAsync().GetAwaiter().GetResult();
        Port = new Uri(_app.Urls.Single()).Port;
        IsStarted = true;
    }

    public bool IsStarted { get; private set; }

    public int Port { get; }

    public string Url => $"http://localhost:{Port}";

    public string[] Urls => [Url];

    /// <summary>The requests in the order in which they were done with.</summary>
    public IReadOnlyList<ILogEntry> LogEntries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <param name="port">Null or 0 for a free one.</param>
    public static WireMockServer Start(int? port = 0) => new(port ?? 0);

    public IRespondWithAProvider Given(IRequestMatcher requestMatcher) => new Stub(this, requestMatcher);

    /// <summary>The requests that one of these means.</summary>
    public IReadOnlyList<ILogEntry> FindLogEntries(params IRequestMatcher[] matchers) =>
        [.. LogEntries.Where(entry => matchers.Any(matcher => matcher.Matches(entry.RequestMessage!)))];

    /// <summary>Forgets stubs, states and requests.</summary>
    public void Reset()
    {
        ResetMappings();
        ResetScenarios();
        ResetLogEntries();
    }

    public void ResetMappings()
    {
        lock (_gate)
        {
            _stubs.Clear();
        }
    }

    public void ResetScenarios()
    {
        lock (_gate)
        {
            _scenarios.Clear();
        }
    }

    public void ResetLogEntries()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }

    public void Stop()
    {
        if (IsStarted)
        {
            IsStarted = false;

            // Whoever still waits for an answer is cut off.
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            _app.StopAsync(now.Token).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        Stop();
        _app.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private async Task Handle(HttpContext context)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        var request = new ReceivedRequest(
            $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}{context.Request.QueryString}",
            DateTime.UtcNow,
            context.Request.Path.ToString(),
            context.Request.Method,
            context.Request.Headers.ToDictionary(header => header.Key, header => new WireMockList<string>([.. header.Value.OfType<string>()]), StringComparer.OrdinalIgnoreCase),
            bytes.ToArray());
        var stub = Choose(request);
        try
        {
            if (stub is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                await context.Response.WriteAsJsonAsync(new { Status = "No matching mapping found" }, context.RequestAborted);
            }
            else
            {
                await stub.Provider!.Answer(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        finally
        {
            lock (_gate)
            {
                _entries.Add(new LogEntry(Guid.CreateVersion7(), stub?.Id, request));
            }
        }
    }

    private Stub? Choose(ReceivedRequest request)
    {
        lock (_gate)
        {
            var stub = _stubs.Where(stub => stub.Means(request, StateOf(stub.Scenario).State)).MinBy(stub => (stub.Priority, -stub.Order));
            if (stub is { Scenario: { } scenario, NextState: { } next })
            {
                var (state, answers) = StateOf(scenario);
                _scenarios[scenario] = answers + 1 >= stub.Times ? (next, 0) : (state, answers + 1);
            }

            return stub;
        }
    }

    private (string? State, int Answers) StateOf(string? scenario) => scenario is null ? default : _scenarios.GetValueOrDefault(scenario);

    private sealed class Stub(WireMockServer server, IRequestMatcher matcher) : IRespondWithAProvider
    {
        public Guid Id { get; } = Guid.CreateVersion7();

        public string? Scenario { get; private set; }

        public string? State { get; private set; }

        public string? NextState { get; private set; }

        public int Times { get; private set; } = 1;

        public int Priority { get; private set; }

        public int Order { get; private set; }

        public IResponseProvider? Provider { get; private set; }

        public bool Means(IRequestMessage request, string? state) => (Scenario is null || State == state) && matcher.Matches(request);

        public IRespondWithAProvider InScenario(string scenario)
        {
            Scenario = scenario;
            return this;
        }

        public IRespondWithAProvider WhenStateIs(string state)
        {
            State = state;
            return this;
        }

        public IRespondWithAProvider WillSetStateTo(string state, int? times = 1)
        {
            NextState = state;
            Times = times ?? 1;
            return this;
        }

        public IRespondWithAProvider AtPriority(int priority)
        {
            Priority = priority;
            return this;
        }

        public void RespondWith(IResponseProvider provider)
        {
            Provider = provider;
            lock (server._gate)
            {
                Order = server._stubs.Count;
                server._stubs.Add(this);
            }
        }
    }
}

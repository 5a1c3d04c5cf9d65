using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OtPlatform.EndToEnd.Tests.Traces.Otlp;

namespace OtPlatform.EndToEnd.Tests.Traces;

/// <summary>A span as a service exported it. The ids are in hexadecimal; the parent's is empty for the first of its trace.</summary>
internal sealed record ExportedSpan(string Service, string Source, string Name, string Trace, string Id, string Parent);

/// <summary>Somebody else's place for telemetry: takes OTLP over HTTP with protobuf bodies, and keeps all of it.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ExportedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<byte[]>> _bodies = new();

    private Collector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public IReadOnlyList<ExportedSpan> Spans => [.. _spans];

    public static async Task<Collector> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new Collector(app);
        app.MapPost("/v1/{signal}", collector.Take);
        await app.StartAsync();
        return collector;
    }

    /// <summary>How many exports of a signal have arrived: traces, metrics or logs.</summary>
    public int Exports(string signal) => _bodies.TryGetValue(signal, out var bodies) ? bodies.Count : 0;

    /// <summary>Whether the words are anywhere in anything that arrived.</summary>
    public bool Has(string words) => _bodies.Values.SelectMany(bodies => bodies).Any(body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(words)) >= 0);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> Take(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _bodies.GetOrAdd(signal, _ => new ConcurrentQueue<byte[]>()).Enqueue(body.ToArray());
        if (signal == "traces")
        {
            foreach (var resource in Export.Parser.ParseFrom(body.ToArray()).ResourceSpans)
            {
                var service = resource.Resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;
                foreach (var (scope, span) in resource.ScopeSpans.SelectMany(scope => scope.Spans.Select(span => (scope.Scope.Name, span))))
                {
                    _spans.Enqueue(new ExportedSpan(service, scope, span.Name, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId)));
                }
            }
        }

        return Results.Bytes([], "application/x-protobuf");
    }

    private static string Hex(Google.Protobuf.ByteString id) => Convert.ToHexStringLower(id.Span);
}

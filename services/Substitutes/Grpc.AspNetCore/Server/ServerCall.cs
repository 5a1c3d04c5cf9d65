using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>One call over an HTTP/2 request: reads and writes its messages and ends it with a status, once.</summary>
internal sealed partial class ServerCall : ServerCallContext, IDisposable
{
    // A timer takes no longer time; a call that may last seven weeks is not ended by its deadline.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly ServiceSettings settings;
    private readonly string method;
    private readonly FrameReader reader;
    private readonly ICompressionProvider? compression;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly CancellationTokenSource? cancellation;
    private readonly DateTime deadline = DateTime.MaxValue;
    private Timer? timer;
    private Metadata? requestHeaders;
    private Metadata? responseTrailers;
    private AuthContext? authContext;
    private Status status = Status.DefaultSuccess;
    private bool hasBody;
    private bool deadlinePassed;

    private ServerCall(HttpContext http, string method, ServiceSettings settings)
    {
        Http = http;
        this.method = method;
        this.settings = settings;
        var headers = http.Request.Headers;
        reader = new FrameReader(http.Request.BodyReader, headers[Wire.Encoding], settings.Compressors, settings.MaxReceive, Unsupported);
        if (settings.ResponseCompression is { } wanted && headers[Wire.AcceptEncoding].ToString().Split(',', StringSplitOptions.TrimEntries).Contains(wanted.EncodingName))
        {
            compression = wanted;
        }

        if (Wire.TryParseTimeout(headers[Wire.Timeout], out var timeout))
        {
            cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            var now = DateTime.UtcNow;
            deadline = timeout < DateTime.MaxValue - now ? now + timeout : DateTime.MaxValue;
        }
    }

    public HttpContext Http { get; }

    public bool IsFinished { get; private set; }

    protected override string MethodCore => method;

    protected override string HostCore => Http.Request.Host.Value ?? string.Empty;

    protected override string PeerCore
    {
        get
        {
            var connection = Http.Connection;
            return connection.RemoteIpAddress switch
            {
                null => "unknown",
                { AddressFamily: AddressFamily.InterNetwork } address => $"ipv4:{address}:{connection.RemotePort}",
                var address => $"ipv6:[{address}]:{connection.RemotePort}",
            };
        }
    }

    protected override DateTime DeadlineCore => deadline;

    protected override Metadata RequestHeadersCore => requestHeaders ??= ReadHeaders();

    protected override CancellationToken CancellationTokenCore => cancellation?.Token ?? Http.RequestAborted;

    protected override Metadata ResponseTrailersCore => responseTrailers ??= [];

    protected override Status StatusCore
    {
        get => status;
        set => status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => authContext ??= Authenticate(Http.Connection.ClientCertificate);

    /// <summary>Answers the request, whatever its handler does.</summary>
    public static async Task Serve(HttpContext http, string path, ServiceSettings settings, ILogger logger, ServedMethod served)
    {
        if (!IsServable(http))
        {
            return;
        }

        if (served.ReadsStream)
        {
            Unlimit(http);
        }

        using var call = new ServerCall(http, path, settings);
        await call.Run(served, logger);
    }

    /// <summary>Whether the request speaks gRPC over HTTP/2; if not, it has been answered.</summary>
    public static bool IsServable(HttpContext http)
    {
        if (!Wire.IsGrpc(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            SetStatus(http.Response.Headers, new Status(StatusCode.Internal, $"Content-Type '{http.Request.ContentType}' is not supported."));
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            SetStatus(http.Response.Headers, new Status(StatusCode.Internal, $"Request protocol '{http.Request.Protocol}' is not supported."));
            return false;
        }

        http.Response.ContentType = Wire.ContentType;
        return true;
    }

    public static Task Refuse(HttpContext http, Status status)
    {
        SetStatus(http.Response.Headers, status);
        return Task.CompletedTask;
    }

    public ValueTask<T?> Read<T>(Marshaller<T> marshaller, CancellationToken also)
        where T : class => also.CanBeCanceled ? ReadLinked(marshaller, also) : reader.Read(marshaller, CancellationToken);

    public async Task<T> ReadSingle<T>(Marshaller<T> marshaller)
        where T : class
    {
        var message = await reader.Read(marshaller, CancellationToken) ?? throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
        if (await reader.Read(marshaller, CancellationToken) is not null)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Additional data after the message received."));
        }

        return message;
    }

    /// <summary>Leaves the message in the buffer, so that it goes out together with the trailers.</summary>
    public async Task WriteSingle<T>(Marshaller<T> marshaller, T? message)
        where T : class
    {
        if (message is null)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        }

        if (status.StatusCode != StatusCode.OK)
        {
            return;
        }

        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (!IsFinished)
            {
                var frame = Frame(marshaller, message, WriteOptions);
                frame.Span.CopyTo(Http.Response.BodyWriter.GetSpan(frame.Length));
                Http.Response.BodyWriter.Advance(frame.Length);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task Write<T>(Marshaller<T> marshaller, T message, WriteOptions? options, CancellationToken also)
    {
        await gate.WaitAsync(also);
        try
        {
            if (IsFinished || CancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            }

            await Http.Response.BodyWriter.WriteAsync(Frame(marshaller, message, options ?? WriteOptions), also);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        timer?.Dispose();
        cancellation?.Dispose();
        gate.Dispose();
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (Http.Response.HasStarted || IsFinished)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            foreach (var entry in responseHeaders)
            {
                Http.Response.Headers.Append(entry.Key, Wire.HeaderValue(entry));
            }

            hasBody = true;
            NameCompression();
            await Http.Response.StartAsync();
            await Http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotImplementedException("Calls do not hand on their context by token.");

    private static RpcException Unsupported(string encoding) => new(new Status(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'."));

    // A stream may be quiet for long and has no total size.
    private static void Unlimit(HttpContext http)
    {
        if (http.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    private static void SetStatus(IHeaderDictionary target, Status status)
    {
        target[Wire.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
        {
            target[Wire.Message] = Wire.EncodeMessage(status.Detail);
        }
    }

    private static AuthContext Authenticate(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return new AuthContext(null, []);
        }

        var properties = new Dictionary<string, List<AuthProperty>>();
        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } name)
        {
            properties["x509_common_name"] = [AuthProperty.Create("x509_common_name", Encoding.UTF8.GetBytes(name))];
        }

        if (certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false) is { Length: > 0 } dns)
        {
            properties["x509_subject_alternative_name"] = [AuthProperty.Create("x509_subject_alternative_name", Encoding.UTF8.GetBytes(dns))];
        }

        return new AuthContext(properties.Keys.LastOrDefault(), properties);
    }

    private async Task Run(ServedMethod served, ILogger logger)
    {
        Activity.Current?.AddTag("grpc.method", method);
        StartTimer(logger);
        Status outcome;
        try
        {
            if (Http.Request.Headers[Wire.Encoding].ToString() is { Length: > 0 } encoding && encoding != Wire.Identity && settings.Compressors.Find(encoding) is null)
            {
                Http.Response.Headers[Wire.AcceptEncoding] = settings.Compressors.Accepted;
                throw Unsupported(encoding);
            }

            await served.Answer(this);
            outcome = status;
        }
        catch (Exception exception)
        {
            outcome = Explain(exception, logger);
        }

        if (deadlinePassed || (DateTime.UtcNow >= deadline && outcome.StatusCode != StatusCode.OK))
        {
            outcome = new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
        }

        await Finish(outcome);
    }

    private Status Explain(Exception exception, ILogger logger)
    {
        if (exception is RpcException refused)
        {
            foreach (var entry in refused.Trailers)
            {
                ResponseTrailers.Add(entry);
            }

            Refused(logger, method, refused.StatusCode);
            return refused.Status;
        }

        if (CancellationToken.IsCancellationRequested && exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            return deadlinePassed ? new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded") : Status.DefaultCancelled;
        }

        if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            return new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");
        }

        Failed(logger, method, exception);
        return new Status(StatusCode.Unknown, settings.DetailedErrors ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}" : "Exception was thrown by handler.");
    }

    private void StartTimer(ILogger logger)
    {
        if (deadline == DateTime.MaxValue)
        {
            return;
        }

        var left = deadline - DateTime.UtcNow;
        if (left <= LongestTimer)
        {
            timer = new Timer(_ => _ = EndByDeadline(logger), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The client gets its answer at the deadline even if the handler does not listen to its token.</summary>
    private async Task EndByDeadline(ILogger logger)
    {
        try
        {
            deadlinePassed = true;
            await Finish(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"), complete: true);
            await cancellation!.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The call ended at the same moment.
        }
        catch (Exception exception)
        {
            Failed(logger, method, exception);
        }
    }

    private async Task Finish(Status outcome, bool complete = false)
    {
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (IsFinished)
            {
                return;
            }

            IsFinished = true;
            Activity.Current?.AddTag("grpc.status_code", ((int)outcome.StatusCode).ToString(CultureInfo.InvariantCulture));
            if (Http.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var target = hasBody || Http.Response.HasStarted
                ? Http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers ?? throw new InvalidOperationException("Trailers are not supported for this response. The server may not support gRPC.")
                : Http.Response.Headers;
            SetStatus(target, outcome);
            foreach (var entry in responseTrailers ?? [])
            {
                target.Append(entry.Key, Wire.HeaderValue(entry));
            }

            if (complete)
            {
                await Http.Response.CompleteAsync();
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private ReadOnlyMemory<byte> Frame<T>(Marshaller<T> marshaller, T message, WriteOptions? options)
    {
        var plain = (options?.Flags & WriteFlags.NoCompress) == WriteFlags.NoCompress;
        var frame = FrameWriter.Frame(marshaller, message, plain ? null : compression, settings.CompressionLevel, settings.MaxSend);
        NameCompression();
        hasBody = true;
        return frame;
    }

    private void NameCompression()
    {
        if (compression is not null && !Http.Response.HasStarted)
        {
            Http.Response.Headers[Wire.Encoding] = compression.EncodingName;
        }
    }

    private async ValueTask<T?> ReadLinked<T>(Marshaller<T> marshaller, CancellationToken also)
        where T : class
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(also, CancellationToken);
        return await reader.Read(marshaller, linked.Token);
    }

    private Metadata ReadHeaders()
    {
        var headers = new Metadata();
        foreach (var (name, values) in Http.Request.Headers)
        {
            if (!Wire.IsReserved(name))
            {
                foreach (var value in values)
                {
                    Wire.Add(headers, name, value ?? string.Empty);
                }
            }
        }

        return headers;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} ended with {StatusCode}")]
    private static partial void Refused(ILogger logger, string method, StatusCode statusCode);

    [LoggerMessage(Level = LogLevel.Error, Message = "Error when executing service method {Method}")]
    private static partial void Failed(ILogger logger, string method, Exception exception);
}

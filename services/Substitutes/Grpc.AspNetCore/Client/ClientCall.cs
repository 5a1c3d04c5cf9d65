using System.IO.Pipelines;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Protocol;

namespace Grpc.Net.Client;

/// <summary>One call as its client sees it. It ends once, with the status of the server or of what broke before.</summary>
internal sealed class ClientCall<TRequest, TResponse> : IDisposable
    where TRequest : class
    where TResponse : class
{
    private const string RequestCompression = "grpc-internal-encoding-request";

    // A timer takes no longer time.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
    private static readonly ProductInfoHeaderValue Agent = new("grpc-dotnet", "2.80.0");

    private readonly Lock ending = new();
    private readonly GrpcChannel channel;
    private readonly Method<TRequest, TResponse> method;
    private readonly CallOptions options;
    private readonly HttpRequestMessage request;
    private readonly ICompressionProvider? compression;
    private readonly CancellationTokenSource cancellation = new();
    private readonly TaskCompletionSource<Metadata> headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> registrations = [];
    private Task started = Task.CompletedTask;
    private StreamContent? stream;
    private HttpResponseMessage? response;
    private FrameReader? reader;
    private Status? cancelled;
    private (Status Status, Metadata Trailers)? end;

    public ClientCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        ObjectDisposedException.ThrowIf(channel.Closing.IsCancellationRequested, channel);
        this.channel = channel;
        this.method = method;
        this.options = options;
        request = channel.Request(method);
        request.Headers.Host = host;
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.UserAgent.Add(Agent);
        Add(Wire.AcceptEncoding, channel.Compressors.Accepted);
        if (options.Headers?.GetValue(RequestCompression) is { } wanted)
        {
            compression = channel.Compressors.Find(wanted) ?? throw new InvalidOperationException($"Could not find compression provider for '{wanted}'.");
            Add(Wire.Encoding, wanted);
        }

        Add(options.Headers);
        _ = headers.Task.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public Task<Metadata> Headers => headers.Task;

    public CancellationToken Token => cancellation.Token;

    public void Start(TRequest message)
    {
        if (!BeginWatching())
        {
            return;
        }

        try
        {
            var plain = (options.WriteOptions?.Flags & WriteFlags.NoCompress) == WriteFlags.NoCompress;
            request.Content = new SingleContent(FrameWriter.Frame(method.RequestMarshaller, message, plain ? null : compression, null, channel.MaxSend));
        }
        catch (Exception exception)
        {
            End(exception is RpcException refused ? refused.Status : new Status(StatusCode.Internal, "Error starting gRPC call. The request cannot be serialized.", exception), []);
            return;
        }

        started = Send();
    }

    public RequestWriter<TRequest, TResponse> StartStream()
    {
        stream = new StreamContent();
        request.Content = stream;
        if (BeginWatching())
        {
            started = Send();
        }

        return new RequestWriter<TRequest, TResponse>(this, stream, method.RequestMarshaller, compression, channel.MaxSend) { WriteOptions = options.WriteOptions };
    }

    public async Task<TResponse> SingleResponse()
    {
        var single = await NextResponse(CancellationToken.None);
        if (single is not null && await NextResponse(CancellationToken.None) is not null)
        {
            End(new Status(StatusCode.Internal, "Unexpected data after finished reading message."), []);
            throw Failure();
        }

        if (single is null)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Failed to deserialize response message."), end!.Value.Trailers);
        }

        return single;
    }

    /// <returns>Null when the call has ended well.</returns>
    public async Task<TResponse?> NextResponse(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(CancelByCaller);
        await started;
        if (end is null)
        {
            try
            {
                if (await reader!.Read(method.ResponseMarshaller, Token) is { } message)
                {
                    return message;
                }

                var trailers = Read(response!.TrailingHeaders);
                End(StatusIn(response.TrailingHeaders) ?? new Status(StatusCode.Cancelled, "No grpc-status found on response."), trailers);
            }
            catch (Exception exception)
            {
                End(Explain(exception), []);
            }
        }

        return end!.Value.Status.StatusCode == StatusCode.OK ? null : throw Failure();
    }

    public void ThrowIfEnded()
    {
        if (end is { } over)
        {
            throw over.Status.StatusCode == StatusCode.OK ? new InvalidOperationException("Can't write the message because the call is complete.") : Failure();
        }
    }

    /// <summary>A write fails when the server has ended the call; then its status tells why.</summary>
    public async Task<Exception> FailureOfWrite(Exception exception)
    {
        if (end is null)
        {
            await Task.WhenAny(started, ended.Task);
        }

        if (end is null)
        {
            End(Explain(exception), []);
        }

        return end!.Value.Status.StatusCode == StatusCode.OK ? new InvalidOperationException("Can't write the message because the call is complete.") : Failure();
    }

    public void CancelByCaller() => Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client."));

    public Status GetStatus() => (end ?? throw new InvalidOperationException("Unable to get the status because the call is not complete.")).Status;

    public Metadata GetTrailers() => (end ?? throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.")).Trailers;

    public void Dispose() => Cancel(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    private static Status? StatusIn(HttpHeaders found)
    {
        if (!found.TryGetValues(Wire.Status, out var codes))
        {
            return null;
        }

        var detail = found.TryGetValues(Wire.Message, out var messages) ? Wire.DecodeMessage(string.Join(',', messages)) : string.Empty;
        return int.TryParse(codes.First(), out var code) && Enum.IsDefined((StatusCode)code)
            ? new Status((StatusCode)code, detail)
            : new Status(StatusCode.Unknown, detail);
    }

    private static Metadata Read(HttpHeaders found)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in found.NonValidated)
        {
            if (!Wire.IsReserved(name))
            {
                foreach (var value in values)
                {
                    Wire.Add(metadata, name, value);
                }
            }
        }

        return metadata;
    }

    private async Task Send()
    {
        try
        {
            Add(await channel.Credentials(method, options.Credentials, Token));
            response = await channel.Send(request, Token);
            Receive(response);
        }
        catch (Exception exception)
        {
            End(Explain(exception), []);
        }

        if (end is not null)
        {
            response?.Dispose();
        }
    }

    private void Receive(HttpResponseMessage received)
    {
        var own = StatusIn(received.Headers);
        var metadata = Read(received.Headers);
        headers.TrySetResult(metadata);
        if (own is not null)
        {
            End(own.Value, metadata);
        }
        else if (!received.IsSuccessStatusCode)
        {
            End(new Status(Failures.Of(received.StatusCode), $"Bad gRPC response. HTTP status code: {(int)received.StatusCode}"), metadata);
        }
        else if (!Wire.IsGrpc(received.Content.Headers.ContentType?.ToString()))
        {
            End(new Status(StatusCode.Cancelled, $"Bad gRPC response. Invalid content-type value: {received.Content.Headers.ContentType}"), metadata);
        }
        else
        {
            var encoding = received.Headers.TryGetValues(Wire.Encoding, out var values) ? values.First() : null;
            reader = new FrameReader(
                PipeReader.Create(received.Content.ReadAsStream(Token)),
                encoding,
                channel.Compressors,
                channel.MaxReceive,
                unknown => new RpcException(new Status(StatusCode.Internal, $"Unsupported grpc-encoding value '{unknown}'.")));
        }
    }

    /// <returns>False if the call ended before it began.</returns>
    private bool BeginWatching()
    {
        if (options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var left = deadline.ToUniversalTime() - DateTime.UtcNow;
            if (left <= TimeSpan.Zero)
            {
                Cancel(new Status(StatusCode.DeadlineExceeded, string.Empty));
                return false;
            }

            Add(Wire.Timeout, Wire.FormatTimeout(left));
            if (left <= LongestTimer)
            {
                Keep(new Timer(_ => Cancel(new Status(StatusCode.DeadlineExceeded, string.Empty)), null, left, Timeout.InfiniteTimeSpan));
            }
        }

        Keep(options.CancellationToken.Register(CancelByCaller));
        Keep(channel.Closing.Register(Dispose));
        return end is null;
    }

    private void Keep(IDisposable registration)
    {
        lock (ending)
        {
            if (end is null)
            {
                registrations.Add(registration);
                return;
            }
        }

        registration.Dispose();
    }

    private void Cancel(Status reason)
    {
        lock (ending)
        {
            if (end is not null)
            {
                return;
            }

            cancelled ??= reason;
        }

        End(reason, []);
    }

    private void End(Status status, Metadata trailers)
    {
        lock (ending)
        {
            if (end is not null)
            {
                return;
            }

            end = (cancelled ?? status, trailers);
        }

        foreach (var registration in registrations)
        {
            // Not awaited: this may run inside the registered callback.
            if (registration is CancellationTokenRegistration token)
            {
                token.Unregister();
            }
            else
            {
                registration.Dispose();
            }
        }

        headers.TrySetException(Failure());
        if (end.Value.Status.StatusCode != StatusCode.OK)
        {
            cancellation.Cancel();
        }

        stream?.Abort();
        response?.Dispose();
        ended.TrySetResult();
    }

    private Status Explain(Exception exception) => cancelled ?? exception switch
    {
        RpcException refused => refused.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, "Call canceled by the client.", exception),
        _ => new Status(Failures.Of(exception), $"Error {(response is null ? "starting gRPC call" : "reading next message")}. {Failures.Describe(exception)}", exception),
    };

    private Exception Failure()
    {
        var (status, trailers) = end!.Value;
        return channel.ThrowsCanceled && cancelled is not null
            ? new OperationCanceledException(status.Detail, new RpcException(status, trailers), options.CancellationToken.IsCancellationRequested ? options.CancellationToken : Token)
            : new RpcException(status, trailers);
    }

    private void Add(Metadata? metadata)
    {
        foreach (var entry in metadata ?? [])
        {
            if (entry.Key != RequestCompression)
            {
                Add(entry.Key, Wire.HeaderValue(entry));
            }
        }
    }

    private void Add(string name, string value) => request.Headers.TryAddWithoutValidation(name, value);
}

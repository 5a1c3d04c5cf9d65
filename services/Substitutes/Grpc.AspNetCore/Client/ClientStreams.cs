using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Protocol;

namespace Grpc.Net.Client;

/// <summary>The messages of the server.</summary>
internal sealed class ResponseReader<TRequest, TResponse>(ClientCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private int reading;

    public TResponse Current { get; private set; } = null!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref reading, 1) == 1)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        try
        {
            var next = await call.NextResponse(cancellationToken);
            Current = next!;
            return next is not null;
        }
        finally
        {
            Volatile.Write(ref reading, 0);
        }
    }
}

/// <summary>The messages to the server. One write at a time.</summary>
internal sealed class RequestWriter<TRequest, TResponse>(ClientCall<TRequest, TResponse> call, StreamContent content, Marshaller<TRequest> marshaller, ICompressionProvider? compression, int? largest) : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private int writing;
    private bool completed;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (completed)
        {
            throw new InvalidOperationException("Request stream has already been completed.");
        }

        if (Interlocked.Exchange(ref writing, 1) == 1)
        {
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        }

        try
        {
            call.ThrowIfEnded();
            await using var registration = cancellationToken.Register(call.CancelByCaller);
            var plain = (WriteOptions?.Flags & WriteFlags.NoCompress) == WriteFlags.NoCompress;
            var frame = FrameWriter.Frame(marshaller, message, plain ? null : compression, null, largest);
            var stream = await content.Opened;
            await stream.WriteAsync(frame, call.Token);
            await stream.FlushAsync(call.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        {
            throw await call.FailureOfWrite(exception);
        }
        finally
        {
            Volatile.Write(ref writing, 0);
        }
    }

    public Task CompleteAsync()
    {
        completed = true;
        content.Finish();
        return Task.CompletedTask;
    }
}

using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The messages of the client.</summary>
internal sealed class RequestStream<T>(ServerCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private bool ended;

    public T Current { get; private set; } = null!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (call.IsFinished)
        {
            throw new InvalidOperationException("Can't read messages after the request is complete.");
        }

        if (ended)
        {
            return false;
        }

        var next = await call.Read(marshaller, cancellationToken);
        Current = next!;
        ended = next is null;
        return !ended;
    }
}

/// <summary>The messages to the client. One write at a time.</summary>
internal sealed class ResponseStream<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private int writing;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref writing, 1) == 1)
        {
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        }

        try
        {
            await call.Write(marshaller, message, WriteOptions, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref writing, 0);
        }
    }
}

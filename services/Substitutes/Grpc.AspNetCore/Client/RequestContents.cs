using System.Net;
using System.Net.Http.Headers;
using Grpc.Protocol;

namespace Grpc.Net.Client;

/// <summary>A body of one frame.</summary>
internal sealed class SingleContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> frame;

    public SingleContent(ReadOnlyMemory<byte> frame)
    {
        this.frame = frame;
        Headers.ContentType = new MediaTypeHeaderValue(Wire.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(frame).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => stream.WriteAsync(frame, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}

/// <summary>A body that stays open while the caller writes frames.</summary>
internal sealed class StreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamContent() => Headers.ContentType = new MediaTypeHeaderValue(Wire.ContentType);

    public Task<Stream> Opened => opened.Task;

    public void Finish() => finished.TrySetResult();

    public void Abort()
    {
        opened.TrySetCanceled();
        finished.TrySetCanceled();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // So that the server sees the call before its first message.
        await stream.FlushAsync(cancellationToken);
        opened.TrySetResult(stream);
        await finished.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}

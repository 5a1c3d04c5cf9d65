using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Protocol;

/// <summary>Makes the frame of one message: a flag, the length in four bytes, the bytes.</summary>
internal sealed class FrameWriter : SerializationContext
{
    public const int HeaderLength = 5;

    private readonly int? largest;
    private ArrayBufferWriter<byte>? frame;
    private bool complete;

    private FrameWriter(int? largest) => this.largest = largest;

    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the message is larger than may be sent.</exception>
    public static ReadOnlyMemory<byte> Frame<T>(Marshaller<T> marshaller, T message, ICompressionProvider? compression, CompressionLevel? level, int? largest)
    {
        var writer = new FrameWriter(largest);
        marshaller.ContextualSerializer(message, writer);
        if (!writer.complete || writer.frame is not { } plain)
        {
            throw new InvalidOperationException("The marshaller did not complete the message.");
        }

        writer.Check(plain.WrittenCount - HeaderLength);
        return compression is null ? Head(plain, flag: 0) : Head(Compress(plain.WrittenMemory[HeaderLength..], compression, level), flag: 1);
    }

    public override void SetPayloadLength(int payloadLength)
    {
        Check(payloadLength);
        frame ??= Start(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => frame ??= Start(0);

    public override void Complete()
    {
        frame ??= Start(0);
        complete = true;
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        frame = Start(payload.Length);
        frame.Write(payload);
        complete = true;
    }

    private static ArrayBufferWriter<byte> Start(int payloadLength)
    {
        var buffer = new ArrayBufferWriter<byte>(HeaderLength + Math.Max(payloadLength, 64));
        buffer.GetSpan(HeaderLength)[..HeaderLength].Clear();
        buffer.Advance(HeaderLength);
        return buffer;
    }

    private static ReadOnlyMemory<byte> Head(ArrayBufferWriter<byte> frame, byte flag)
    {
        var written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(frame.WrittenMemory);
        written.Span[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(written.Span[1..], (uint)(written.Length - HeaderLength));
        return written;
    }

    private static ArrayBufferWriter<byte> Compress(ReadOnlyMemory<byte> payload, ICompressionProvider compression, CompressionLevel? level)
    {
        using var target = new MemoryStream();
        using (var stream = compression.CreateCompressionStream(target, level))
        {
            stream.Write(payload.Span);
        }

        var buffer = Start((int)target.Length);
        buffer.Write(target.GetBuffer().AsSpan(0, (int)target.Length));
        return buffer;
    }

    private void Check(int length)
    {
        if (length > largest)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }
    }
}

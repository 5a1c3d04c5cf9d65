using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>Takes the messages of a stream out of their frames.</summary>
/// <param name="unknownEncoding">The status for a compression that this side does not know: the two sides answer differently.</param>
internal sealed class FrameReader(PipeReader input, string? encoding, Compressors compressors, int? largest, Func<string, RpcException> unknownEncoding)
{
    /// <returns>Null after the last message.</returns>
    /// <exception cref="RpcException">The frame is broken, too large or compressed in an unknown way.</exception>
    public async ValueTask<T?> Read<T>(Marshaller<T> marshaller, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (TryTake(ref buffer, out var payload, out var compressed))
            {
                var message = Deserialize(marshaller, compressed ? Decompress(payload) : payload);
                input.AdvanceTo(buffer.Start);
                return message;
            }

            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new RpcException(new Status(StatusCode.Internal, "Incomplete message."));
            }

            if (read.IsCanceled)
            {
                throw new OperationCanceledException();
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static T Deserialize<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload)
    {
        try
        {
            return marshaller.ContextualDeserializer(new Payload(payload));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The message cannot be deserialized.", exception));
        }
    }

    private static RpcException TooLarge() => new(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));

    private bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload, out bool compressed)
    {
        payload = default;
        compressed = false;
        if (buffer.Length < FrameWriter.HeaderLength)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[FrameWriter.HeaderLength];
        buffer.Slice(0, FrameWriter.HeaderLength).CopyTo(header);
        compressed = header[0] switch
        {
            0 => false,
            1 => true,
            _ => throw new RpcException(new Status(StatusCode.Internal, "Unexpected compressed flag value in message header.")),
        };
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)(largest ?? int.MaxValue))
        {
            throw TooLarge();
        }

        if (buffer.Length < FrameWriter.HeaderLength + length)
        {
            return false;
        }

        payload = buffer.Slice(FrameWriter.HeaderLength, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    private ReadOnlySequence<byte> Decompress(ReadOnlySequence<byte> payload)
    {
        if (encoding is null or Wire.Identity)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A message is compressed, but the call names no compression."));
        }

        var provider = compressors.Find(encoding) ?? throw unknownEncoding(encoding);
        var target = new ArrayBufferWriter<byte>();
        try
        {
            using var stream = provider.CreateDecompressionStream(new MemoryStream(payload.ToArray(), writable: false));
            while (true)
            {
                var count = stream.Read(target.GetSpan(4096));
                if (count == 0)
                {
                    return new ReadOnlySequence<byte>(target.WrittenMemory);
                }

                target.Advance(count);
                if (target.WrittenCount > (largest ?? int.MaxValue))
                {
                    throw TooLarge();
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The message cannot be decompressed.", exception));
        }
    }

    private sealed class Payload(ReadOnlySequence<byte> bytes) : DeserializationContext
    {
        public override int PayloadLength => (int)bytes.Length;

        public override byte[] PayloadAsNewBuffer() => bytes.ToArray();

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => bytes;
    }
}

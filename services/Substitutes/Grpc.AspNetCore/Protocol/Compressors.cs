using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.Protocol;

/// <summary>The compressions that one side knows, by their name on the wire.</summary>
internal sealed class Compressors
{
    private readonly Dictionary<string, ICompressionProvider> known = new(StringComparer.Ordinal);

    public Compressors(IEnumerable<ICompressionProvider>? more)
    {
        foreach (var provider in more ?? [])
        {
            known[provider.EncodingName] = provider;
        }

        var gzip = new GzipCompressionProvider(CompressionLevel.Fastest);
        known.TryAdd(gzip.EncodingName, gzip);
        Accepted = string.Join(',', known.Keys.Prepend(Wire.Identity));
    }

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    public string Accepted { get; }

    public ICompressionProvider? Find(string? encoding) => encoding is not null && known.TryGetValue(encoding, out var provider) ? provider : null;
}

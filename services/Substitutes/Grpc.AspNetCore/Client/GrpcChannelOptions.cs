using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Net.Client;

/// <summary>How a channel reaches its server. Sizes in bytes; null is no limit.</summary>
public sealed class GrpcChannelOptions
{
    public ChannelCredentials? Credentials { get; set; }

    public int? MaxSendMessageSize { get; set; }

    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Sends the calls; not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Sends the calls; not together with <see cref="HttpClient"/>.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes the client or handler that it was given.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Whether a cancelled or late call throws <see cref="OperationCanceledException"/> instead of <see cref="RpcException"/>.</summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Whether call credentials go over a connection without TLS. Without it they are left out there.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    public Version? HttpVersion { get; set; }

    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}

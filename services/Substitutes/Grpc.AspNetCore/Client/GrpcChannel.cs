using System.Net;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client;

/// <summary>A way to one server; made once and shared by all clients of it. <c>http://</c> is HTTP/2 without TLS.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker invoker;
    private readonly bool isInvokerOwn;
    private readonly Uri address;
    private readonly Version version;
    private readonly HttpVersionPolicy versionPolicy;
    private readonly bool mayCarryCredentials;
    private readonly CallCredentials? credentials;
    private readonly CancellationTokenSource closing = new();
    private bool closed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options is { HttpClient: not null, HttpHandler: not null })
        {
            throw new ArgumentException("HttpClient and HttpHandler have been configured. Only one HTTP caller can be specified.", nameof(options));
        }

        if (options.Credentials is { } given && given.IsSecure != (address.Scheme == Uri.UriSchemeHttps))
        {
            throw new InvalidOperationException($"The channel's credentials do not fit an address with '{address.Scheme}'.");
        }

        this.address = address;
        invoker = options.HttpClient ?? new HttpMessageInvoker(
            options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            disposeHandler: options.HttpHandler is null || options.DisposeHttpClient);
        isInvokerOwn = options.HttpClient is null || options.DisposeHttpClient;
        version = options.HttpVersion ?? HttpVersion.Version20;
        versionPolicy = options.HttpVersionPolicy ?? HttpVersionPolicy.RequestVersionExact;
        mayCarryCredentials = address.Scheme == Uri.UriSchemeHttps || options.UnsafeUseInsecureChannelCallCredentials;
        credentials = options.Credentials?.OfEachCall;
        MaxSend = options.MaxSendMessageSize;
        MaxReceive = options.MaxReceiveMessageSize;
        ThrowsCanceled = options.ThrowOperationCanceledOnCancellation;
        Compressors = new Compressors(options.CompressionProviders);
    }

    internal int? MaxSend { get; }

    internal int? MaxReceive { get; }

    internal bool ThrowsCanceled { get; }

    internal Compressors Compressors { get; }

    internal CancellationToken Closing => closing.Token;

    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        return ForAddress(new Uri(address), channelOptions);
    }

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <exception cref="ArgumentException">The address is neither http nor https.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps
            ? new GrpcChannel(address, channelOptions)
            : throw new ArgumentException($"No address resolver configured for the scheme '{address.Scheme}'.", nameof(address));
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the calls that are under way.</summary>
    public void Dispose()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        closing.Cancel();
        if (isInvokerOwn)
        {
            invoker.Dispose();
        }

        closing.Dispose();
    }

    internal HttpRequestMessage Request(IMethod method) => new(HttpMethod.Post, new Uri(address, method.FullName))
    {
        Version = version,
        VersionPolicy = versionPolicy,
    };

    internal Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellation) =>
        invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            : invoker.SendAsync(request, cancellation);

    internal async Task<Metadata> Credentials(IMethod method, CallCredentials? ofCall, CancellationToken cancellation)
    {
        var metadata = new Metadata();
        if (mayCarryCredentials)
        {
            var context = new AuthInterceptorContext(new Uri(address, method.ServiceName).ToString(), method.Name, cancellation);
            foreach (var interceptor in new[] { credentials, ofCall }.SelectMany(source => source?.Interceptors ?? []))
            {
                await interceptor(context, metadata);
            }
        }

        return metadata;
    }

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}

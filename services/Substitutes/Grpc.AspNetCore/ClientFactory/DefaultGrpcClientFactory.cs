using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.Net.ClientFactory;

/// <summary>One channel for each name, on the handlers that are registered under it; the clients are light.</summary>
internal sealed class ClientChannels(IHttpMessageHandlerFactory handlers, IOptionsMonitor<GrpcClientFactoryOptions> options, IServiceProvider services) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<(GrpcChannel Channel, CallInvoker Invoker)>> channels = new();

    public CallInvoker Of(string name) => channels.GetOrAdd(name, key => new Lazy<(GrpcChannel, CallInvoker)>(() => Open(key))).Value.Invoker;

    public void Dispose()
    {
        foreach (var opened in channels.Values.Where(channel => channel.IsValueCreated))
        {
            opened.Value.Channel.Dispose();
        }
    }

    private (GrpcChannel Channel, CallInvoker Invoker) Open(string name)
    {
        var client = options.Get(name);
        var address = client.Address ?? throw new InvalidOperationException($"Could not resolve the address for gRPC client '{name}'. Set an address when registering the client.");
        var channelOptions = new GrpcChannelOptions { HttpHandler = handlers.CreateHandler(name) };
        foreach (var configure in client.ChannelOptionsActions)
        {
            configure(channelOptions);
        }

        foreach (var configure in client.ChannelOptionsWithServices)
        {
            configure(services, channelOptions);
        }

        if (client.CallCredentials.Count > 0 && address.Scheme != Uri.UriSchemeHttps && !channelOptions.UnsafeUseInsecureChannelCallCredentials)
        {
            throw new InvalidOperationException($"Call credential configured for gRPC client '{name}' requires TLS, and the client isn't configured to use TLS.");
        }

        var channel = GrpcChannel.ForAddress(address, channelOptions);
        var interceptors = client.InterceptorRegistrations.Where(registration => registration.Scope == InterceptorScope.Channel).Select(registration => registration.Creator(services));
        return (channel, channel.CreateCallInvoker().Intercept([.. interceptors]));
    }
}

internal sealed class DefaultGrpcClientFactory(ClientChannels channels, IOptionsMonitor<GrpcClientFactoryOptions> options, IServiceProvider services) : GrpcClientFactory
{
    public override TClient CreateClient<TClient>(string name)
    {
        var client = options.Get(name);
        var interceptors = client.InterceptorRegistrations.Where(registration => registration.Scope == InterceptorScope.Client).Select(registration => registration.Creator(services));
        var invoker = channels.Of(name);
        if (client.CallCredentials.Count > 0)
        {
            invoker = invoker.Intercept(new WithCredentials(CallCredentials.Compose([.. client.CallCredentials.Select(create => create(services))])));
        }

        invoker = invoker.Intercept([.. interceptors]);
        return (TClient)(client.Creator?.Invoke(invoker) ?? ActivatorUtilities.CreateInstance<TClient>(services, invoker));
    }

    private sealed class WithCredentials(CallCredentials credentials) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Add(context));

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Add(context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Add(context));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(Add(context));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(Add(context));

        private ClientInterceptorContext<TRequest, TResponse> Add<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class
        {
            var all = context.Options.Credentials is { } own ? CallCredentials.Compose(credentials, own) : credentials;
            return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithCredentials(all));
        }
    }
}

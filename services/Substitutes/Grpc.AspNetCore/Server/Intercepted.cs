using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>Puts the configured interceptors around a handler, once, when a service is mapped.</summary>
internal sealed class Intercepted(IReadOnlyList<InterceptorRegistration> interceptors)
{
    public UnaryServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(handler, (next, registration) => async (request, context) =>
        {
            await using var interceptor = Take(registration, context);
            return await interceptor.Value.UnaryServerHandler(request, context, next);
        });

    public ClientStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(ClientStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(handler, (next, registration) => async (requests, context) =>
        {
            await using var interceptor = Take(registration, context);
            return await interceptor.Value.ClientStreamingServerHandler(requests, context, next);
        });

    public ServerStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(handler, (next, registration) => async (request, responses, context) =>
        {
            await using var interceptor = Take(registration, context);
            await interceptor.Value.ServerStreamingServerHandler(request, responses, context, next);
        });

    public DuplexStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class =>
        interceptors.Reverse().Aggregate(handler, (next, registration) => async (requests, responses, context) =>
        {
            await using var interceptor = Take(registration, context);
            await interceptor.Value.DuplexStreamingServerHandler(requests, responses, context, next);
        });

    private static Leased<Interceptor> Take(InterceptorRegistration registration, ServerCallContext context) =>
        Leased<Interceptor>.Take(context.GetHttpContext().RequestServices, registration.Type, [.. registration.Arguments]);
}

using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>One method of a mapped service and how its calls are answered.</summary>
internal sealed record ServedMethod(IMethod Method, bool ReadsStream, Func<ServerCall, Task> Answer, IReadOnlyList<object> Metadata);

/// <summary>Collects the methods of a service that is mapped.</summary>
internal abstract class MethodCollector(ServiceSettings settings) : ServiceBinderBase
{
    private readonly Intercepted interceptors = new(settings.Interceptors);
    private readonly List<ServedMethod> methods = [];

    public IReadOnlyList<ServedMethod> Methods => methods;

    protected void Serve<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler, IReadOnlyList<object> metadata)
        where TRequest : class
        where TResponse : class
    {
        var intercepted = interceptors.Around(handler);
        methods.Add(new ServedMethod(method, ReadsStream: false, Metadata: metadata, Answer: async call =>
        {
            var request = await call.ReadSingle(method.RequestMarshaller);
            await call.WriteSingle(method.ResponseMarshaller, await intercepted(request, call));
        }));
    }

    protected void Serve<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler, IReadOnlyList<object> metadata)
        where TRequest : class
        where TResponse : class
    {
        var intercepted = interceptors.Around(handler);
        methods.Add(new ServedMethod(method, ReadsStream: true, Metadata: metadata, Answer: async call =>
        {
            var requests = new RequestStream<TRequest>(call, method.RequestMarshaller);
            await call.WriteSingle(method.ResponseMarshaller, await intercepted(requests, call));
        }));
    }

    protected void Serve<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler, IReadOnlyList<object> metadata)
        where TRequest : class
        where TResponse : class
    {
        var intercepted = interceptors.Around(handler);
        methods.Add(new ServedMethod(method, ReadsStream: false, Metadata: metadata, Answer: async call =>
        {
            var request = await call.ReadSingle(method.RequestMarshaller);
            await intercepted(request, new ResponseStream<TResponse>(call, method.ResponseMarshaller), call);
        }));
    }

    protected void Serve<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler, IReadOnlyList<object> metadata)
        where TRequest : class
        where TResponse : class
    {
        var intercepted = interceptors.Around(handler);
        methods.Add(new ServedMethod(method, ReadsStream: true, Metadata: metadata, Answer: call =>
            intercepted(new RequestStream<TRequest>(call, method.RequestMarshaller), new ResponseStream<TResponse>(call, method.ResponseMarshaller), call)));
    }
}

/// <summary>Binds the methods of a service class, of which each call gets an instance.</summary>
internal sealed class ServiceClassBinder<TService>(ServiceSettings settings) : MethodCollector(settings)
    where TService : class
{
    /// <summary>Runs the generated bind method that the service's base class names.</summary>
    /// <exception cref="InvalidOperationException">The class has no generated base.</exception>
    public void Bind()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } bind)
            {
                continue;
            }

            var method = bind.BindType.GetMethod(bind.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                ?? throw new InvalidOperationException($"{bind.BindType} has no method {bind.BindMethodName} that binds {type}.");
            method.Invoke(null, [this, null]);
            return;
        }

        throw new InvalidOperationException($"{typeof(TService)} does not derive from a generated service base class.");
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, metadata) = Find<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(method, typeof(TRequest), typeof(ServerCallContext));
        Serve<TRequest, TResponse>(
            method,
            async (request, context) =>
            {
                await using var service = Take(context);
                return await invoke(service.Value, request, context);
            },
            metadata);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, metadata) = Find<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Serve<TRequest, TResponse>(
            method,
            async (IAsyncStreamReader<TRequest> requests, ServerCallContext context) =>
            {
                await using var service = Take(context);
                return await invoke(service.Value, requests, context);
            },
            metadata);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, metadata) = Find<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Serve<TRequest, TResponse>(
            method,
            async (TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context) =>
            {
                await using var service = Take(context);
                await invoke(service.Value, request, responses, context);
            },
            metadata);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, metadata) = Find<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Serve<TRequest, TResponse>(
            method,
            async (IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context) =>
            {
                await using var service = Take(context);
                await invoke(service.Value, requests, responses, context);
            },
            metadata);
    }

    private static Leased<TService> Take(ServerCallContext context) => Leased<TService>.Take(context.GetHttpContext().RequestServices, typeof(TService));

    private static (TInvoke Invoke, IReadOnlyList<object> Metadata) Find<TInvoke>(IMethod method, params Type[] parameters)
        where TInvoke : Delegate
    {
        var implementation = typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{typeof(TService)} has no method {method.Name} for {method.FullName}.");
        object[] metadata = [new GrpcMethodMetadata(typeof(TService), method), .. typeof(TService).GetCustomAttributes(inherit: true), .. implementation.GetCustomAttributes(inherit: true)];
        return (implementation.CreateDelegate<TInvoke>(), metadata);
    }
}

/// <summary>Binds single handlers.</summary>
internal sealed class DefinitionBinder(ServiceSettings settings) : MethodCollector(settings)
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Serve(method, handler ?? throw new ArgumentNullException(nameof(handler)), Metadata(method));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Serve(method, handler ?? throw new ArgumentNullException(nameof(handler)), Metadata(method));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Serve(method, handler ?? throw new ArgumentNullException(nameof(handler)), Metadata(method));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Serve(method, handler ?? throw new ArgumentNullException(nameof(handler)), Metadata(method));

    private static object[] Metadata(IMethod method) => [new GrpcMethodMetadata(typeof(ServerServiceDefinition), method)];
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>What has been mapped so far.</summary>
internal sealed class ServedMethods
{
    private readonly ConcurrentQueue<GrpcMethodMetadata> methods = new();
    private readonly ConditionalWeakTable<IEndpointRouteBuilder, object> seen = [];

    public IEnumerable<string> ServiceNames => methods.Select(method => method.Method.ServiceName).Distinct();

    public IEnumerable<Type> ServiceTypes => methods.Select(method => method.ServiceType).Distinct();

    public void Add(GrpcMethodMetadata method) => methods.Enqueue(method);

    public bool FirstOfApplication(IEndpointRouteBuilder application) => seen.TryAdd(application, seen);
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>What has been mapped so far.</summary>
internal sealed class ServedMethods
{
    private readonly ConcurrentQueue<IMethod> methods = new();
    private readonly ConditionalWeakTable<IEndpointRouteBuilder, object> seen = [];

    public IEnumerable<string> ServiceNames => methods.Select(method => method.ServiceName).Distinct();

    public void Add(IMethod method) => methods.Enqueue(method);

    public bool FirstOfApplication(IEndpointRouteBuilder application) => seen.TryAdd(application, seen);
}

using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>From a call to its HTTP request.</summary>
public static class ServerCallContextExtensions
{
    private const string Key = "__HttpContext";

    /// <summary>Also of a context that stands in for the real one and holds the request in its user state under <c>__HttpContext</c>.</summary>
    /// <exception cref="InvalidOperationException">The call does not come over ASP.NET Core.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return serverCallContext is ServerCall call
            ? call.Http
            : serverCallContext.UserState.TryGetValue(Key, out var held) && held is HttpContext http ? http : throw new InvalidOperationException("Could not get HttpContext from ServerCallContext.");
    }
}

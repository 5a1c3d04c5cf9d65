using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Platform.Http;

namespace OtPlatform.Platform.Grpc;

/// <summary>gRPC as every service serves it: problems as statuses, health and reflection. A service only says <c>app.MapGrpcService&lt;T&gt;()</c>.</summary>
public static class PlatformGrpcExtensions
{
    /// <param name="ready">The tag of the health checks that the server's state depends on.</param>
    internal static IServiceCollection AddPlatformGrpc(this IServiceCollection services, string ready)
    {
        services.AddSingleton<ProblemInterceptor>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = StrictJson.LargestBody;

            // Its route for any two segments would turn the 415 of our REST endpoints into a 404; to a gRPC client a 404 is UNIMPLEMENTED too.
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<ProblemInterceptor>();
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health => health.Services.Map(string.Empty, check => check.Tags.Contains(ready)));
        return services;
    }

    internal static void MapPlatformGrpc(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcHealthChecksService();
        endpoints.MapGrpcReflectionService();
    }
}

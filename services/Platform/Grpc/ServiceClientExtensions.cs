using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace OtPlatform.Platform.Grpc;

/// <summary>Registers clients of other services.</summary>
public static class ServiceClientExtensions
{
    /// <summary>
    /// A generated client that forwards the caller's <c>Authorization</c>, sets deadlines, and repeats single calls that are UNAVAILABLE
    /// and either never arrived or are idempotent. Its failures reach our own caller as UNAVAILABLE or INTERNAL, never with their text.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient<TClient>(this IServiceCollection services, Uri address, ServiceCallOptions? options = null)
        where TClient : ClientBase
    {
        services.AddHttpContextAccessor();
        return services.AddGrpcClient<TClient>(client => client.Address = address)
            .AddInterceptor(provider => new CalledService(provider, provider.GetRequiredService<IHttpContextAccessor>(), typeof(TClient), options ?? new ServiceCallOptions()));
    }
}

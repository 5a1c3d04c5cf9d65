using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <exception cref="InvalidOperationException">AddGrpc was not called, or the class has no generated base.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = ServiceSettings.Of<TService>(Registered(builder));
        var binder = new ServiceClassBinder<TService>(settings);
        binder.Bind();
        return Map(builder, settings, binder.Methods);
    }

    public static GrpcServiceEndpointConventionBuilder MapGrpcService(this IEndpointRouteBuilder builder, ServerServiceDefinition serviceDefinition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serviceDefinition);
        var settings = ServiceSettings.OfAll(Registered(builder));
        var binder = new DefinitionBinder(settings);
        serviceDefinition.BindService(binder);
        return Map(builder, settings, binder.Methods);
    }

    private static IServiceProvider Registered(IEndpointRouteBuilder builder) =>
        builder.ServiceProvider.GetService<ServedMethods>() is null
            ? throw new InvalidOperationException("Unable to find the required services. Please add all the required services by calling 'IServiceCollection.AddGrpc'.")
            : builder.ServiceProvider;

    private static GrpcServiceEndpointConventionBuilder Map(IEndpointRouteBuilder builder, ServiceSettings settings, IReadOnlyList<ServedMethod> methods)
    {
        var served = builder.ServiceProvider.GetRequiredService<ServedMethods>();
        var logger = builder.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");
        var endpoints = new List<IEndpointConventionBuilder>();
        foreach (var method in methods)
        {
            var path = method.Method.FullName;
            var endpoint = builder.MapPost(path, http => ServerCall.Serve(http, path, settings, logger, method));
            endpoint.WithDisplayName($"gRPC - {path}").WithMetadata([.. method.Metadata]);
            endpoints.Add(endpoint);
            served.Add(method.Metadata.OfType<GrpcMethodMetadata>().Single());
        }

        foreach (var service in methods.Select(method => method.Method.ServiceName).Distinct())
        {
            endpoints.Add(MapUnimplemented(builder, $"{service}/{{unimplementedMethod:{GrpcContent.Name}}}", "Method is unimplemented.", $"gRPC - Unimplemented method for {service}"));
        }

        if (!settings.IgnoreUnknownServices && served.FirstOfApplication(builder))
        {
            MapUnimplemented(builder, $"{{unimplementedService}}/{{unimplementedMethod:{GrpcContent.Name}}}", "Service is unimplemented.", "gRPC - Unimplemented service");
        }

        return new GrpcServiceEndpointConventionBuilder(endpoints);
    }

    private static IEndpointConventionBuilder MapUnimplemented(IEndpointRouteBuilder builder, string pattern, string detail, string name)
    {
        // Not MapPost: every other method on a path of two segments would then be a 405 instead of a 404.
        var endpoint = builder.Map(pattern, http => ServerCall.IsServable(http)
            ? ServerCall.Refuse(http, new Status(StatusCode.Unimplemented, detail))
            : Task.CompletedTask);
        endpoint.WithDisplayName(name);
        return endpoint;
    }
}

/// <summary>Adds conventions, such as authorization, to all methods of a mapped service.</summary>
public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
{
    private readonly IReadOnlyList<IEndpointConventionBuilder> endpoints;

    internal GrpcServiceEndpointConventionBuilder(IReadOnlyList<IEndpointConventionBuilder> endpoints) => this.endpoints = endpoints;

    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (var endpoint in endpoints)
        {
            endpoint.Add(convention);
        }
    }
}

using Grpc.Net.Compression;
using Grpc.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>The options in force for one service: its own before those of all.</summary>
internal sealed class ServiceSettings
{
    private ServiceSettings(GrpcServiceOptions all, GrpcServiceOptions? own)
    {
        MaxSend = own is { MaxSendMessageSizeSpecified: true } ? own.MaxSendMessageSize : all.MaxSendMessageSize;
        MaxReceive = own is { MaxReceiveMessageSizeSpecified: true } ? own.MaxReceiveMessageSize : all.MaxReceiveMessageSize;
        DetailedErrors = own?.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false;
        IgnoreUnknownServices = all.IgnoreUnknownServices ?? false;
        CompressionLevel = own?.ResponseCompressionLevel ?? all.ResponseCompressionLevel;
        Compressors = new Compressors(all.CompressionProviders.Concat(own?.CompressionProviders ?? []));
        ResponseCompression = (own?.ResponseCompressionAlgorithm ?? all.ResponseCompressionAlgorithm) is { } name
            ? Compressors.Find(name) ?? throw new InvalidOperationException($"No compression provider is configured for the algorithm {name}.")
            : null;
        Interceptors = [.. all.Interceptors, .. own is null ? [] : own.Interceptors];
    }

    public int? MaxSend { get; }

    public int? MaxReceive { get; }

    public bool DetailedErrors { get; }

    public bool IgnoreUnknownServices { get; }

    public System.IO.Compression.CompressionLevel? CompressionLevel { get; }

    public Compressors Compressors { get; }

    public ICompressionProvider? ResponseCompression { get; }

    public IReadOnlyList<InterceptorRegistration> Interceptors { get; }

    public static ServiceSettings Of<TService>(IServiceProvider services)
        where TService : class => new(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value);

    public static ServiceSettings OfAll(IServiceProvider services) => new(services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value, null);
}

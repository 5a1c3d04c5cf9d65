using System.Collections.ObjectModel;
using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>How services are served. Sizes in bytes; null is no limit. Without a word, 4 MB may be received and anything sent.</summary>
public class GrpcServiceOptions
{
    private const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    private int? maxSendMessageSize;
    private int? maxReceiveMessageSize = DefaultMaxReceiveMessageSize;

    public int? MaxSendMessageSize
    {
        get => maxSendMessageSize;
        set
        {
            maxSendMessageSize = value;
            MaxSendMessageSizeSpecified = true;
        }
    }

    public bool MaxSendMessageSizeSpecified { get; set; }

    public int? MaxReceiveMessageSize
    {
        get => maxReceiveMessageSize;
        set
        {
            maxReceiveMessageSize = value;
            MaxReceiveMessageSizeSpecified = true;
        }
    }

    public bool MaxReceiveMessageSizeSpecified { get; set; }

    /// <summary>Whether the text of an unhandled exception goes to the client. Only for development.</summary>
    public bool? EnableDetailedErrors { get; set; }

    public string? ResponseCompressionAlgorithm { get; set; }

    public CompressionLevel? ResponseCompressionLevel { get; set; }

    public IList<ICompressionProvider> CompressionProviders { get; set; } = [];

    /// <summary>Whether calls of services that are not mapped fall through to the rest of the application.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    public InterceptorCollection Interceptors { get; } = [];
}

/// <summary>How one service is served, where it differs from the others.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class;

/// <summary>Interceptors of the server, the first sees a call first.</summary>
public class InterceptorCollection : Collection<InterceptorRegistration>
{
    public void Add<TInterceptor>(params object[] args)
        where TInterceptor : Core.Interceptors.Interceptor => Add(typeof(TInterceptor), args);

    public void Add(Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        if (!interceptorType.IsSubclassOf(typeof(Core.Interceptors.Interceptor)))
        {
            throw new ArgumentException($"{interceptorType} is no interceptor.", nameof(interceptorType));
        }

        Add(new InterceptorRegistration(interceptorType, args));
    }
}

/// <summary>An interceptor of the server. It comes from the container if it is there, else it is made for each call.</summary>
public class InterceptorRegistration
{
    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments { get; }
}

namespace Grpc.Core;

/// <summary>How a channel proves who it is: not at all, or by TLS, and with what each call carries.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new Plain(isSecure: false);

    public static ChannelCredentials SecureSsl { get; } = new Plain(isSecure: true);

    internal abstract bool IsSecure { get; }

    internal virtual CallCredentials? OfEachCall => null;

    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return new WithCalls(channelCredentials, callCredentials);
    }

    private sealed class Plain(bool isSecure) : ChannelCredentials
    {
        internal override bool IsSecure => isSecure;
    }

    private sealed class WithCalls(ChannelCredentials channel, CallCredentials calls) : ChannelCredentials
    {
        internal override bool IsSecure => channel.IsSecure;

        internal override CallCredentials OfEachCall => calls;
    }
}

/// <summary>Adds metadata, such as a bearer token, to a call before it is sent.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

/// <summary>The call that credentials are asked for.</summary>
public class AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
{
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    public string ServiceUrl { get; } = serviceUrl;

    public string MethodName { get; } = methodName;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>What a single call carries to prove who makes it.</summary>
public abstract class CallCredentials
{
    internal abstract IEnumerable<AsyncAuthInterceptor> Interceptors { get; }

    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new Several([interceptor]);
    }

    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return new Several([.. credentials.SelectMany(single => single.Interceptors)]);
    }

    private sealed class Several(IReadOnlyList<AsyncAuthInterceptor> interceptors) : CallCredentials
    {
        internal override IEnumerable<AsyncAuthInterceptor> Interceptors => interceptors;
    }
}

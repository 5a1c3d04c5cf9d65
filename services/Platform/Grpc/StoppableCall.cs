using Grpc.Core;

namespace OtPlatform.Platform.Grpc;

/// <summary>A call whose token is also cancelled when the service stops; all else is the call's own.</summary>
internal sealed class StoppableCall : ServerCallContext
{
    private readonly ServerCallContext call;
    private readonly CancellationToken token;

    public StoppableCall(ServerCallContext call, CancellationToken token)
    {
        this.call = call;
        this.token = token;

        // Where GetHttpContext looks in a context that is not its own.
        call.UserState["__HttpContext"] = call.GetHttpContext();
    }

    protected override string MethodCore => call.Method;

    protected override string HostCore => call.Host;

    protected override string PeerCore => call.Peer;

    protected override DateTime DeadlineCore => call.Deadline;

    protected override Metadata RequestHeadersCore => call.RequestHeaders;

    protected override CancellationToken CancellationTokenCore => token;

    protected override Metadata ResponseTrailersCore => call.ResponseTrailers;

    protected override Status StatusCore
    {
        get => call.Status;
        set => call.Status = value;
    }

    protected override WriteOptions? WriteOptionsCore
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    protected override AuthContext AuthContextCore => call.AuthContext;

    protected override IDictionary<object, object> UserStateCore => call.UserState;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => call.WriteResponseHeadersAsync(responseHeaders);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => call.CreatePropagationToken(options);
}

using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace OtPlatform.Platform.Grpc;

/// <summary>How long a service waits for another one, and how often it asks.</summary>
public sealed record ServiceCallOptions
{
    /// <summary>Of one attempt; goes along as its deadline.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Of all attempts together.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public int Retries { get; init; } = 3;

    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Whether a call may be repeated although it may have arrived. Without a word, those whose proto says
    /// <c>option idempotency_level = NO_SIDE_EFFECTS</c> or <c>IDEMPOTENT</c>.
    /// </summary>
    public Func<IMethod, bool>? IsIdempotent { get; init; }

    /// <summary>The token of calls outside a request, in which there is no caller to forward: null sends none.</summary>
    public Func<IServiceProvider, CancellationToken, Task<string?>>? OwnToken { get; init; }
}

/// <summary>
/// Around every call to another service: forwards the caller's <c>Authorization</c>, sets a deadline, and runs single calls in the pipeline
/// <c>service-call</c>, which repeats what is UNAVAILABLE and either never arrived or is idempotent. Failures are marked as another service's.
/// </summary>
internal sealed class CalledService : Interceptor
{
    private const string Authorization = "authorization";
    private const string Mark = "otplatform.called-service";

    private static readonly ResiliencePropertyKey<IMethod> MethodKey = new("method");

    private readonly IServiceProvider services;
    private readonly IHttpContextAccessor current;
    private readonly ServiceCallOptions options;
    private readonly ResiliencePipeline pipeline;
    private readonly HashSet<string> idempotent;

    public CalledService(IServiceProvider services, IHttpContextAccessor current, Type client, ServiceCallOptions options)
    {
        this.services = services;
        this.current = current;
        this.options = options;
        idempotent = IdempotentMethods(client);
        pipeline = new ResiliencePipelineBuilder { Name = "service-call" }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.TotalTimeout })
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.FirstPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is RpcException failure && MayRepeat(attempt.Context, failure)),
            })
            .Build();
    }

    /// <summary>Whether the exception is the failure of a call to another service, and not our own answer.</summary>
    public static bool Failed(RpcException exception) => exception.Data.Contains(Mark);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var attempts = new Attempts<TResponse>();
        var response = Repeated(attempts, request, context, continuation);
        return new AsyncUnaryCall<TResponse>(response, attempts.Headers(response), () => attempts.Last.GetStatus(), () => attempts.Last.GetTrailers(), attempts.Dispose);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        throw new NotSupportedException("Services call each other asynchronously.");

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithCaller(context));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithCaller(context));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithCaller(context));

    private static HashSet<string> IdempotentMethods(Type client)
    {
        var descriptor = client.DeclaringType?.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor;
        return (descriptor?.Methods ?? [])
            .Where(method => method.GetOptions()?.IdempotencyLevel is MethodOptions.Types.IdempotencyLevel.NoSideEffects or MethodOptions.Types.IdempotencyLevel.Idempotent)
            .Select(method => $"/{descriptor!.FullName}/{method.Name}")
            .ToHashSet(StringComparer.Ordinal);
    }

    private static bool NeverArrived(RpcException failure) => failure.Status.DebugException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    private static RpcException Marked(RpcException failure)
    {
        failure.Data[Mark] = true;
        return failure;
    }

    private async Task<TResponse> Repeated<TRequest, TResponse>(Attempts<TResponse> attempts, TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        var token = context.Options.CancellationToken;
        var resilience = ResilienceContextPool.Shared.Get(token);
        resilience.Properties.Set(MethodKey, context.Method);
        try
        {
            var own = await OwnToken(token);
            return await pipeline.ExecuteAsync(
                async inner =>
                {
                    var attempt = WithCaller(context, own);
                    var deadline = DateTime.UtcNow + options.AttemptTimeout;
                    var wanted = attempt.Options.Deadline is { } given && given < deadline ? given : deadline;
                    var call = continuation(request, new ClientInterceptorContext<TRequest, TResponse>(attempt.Method, attempt.Host, attempt.Options.WithDeadline(wanted).WithCancellationToken(inner.CancellationToken)));
                    attempts.Add(call);
                    return await call.ResponseAsync;
                },
                resilience);
        }
        catch (RpcException failure)
        {
            throw token.IsCancellationRequested ? failure : Marked(failure);
        }
        catch (TimeoutRejectedException)
        {
            throw Marked(new RpcException(new Status(StatusCode.DeadlineExceeded, "The called service took too long.")));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(resilience);
        }
    }

    private bool MayRepeat(ResilienceContext context, RpcException failure) =>
        failure.StatusCode == StatusCode.Unavailable
        && context.Properties.TryGetValue(MethodKey, out var method)
        && (NeverArrived(failure) || (options.IsIdempotent?.Invoke(method) ?? idempotent.Contains(method.FullName)));

    private async Task<string?> OwnToken(CancellationToken cancellation) =>
        current.HttpContext is null && options.OwnToken is { } token ? await token(services, cancellation) : null;

    private ClientInterceptorContext<TRequest, TResponse> WithCaller<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, string? own = null)
        where TRequest : class
        where TResponse : class
    {
        var forwarded = own is null ? current.HttpContext?.Request.Headers.Authorization.ToString() : $"Bearer {own}";
        if (string.IsNullOrEmpty(forwarded) || context.Options.Headers?.Get(Authorization) is not null)
        {
            return context;
        }

        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? [])
        {
            headers.Add(entry);
        }

        headers.Add(Authorization, forwarded);
        return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(headers));
    }

    /// <summary>The calls that one call of the service became; the last one counts.</summary>
    private sealed class Attempts<TResponse>
    {
        private AsyncUnaryCall<TResponse>? last;

        public AsyncUnaryCall<TResponse> Last => last ?? throw new InvalidOperationException("The call has not begun.");

        public void Add(AsyncUnaryCall<TResponse> call)
        {
            last?.Dispose();
            last = call;
        }

        public async Task<Metadata> Headers(Task<TResponse> response)
        {
            await response;
            return await Last.ResponseHeadersAsync;
        }

        public void Dispose() => last?.Dispose();
    }
}

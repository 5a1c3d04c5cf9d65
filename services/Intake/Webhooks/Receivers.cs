using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace OtPlatform.Intake.Webhooks;

/// <summary>What a round of attempts led to.</summary>
/// <param name="Failure">Null when it arrived.</param>
/// <param name="NotTried">The receiver is left alone for this long; nothing was sent, or nothing more.</param>
public sealed record Round(DeliveryFailure? Failure, TimeSpan? NotTried = null);

/// <summary>
/// Calls receivers: the pipeline <c>webhook</c> tries a few times, leaves a receiver alone that keeps failing, and bounds each attempt.
/// Each webhook has a breaker of its own, so that none suffers for another's receiver.
/// </summary>
public sealed class Receivers : IDisposable
{
    private const int LongestHeadersKiB = 16;
    private const int LargestAnswerRead = 4 * 1024;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Receiver> _receivers = new();
    private readonly WebhookOptions _options;
    private readonly HttpClient _http;

    public Receivers(WebhookOptions options, ReceiverAddresses addresses)
    {
        _options = options;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = addresses.Connect,
            MaxResponseDrainSize = LargestAnswerRead,
            MaxResponseHeadersLength = LongestHeadersKiB,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            UseCookies = false,
            UseProxy = false,

            // No span of the call, which would name the address, and no trace of ours in a partner's system.
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("OtPlatform-Webhooks", "1"));
    }

    /// <summary>Webhooks whose receiver gets nothing right now: left alone, or as much under way as it may have.</summary>
    public IReadOnlyList<Guid> Busy => [.. _receivers.Where(receiver => receiver.Value.IsBusy(_options.AtOnceToOne)).Select(receiver => receiver.Key)];

    /// <summary>Forgets the receivers of all other webhooks.</summary>
    public void Keep(IReadOnlyCollection<Guid> webhooks)
    {
        foreach (var gone in _receivers.Keys.Except(webhooks))
        {
            _receivers.TryRemove(gone, out _);
        }
    }

    /// <summary>Webhooks whose receiver was called since the start.</summary>
    public IReadOnlyCollection<Guid> Known => [.. _receivers.Keys];

    /// <summary>Holds a place at a receiver until disposed.</summary>
    public IDisposable Enter(Guid webhook) => Of(webhook).Enter();

    /// <summary>One round of attempts.</summary>
    /// <param name="mayStill">False when there is no time left for another attempt.</param>
    /// <param name="sign">Gives the signature of an attempt that is made now.</param>
    public async Task<Round> Send(Guid webhook, Uri address, Guid eventId, byte[] body, Func<string> sign, Func<bool> mayStill, CancellationToken cancellation)
    {
        var receiver = Of(webhook);
        DeliveryFailure? last = null;
        try
        {
            last = await receiver.Pipeline.ExecuteAsync(
                async token => last = mayStill() ? await Attempt(address, eventId, body, sign(), token) : last ?? DeliveryFailure.TimedOut, cancellation);
            return new Round(last);
        }
        catch (BrokenCircuitException broken)
        {
            var left = broken.RetryAfter ?? _options.BreakDuration;
            receiver.LeaveAlone(left);
            return new Round(last, left);
        }
        catch (TimeoutRejectedException)
        {
            return new Round(DeliveryFailure.TimedOut);
        }
    }

    public void Dispose() => _http.Dispose();

    private static DeliveryFailure? Judge(HttpResponseMessage answer) => (int)answer.StatusCode switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 and var status => DeliveryFailure.Redirected(status),
        var status => DeliveryFailure.Answered(status),
    };

    private async ValueTask<DeliveryFailure?> Attempt(Uri address, Guid eventId, byte[] body, string signature, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.Add(Signature.Header, signature);
        request.Headers.Add(Signature.EventIdHeader, eventId.ToString());
        try
        {
            // The status is all that counts: the answer's body is not read.
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return Judge(answer);
        }
        catch (HttpRequestException failure)
        {
            return failure.InnerException is AddressRefusedException ? DeliveryFailure.AddressRefused : DeliveryFailure.NotReached;
        }
    }

    private Receiver Of(Guid webhook) => _receivers.GetOrAdd(webhook, _ => new Receiver(_options));

    private sealed class Receiver
    {
        private int _under;
        private long _leftAloneUntil;

        public Receiver(WebhookOptions options)
        {
            Pipeline = new ResiliencePipelineBuilder<DeliveryFailure?> { Name = "webhook" }
                .AddRetry(new RetryStrategyOptions<DeliveryFailure?>
                {
                    MaxRetryAttempts = options.Retries,
                    Delay = options.FirstPause,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome is { Exception: TimeoutRejectedException } or { Result.MayPass: true }),
                })
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<DeliveryFailure?>
                {
                    FailureRatio = 1,
                    MinimumThroughput = options.BreakerFailures,
                    SamplingDuration = Window,
                    BreakDuration = options.BreakDuration,
                    ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome is { Exception: TimeoutRejectedException } or { Result: not null }),
                    OnOpened = opened =>
                    {
                        LeaveAlone(opened.BreakDuration);
                        return ValueTask.CompletedTask;
                    },
                })
                .AddTimeout(options.AttemptTimeout)
                .Build();
        }

        public ResiliencePipeline<DeliveryFailure?> Pipeline { get; }

        public bool IsBusy(int most) => Volatile.Read(ref _under) >= most || Environment.TickCount64 < Volatile.Read(ref _leftAloneUntil);

        public void LeaveAlone(TimeSpan time) => Volatile.Write(ref _leftAloneUntil, Environment.TickCount64 + (long)time.TotalMilliseconds);

        public IDisposable Enter()
        {
            Interlocked.Increment(ref _under);
            return new Place(this);
        }

        private sealed class Place(Receiver receiver) : IDisposable
        {
            public void Dispose() => Interlocked.Decrement(ref receiver._under);
        }
    }
}

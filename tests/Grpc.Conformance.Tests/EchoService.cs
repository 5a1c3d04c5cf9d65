using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.CallConformance.V1;

namespace OtPlatform.CallConformance;

/// <summary>Answers every kind of call, and sends back what it saw of the call around the messages.</summary>
internal class EchoService(CallLog log) : Echo.EchoBase
{
    public override async Task<SayReply> Say(SayRequest request, ServerCallContext context)
    {
        await ReturnMetadata(context);
        if (request.WaitMilliseconds > 0)
        {
            await Wait(request.WaitMilliseconds, context);
        }

        return new SayReply { Text = request.Text, Filling = request.Filling };
    }

    public override async Task Count(CountRequest request, IServerStreamWriter<CountReply> responseStream, ServerCallContext context)
    {
        for (var number = 1; number <= request.UpTo; number++)
        {
            if (number > 1 && request.PauseMilliseconds > 0)
            {
                await Wait(request.PauseMilliseconds, context);
            }

            if (request.FailAfter > 0 && number > request.FailAfter)
            {
                throw new RpcException(new Status(StatusCode.DataLoss, "lost on the way"), new Metadata { { "counted", $"{request.FailAfter}" } });
            }

            await responseStream.WriteAsync(new CountReply { Number = number });
        }
    }

    public override async Task<SumReply> Sum(IAsyncStreamReader<SumRequest> requestStream, ServerCallContext context)
    {
        var reply = new SumReply();
        while (await requestStream.MoveNext())
        {
            if (requestStream.Current.Number < 0)
            {
                throw new RpcException(new Status(StatusCode.OutOfRange, "only upwards"));
            }

            reply.Total += requestStream.Current.Number;
            reply.Count++;
        }

        return reply;
    }

    public override async Task Converse(IAsyncStreamReader<SayRequest> requestStream, IServerStreamWriter<SayReply> responseStream, ServerCallContext context)
    {
        await ReturnMetadata(context);
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new SayReply { Text = request.Text, Filling = request.Filling });
        }
    }

    public override Task<SayReply> Fail(FailRequest request, ServerCallContext context) => request.Unhandled
        ? throw new InvalidOperationException(request.Detail)
        : throw new RpcException(
            new Status((StatusCode)request.Code, request.Detail),
            new Metadata { { "reason", "asked-for" }, { "reason-bin", [0, 1, 254, 255] } });

    [Authorize]
    public override Task<SayReply> Guarded(SayRequest request, ServerCallContext context) =>
        Task.FromResult(new SayReply { Text = $"{context.GetHttpContext().User.Identity!.Name}: {request.Text}" });

    [Authorize("clerks")]
    public override Task<SayReply> ForClerks(SayRequest request, ServerCallContext context) =>
        Task.FromResult(new SayReply { Text = request.Text });

    /// <summary>Headers that begin with <c>echo-</c> come back as a header and as a trailer.</summary>
    private static async Task ReturnMetadata(ServerCallContext context)
    {
        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith("echo-", StringComparison.Ordinal)))
        {
            headers.Add(entry);
            if (entry.IsBinary)
            {
                context.ResponseTrailers.Add($"trailing-{entry.Key}", entry.ValueBytes);
            }
            else
            {
                context.ResponseTrailers.Add($"trailing-{entry.Key}", entry.Value);
            }
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }

    private async Task Wait(int milliseconds, ServerCallContext context)
    {
        try
        {
            await Task.Delay(milliseconds, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            log.Cancelled.TrySetResult(context.Deadline);
            throw;
        }
    }
}

/// <summary>What the server noticed, for tests that cannot see it from outside.</summary>
internal sealed class CallLog
{
    /// <summary>Set, with its deadline, when a waiting call was cancelled.</summary>
    public TaskCompletionSource<DateTime> Cancelled { get; set; } = new();
}

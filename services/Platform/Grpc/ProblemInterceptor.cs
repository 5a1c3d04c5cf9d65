using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Http;

namespace OtPlatform.Platform.Grpc;

/// <summary>Turns what a gRPC method throws into a status; the only place that does. Streams end when the service stops, so that their readers resume elsewhere.</summary>
internal sealed partial class ProblemInterceptor(IHostApplicationLifetime lifetime, ILogger<ProblemInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Answer(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Answer(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        AnswerStream(context, stoppable => continuation(request, responseStream, stoppable));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        AnswerStream(context, stoppable => continuation(requestStream, responseStream, stoppable));

    private async Task AnswerStream(ServerCallContext context, Func<ServerCallContext, Task> act)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await Answer(context, async () =>
        {
            await act(new StoppableCall(context, stopping.Token));
            return context;
        });
    }

    private async Task<T> Answer<T>(ServerCallContext context, Func<Task<T>> act)
    {
        var span = Activity.Current;
        span?.DisplayName = context.Method.TrimStart('/');
        span?.SetTag("rpc.system", "grpc");
        try
        {
            return await act();
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Spoken(GrpcProblems.Of(StatusCode.Unavailable, Problems.Unavailable, "The service is stopping. Call again, and resume a stream at your position."), context);
        }
        catch (Exception exception)
        {
            var answer = GrpcProblems.Explain(exception);
            if (answer is null)
            {
                Failed(logger, context.Method, exception);
                span?.SetStatus(ActivityStatusCode.Error);
                answer = GrpcProblems.Broken();
            }

            span?.SetTag("otplatform.problem", GrpcProblems.CodeOf(answer));
            throw Spoken(answer, context);
        }
    }

    private static RpcException Spoken(RpcException answer, ServerCallContext context) => GrpcProblems.ForCaller(answer, context.GetHttpContext());

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private static partial void Failed(ILogger logger, string method, Exception exception);
}

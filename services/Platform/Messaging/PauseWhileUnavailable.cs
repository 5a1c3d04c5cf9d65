using System.Net.Sockets;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OtPlatform.Platform.Messaging;

/// <summary>Holds a message back while the store is away instead of failing it: it is tried again until it passes or the endpoint stops, and then requeued.</summary>
public sealed partial class PauseWhileUnavailable(ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    internal async Task Run(ConsumeContext context, Func<Task> deliver)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await deliver();
                return;
            }
            catch (Exception exception) when (IsTransient(exception) && !context.CancellationToken.IsCancellationRequested)
            {
                Paused(logger, context.ReceiveContext.InputAddress.AbsolutePath, pause.TotalMilliseconds, exception);
                await Task.Delay(pause, context.CancellationToken);
            }
        }
    }

    /// <summary>True for faults of the store, the broker or another service that pass by themselves.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        NpgsqlException { IsTransient: true } or SocketException or TimeoutException => true,
        RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded } => true,
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" } => true,
        { InnerException: { } inner } => IsTransient(inner),
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Endpoint} pauses for {Milliseconds} ms: the store is not available")]
    private static partial void Paused(ILogger logger, string endpoint, double milliseconds, Exception exception);
}

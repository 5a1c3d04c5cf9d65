using Microsoft.Extensions.Logging;

namespace Marten.Daemon;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Subscription {Shard} runs here from {Position}")]
    internal static partial void AgentStarted(this ILogger logger, string shard, long position);

    [LoggerMessage(2, LogLevel.Information, "Subscription {Shard} has stopped here")]
    internal static partial void AgentStopped(this ILogger logger, string shard);

    [LoggerMessage(3, LogLevel.Error, "Subscription {Shard} failed after {Position}; attempt {Attempt} follows in {Delay}")]
    internal static partial void PageFailed(this ILogger logger, Exception exception, string shard, long position, int attempt, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Warning, "Subscription {Shard} was moved on by another process from {Position}; it reads its position again")]
    internal static partial void ProgressMovedElsewhere(this ILogger logger, string shard, long position);

    [LoggerMessage(5, LogLevel.Critical, "Subscription {Shard} has stopped itself after {Position}")]
    internal static partial void CriticalFailure(this ILogger logger, Exception exception, string shard, long position);

    [LoggerMessage(6, LogLevel.Warning, "The daemon has lost its connection to the database and tries again")]
    internal static partial void CoordinatorFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "The high-water mark could not be read")]
    internal static partial void HighWaterFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "Subscription {Shard} goes on without {Sequence}, which cannot be read ({Reason})")]
    internal static partial void EventUnreadable(this ILogger logger, string shard, long sequence, string reason);
}

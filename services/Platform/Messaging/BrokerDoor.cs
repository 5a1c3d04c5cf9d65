using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace OtPlatform.Platform.Messaging;

/// <summary>
/// Waits until the broker takes connections. MassTransit calls it before each attempt to connect: an attempt that fails is followed by
/// rests that grow up to a minute, one that waits here goes on as soon as the broker is back.
/// </summary>
public sealed partial class BrokerDoor(Uri broker, ILogger logger, CancellationToken closing)
{
    private const int PlainPort = 5672;
    private const int SecurePort = 5671;
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the broker takes connections, or when nobody wants it any more: the attempt to connect then fails by itself.</summary>
    public async Task UntilOpen()
    {
        for (var told = false; !closing.IsCancellationRequested && !await IsOpen(); told = true)
        {
            if (!told)
            {
                Waiting(logger, broker.Host, Port);
            }

            await Task.Delay(Pause, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Port => !broker.IsDefaultPort && broker.Port > 0 ? broker.Port : broker.Scheme == "amqps" ? SecurePort : PlainPort;

    private async Task<bool> IsOpen()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing);
        limit.CancelAfter(AttemptLimit);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(broker.Host, Port, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker at {Host}:{Port} takes no connection; waiting for it")]
    private static partial void Waiting(ILogger logger, string host, int port);
}

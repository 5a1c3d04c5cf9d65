using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OtPlatform.Local;

/// <summary>Ports on 127.0.0.1: the preferred one where it is free, else another.</summary>
public static class Ports
{
    // Below the range from which the kernel picks ports for outgoing connections, so that none slips in before the server binds.
    private const int Lowest = 20_000;
    private const int Highest = 31_999;

    private static readonly ConcurrentDictionary<int, bool> HandedOut = new();

    /// <summary>The preferred port, or with a word about it a free one; without a preference any free one.</summary>
    public static int Take(int? preferred, string purpose, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        if (preferred is { } wanted)
        {
            if (IsFree(wanted))
            {
                return wanted;
            }

            var other = AnyFree();
            say($"Port {wanted} for {purpose} is taken; {other} is used instead.");
            return other;
        }

        return AnyFree();
    }

    /// <summary>Whether nothing listens on the port now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int AnyFree()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest + 1);
            if (IsFree(port) && HandedOut.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new LocalFailureException($"No free port between {Lowest} and {Highest} on 127.0.0.1.");
    }
}

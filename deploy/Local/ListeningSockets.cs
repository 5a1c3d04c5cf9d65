using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace OtPlatform.Local;

/// <summary>Which addresses a process listens on, from Linux's own tables.</summary>
public static class ListeningSockets
{
    private const string Listening = "0A";

    /// <summary>The TCP addresses that the process listens on; none when it is gone or belongs to another user.</summary>
    public static IReadOnlyList<IPEndPoint> Of(int pid)
    {
        var held = SocketsOf(pid);
        return [.. All("/proc/net/tcp").Concat(All("/proc/net/tcp6")).Where(socket => held.Contains(socket.Inode)).Select(socket => socket.Address)];
    }

    private static HashSet<string> SocketsOf(int pid)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{pid}/fd").EnumerateFiles()
                .Select(descriptor => descriptor.LinkTarget)
                .OfType<string>()
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(target => target["socket:[".Length..^1])];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<(IPEndPoint Address, string Inode)> All(string table)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[3] == Listening)
            {
                yield return (Parse(fields[1]), fields[9]);
            }
        }
    }

    // The kernel prints an address as 32-bit words in the machine's own byte order.
    private static IPEndPoint Parse(string text)
    {
        var separator = text.IndexOf(':', StringComparison.Ordinal);
        var bytes = Convert.FromHexString(text.AsSpan(0, separator));
        for (var word = 0; BitConverter.IsLittleEndian && word < bytes.Length; word += 4)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(word), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(word)));
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(text.AsSpan(separator + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}

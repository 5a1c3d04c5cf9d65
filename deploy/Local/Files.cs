using System.Diagnostics;

namespace OtPlatform.Local;

internal static class Files
{
    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    internal const UnixFileMode OwnerReads = UnixFileMode.UserRead;
    internal const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;
    internal const UnixFileMode PassedThrough = OwnersFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new LocalFailureException("The private servers run on Linux only.");
        }

        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Creates the folder, open for passing through whatever the umask says: the servers' accounts have folders below it.</summary>
    internal static string CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        SetMode(path, PassedThrough);
        return path;
    }

    /// <summary>Replaces a file in one step, so that no reader ever sees half of it.</summary>
    internal static void Replace(string path, string text)
    {
        var next = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}";
        File.WriteAllText(next, text);
        SetMode(next, OwnerOnly);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Deletes the folder if it is there. A server that was killed may have children that write for another moment.</summary>
    internal static void DeleteFolder(string path)
    {
        for (var waited = Stopwatch.StartNew(); Directory.Exists(path); Thread.Sleep(50))
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (IOException) when (waited.Elapsed < Patience)
            {
            }
        }
    }
}

using System.Globalization;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake.Narratives;

/// <summary>A master key and the epoch that it belongs to.</summary>
/// <param name="Key">32 bytes.</param>
public sealed record MasterKey(int Epoch, byte[] Key);

/// <summary>
/// The master keys that exist: a file with a line <c>epoch key</c> for each, the key in base64; a line with the key alone is epoch 1.
/// The file is read again when it has changed, so that an epoch begins and a key goes without a restart.
/// </summary>
public sealed class MasterKeys
{
    private const int KeyLength = 32;

    private readonly string _file;
    private Read _read;

    /// <exception cref="MissingSettingException">The file is missing or holds something else.</exception>
    public MasterKeys(string file)
    {
        _file = file;
        _read = ReadFile();
    }

    /// <summary>The one that wraps new data keys.</summary>
    public MasterKey Newest => Current().Keys[^1];

    /// <summary>Epochs whose key exists, oldest first.</summary>
    public IReadOnlyList<int> Epochs => [.. Current().Keys.Select(key => key.Epoch)];

    /// <summary>The key of an epoch, or null when there is none any more.</summary>
    public MasterKey? Find(int epoch) => Current().Keys.FirstOrDefault(key => key.Epoch == epoch);

    /// <summary>Begins an epoch with a new key.</summary>
    internal void Add(MasterKey key) => Replace([.. Current().Keys, key]);

    /// <summary>Destroys the key of an epoch, here: what else keeps a copy has to drop it too.</summary>
    internal void Remove(int epoch) => Replace([.. Current().Keys.Where(key => key.Epoch != epoch)]);

    private Read Current()
    {
        var read = Volatile.Read(ref _read);
        if (read.Stamp == StampOf(_file))
        {
            return read;
        }

        var again = ReadFile();
        Volatile.Write(ref _read, again);
        return again;
    }

    private Read ReadFile()
    {
        try
        {
            // The stamp first: a change while reading is then seen the next time.
            var stamp = StampOf(_file);
            var keys = File.ReadAllLines(_file).Select(line => line.Trim()).Where(line => line.Length > 0).Select(KeyOf).OrderBy(key => key.Epoch).ToArray();
            return keys.Length > 0 && keys.Select(key => key.Epoch).Distinct().Count() == keys.Length ? new Read(stamp, keys) : throw Wrong();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw Wrong();
        }
    }

    private void Replace(IReadOnlyList<MasterKey> keys)
    {
        var next = $"{_file}.next";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(next, options))
        {
            using var writer = new StreamWriter(stream);
            foreach (var key in keys)
            {
                writer.WriteLine($"{key.Epoch.ToString(CultureInfo.InvariantCulture)} {Convert.ToBase64String(key.Key)}");
            }

            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        // The old file is overwritten after the new one stands in its place: never is there none.
        using var old = new FileStream(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        File.Move(next, _file, overwrite: true);
        old.Write(new byte[old.Length]);
        old.Flush(flushToDisk: true);
    }

    private static MasterKey KeyOf(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var epoch = parts.Length == 1 ? 1 : int.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture);
        return parts.Length <= 2 && epoch > 0 && Convert.FromBase64String(parts[^1]) is { Length: KeyLength } key ? new MasterKey(epoch, key) : throw new FormatException();
    }

    private static (DateTime, long) StampOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private MissingSettingException Wrong() => new(_file, $"lines of an epoch's number and {KeyLength} bytes in base64 are expected in this file, each epoch once");

    private sealed record Read((DateTime, long) Stamp, IReadOnlyList<MasterKey> Keys);
}

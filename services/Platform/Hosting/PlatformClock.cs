using System.Globalization;

namespace OtPlatform.Platform.Hosting;

/// <summary>The platform's time. In Development it carries an offset that all processes read from one file, so that tests and demos can move it.</summary>
/// <param name="offsetFile">A file with one <see cref="TimeSpan"/> in its constant format; null or absent means no offset.</param>
public sealed class PlatformClock(string? offsetFile) : TimeProvider
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private long _readAt = long.MinValue;
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset();

    private TimeSpan Offset()
    {
        if (offsetFile is null)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            var now = GetTimestamp();
            if (_readAt == long.MinValue || GetElapsedTime(_readAt, now) >= ReadEvery)
            {
                _readAt = now;
                _offset = Read(offsetFile) ?? _offset;
            }

            return _offset;
        }
    }

    private static TimeSpan? Read(string file)
    {
        try
        {
            return File.Exists(file) ? TimeSpan.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : TimeSpan.Zero;
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            return null;
        }
    }
}

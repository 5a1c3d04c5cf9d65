namespace OtPlatform.Platform.Hosting;

/// <summary>New ids, made at the edge and carried in the command: version-7 Guids, sortable by time.</summary>
public static class Ids
{
    public static Guid New(DateTimeOffset now) => Guid.CreateVersion7(now);
}

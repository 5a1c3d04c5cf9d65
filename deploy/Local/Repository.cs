namespace OtPlatform.Local;

/// <summary>The checkout that this program was built from.</summary>
public static class Repository
{
    private const string Mark = "OtPlatform.sln";

    /// <summary>Its root folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
            {
                return folder.FullName;
            }
        }

        throw new LocalFailureException($"{AppContext.BaseDirectory} is not inside a checkout: no {Mark} above it.");
    }
}

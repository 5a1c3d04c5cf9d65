using OtPlatform.Contracts;

namespace OtPlatform.Testing;

/// <summary>Finds the repository's own files from where the tests run.</summary>
public static class Repository
{
    private static readonly Lazy<Catalogue> Loaded = new(() => OtPlatform.Contracts.Catalogue.Load(CataloguePath));

    public static string Root { get; } = FindRoot();

    public static string CataloguePath => Path.Combine(Root, "contracts", "catalogue");

    public static Catalogue Catalogue => Loaded.Value;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OtPlatform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}

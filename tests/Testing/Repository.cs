using OtPlatform.Contracts;

namespace OtPlatform.Testing;

/// <summary>Finds the repository's own files from where the tests run.</summary>
public static class Repository
{
    private static readonly Lazy<Catalogue> Loaded = new(() => OtPlatform.Contracts.Catalogue.Load(CataloguePath));

    public static string Root => OtPlatform.Local.Repository.Root;

    public static string CataloguePath => Path.Combine(Root, "contracts", "catalogue");

    public static Catalogue Catalogue => Loaded.Value;
}

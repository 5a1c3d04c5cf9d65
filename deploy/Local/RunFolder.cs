using System.Security.Cryptography;

namespace OtPlatform.Local;

/// <summary>
/// The <c>.run</c> folder: what runs now (endpoints.json, state.json), and in its area the data, secrets, logs and the clock. The
/// area is the folder itself; the demo has one of its own, so that it neither sees nor disturbs the data of earlier runs.
/// </summary>
public sealed record RunFolder(string Path)
{
    private static readonly string[] SecretNames = ["development-signing.key", "vault-master.key", "matter.key", "unit.key", "text.key"];

    /// <summary>The one of this checkout.</summary>
    public static RunFolder OfCheckout { get; } = new(System.IO.Path.Combine(Repository.Root, ".run"));

    /// <summary>The public file with every address.</summary>
    public string EndpointsFile => In("endpoints.json");

    internal string StateFile => In("state.json");

    internal string LockFile => In("lock");

    internal string DemoArea => In("demo");

    internal void Create() => Files.CreateFolder(Path);

    /// <summary>Removes what says that something runs, and the folder when nothing else is in it.</summary>
    internal void Forget()
    {
        File.Delete(EndpointsFile);
        File.Delete(StateFile);
        File.Delete(LockFile);
        if (Directory.Exists(Path) && !Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Directory.Delete(Path);
        }
    }

    internal static string DataIn(string area) => System.IO.Path.Combine(area, "data");

    internal static string LogsIn(string area) => System.IO.Path.Combine(area, "logs");

    internal static string SecretsIn(string area) => System.IO.Path.Combine(area, "secrets");

    internal static string ClockIn(string area) => System.IO.Path.Combine(area, "clock");

    /// <summary>Makes the development secrets that are missing: 32 random bytes each, in base64.</summary>
    internal static void CreateSecrets(string area)
    {
        var folder = Files.CreateFolder(SecretsIn(area));
        Files.SetMode(folder, Files.OwnersFolder);
        foreach (var path in SecretNames.Select(name => System.IO.Path.Combine(folder, name)).Where(path => !File.Exists(path)))
        {
            Files.Replace(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

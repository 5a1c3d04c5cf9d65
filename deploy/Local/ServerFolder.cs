namespace OtPlatform.Local;

/// <summary>
/// Where private servers keep their data: at the preferred place, or where the servers' accounts cannot pass through to it (a 0700
/// folder under root) in a private folder below the system's temporary one, which does not outlive the servers.
/// </summary>
public sealed record ServerFolder(string Path, bool IsTemporary)
{
    /// <summary>Makes the folder, within reach of the accounts.</summary>
    public static async Task<ServerFolder> Create(string preferred, IReadOnlyCollection<ServerAccount> accounts)
    {
        Files.CreateFolder(preferred);
        if (await CanBeReached(preferred, accounts))
        {
            return new ServerFolder(preferred, IsTemporary: false);
        }

        if (!Directory.EnumerateFileSystemEntries(preferred).Any())
        {
            Directory.Delete(preferred);
        }

        return await CreateTemporary(accounts);
    }

    /// <summary>Makes a new folder below the system's temporary one, within reach of the accounts.</summary>
    public static async Task<ServerFolder> CreateTemporary(params IReadOnlyCollection<ServerAccount> accounts)
    {
        foreach (var parent in new[] { System.IO.Path.GetTempPath(), "/tmp", "/var/tmp" }.Where(Directory.Exists))
        {
            var folder = Files.CreateFolder(System.IO.Path.Combine(parent, $"ot-platform-{Guid.NewGuid():n}"));
            if (await CanBeReached(folder, accounts))
            {
                return new ServerFolder(folder, IsTemporary: true);
            }

            Directory.Delete(folder);
        }

        throw new LocalFailureException("No folder for the servers' data: their accounts (postgres, rabbitmq) can reach neither the checkout nor /tmp nor /var/tmp.");
    }

    private static async Task<bool> CanBeReached(string folder, IEnumerable<ServerAccount> accounts)
    {
        foreach (var account in accounts)
        {
            if (!await account.CanReach(folder))
            {
                return false;
            }
        }

        return true;
    }
}

using Npgsql;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Intake.Narratives;

/// <summary>What an operator does with the vault: the service's program with <c>vault</c> and one of these words, under the service's own settings. 0 when all is well, 1 when not, 2 when misused.</summary>
public static class VaultCommand
{
    private const int MostShown = 20;

    private const string Usage = """
        vault epochs            the epochs, their data keys, and which master keys exist
        vault new-epoch         begins an epoch with a new master key
        vault rewrap            wraps every data key by the newest master key
        vault retire <epoch>    destroys the master key of an epoch that is over
        vault check             verifies the access logs and their anchors
        """;

    public static async Task<int> Run(IReadOnlyList<string> what, CancellationToken cancellation)
    {
        var host = Host.CreateApplicationBuilder();
        var options = host.Configuration.Required<VaultOptions>("Vault");
        var clock = new PlatformClock(host.Environment.IsDevelopment() ? host.Configuration["Clock:OffsetFile"] : null);
        await using var store = new KeyStore(options);
        var keys = new DataKeys(store, options, clock);
        await keys.Migrate(cancellation);
        switch (what)
        {
            case ["epochs"]:
                return Show(await keys.Epochs(cancellation));
            case ["new-epoch"]:
                Console.WriteLine($"Epoch {await keys.BeginEpoch(cancellation)} has begun; its master key wraps all new data keys.");
                return 0;
            case ["rewrap"]:
                var rewrapped = await keys.Rewrap(cancellation);
                Console.WriteLine($"{rewrapped.Done} data keys wrapped anew, {rewrapped.Lost} cannot be opened by any master key.");
                return rewrapped.Lost == 0 ? 0 : 1;
            case ["retire", var number] when int.TryParse(number, out var epoch):
                var refusal = await keys.Retire(epoch, cancellation);
                Console.WriteLine(refusal ?? $"The master key of epoch {epoch} is destroyed. Destroy every other copy of it too.");
                return refusal is null ? 0 : 1;
            case ["check"]:
                await using (var service = NpgsqlDataSource.Create(host.Configuration.Required<StoreSettings>("Store").ConnectionString))
                {
                    return Show(await new AccessCheck(service, store).Run(cancellation));
                }

            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Show(IReadOnlyList<EpochState> epochs)
    {
        foreach (var epoch in epochs)
        {
            var began = epoch.StartedAt is { } at ? $"began {at:yyyy-MM-dd HH:mm} UTC" : "was never noted";
            Console.WriteLine($"epoch {epoch.Epoch}: {began}, {epoch.Keys} data keys, master key {(epoch.Exists ? "there" : "gone")}");
        }

        return epochs.All(epoch => epoch.Exists || epoch.Keys == 0) ? 0 : 1;
    }

    private static int Show(AccessFindings found)
    {
        foreach (var broken in found.Broken.Take(MostShown))
        {
            Console.WriteLine(broken.Owner == Guid.Empty ? $"BROKEN {broken.What}" : $"BROKEN consultation {broken.Owner}, line {broken.Number}: {broken.What}");
        }

        Console.WriteLine($"{found.Logs} access logs with {found.Lines} lines against {found.Anchors} anchors: {(found.Broken.Count == 0 ? "all as written" : $"{found.Broken.Count} broken")}.");
        if (found.LastDay is { } day)
        {
            Console.WriteLine($"Newest anchors: {day} (the service's log of that day has to show the same).");
        }

        return found.Broken.Count == 0 ? 0 : 1;
    }
}

namespace OtPlatform.Local;

/// <summary><c>demo</c>: the whole system with fresh data, and the journeys of the sample consultations through it.</summary>
public static class DemoCommand
{
    /// <summary>Runs the demo and stays until Ctrl-C, or with <paramref name="once"/> ends; either way nothing is left.</summary>
    public static async Task<int> Run(bool once, CancellationToken cancellation)
    {
        var folder = RunFolder.OfCheckout;
        var servers = ExternalServers.FromEnvironment();
        await using var stack = await Stack.Start(
            new StackOptions
            {
                Folder = folder,
                Area = folder.DemoArea,
                Clean = true,
                Passing = true,
                Servers = servers,
                DatabasePrefix = servers.Postgres is null ? "ot_" : "ot_demo_",
                Say = Console.WriteLine,
            },
            cancellation);
        await DemoPool.Load(stack.Endpoints, Console.WriteLine, cancellation);
        var clock = Clock.FileOf(folder);
        var result = await DemoRun.Run(stack.Endpoints, step => Clock.Write(clock, Clock.Read(clock) + step), cancellation);
        if (once)
        {
            return result;
        }

        var (name, address) = stack.Endpoints.Rest.First();
        Console.WriteLine($"{name}: {address}   Ctrl-C stops it.");
        try
        {
            await stack.Watch(cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopping…");
        }

        return result;
    }
}

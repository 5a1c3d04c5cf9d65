namespace OtPlatform.Local;

/// <summary><c>run</c>: the whole system, until Ctrl-C or <c>stop</c>.</summary>
public static class RunCommand
{
    /// <summary>Starts it; with <paramref name="detach"/> it goes on without this process.</summary>
    public static async Task<int> Run(bool detach, bool clean, bool demoData, int replicas, CancellationToken cancellation)
    {
        var folder = RunFolder.OfCheckout;
        var stack = await Stack.Start(
            new StackOptions { Folder = folder, Area = folder.Path, Clean = clean, Replicas = replicas, Say = Console.WriteLine }, cancellation);
        try
        {
            if (demoData)
            {
                await DemoPool.Load(stack.Endpoints, Console.WriteLine, cancellation);
            }

            Print(stack.Endpoints);
            if (detach)
            {
                await stack.Detach();
                Console.WriteLine("./deploy/stop stops it.");
                return 0;
            }

            Console.WriteLine("Ctrl-C stops it.");
            await stack.Watch(cancellation);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopping…");
            return 0;
        }
        finally
        {
            if (!detach)
            {
                await stack.DisposeAsync();
            }
        }
    }

    internal static void Print(Endpoints endpoints)
    {
        foreach (var (name, address) in endpoints.Rest)
        {
            Console.WriteLine($"{name,-14} {address}");
        }

        foreach (var (name, address) in endpoints.Grpc)
        {
            Console.WriteLine($"{name,-14} {address} (gRPC)");
        }

        Console.WriteLine($"{"token",-14} {endpoints.Token}");
        Console.WriteLine($"{"postgres",-14} {endpoints.Postgres}");
        Console.WriteLine($"{"rabbitmq",-14} {endpoints.RabbitMq} ({endpoints.RabbitMqManagement})");
    }
}

namespace OtPlatform.Local;

/// <summary>What is done to a running system from another shell: <c>stop</c>, <c>service</c>, <c>clock</c>, <c>idle</c>.</summary>
public static class ControlCommands
{
    private static readonly TimeSpan SupervisorGrace = TimeSpan.FromSeconds(90);

    /// <summary>Stops everything; fine when nothing runs.</summary>
    public static async Task<int> Stop(RunFolder folder)
    {
        if (RunStateFile.Read(folder) is not { } state)
        {
            Console.WriteLine("Nothing is running.");
            return 0;
        }

        // The command in the foreground stops its own; one that is gone or hangs leaves it to us.
        if (state.Supervisor is { } supervisor && supervisor.Signal(UnixSignal.Terminate))
        {
            await supervisor.Ended(SupervisorGrace);
        }

        await Stack.Stop(folder);
        Console.WriteLine("Stopped.");
        return 0;
    }

    /// <summary>Starts, stops or kills one replica of one service, or a private server (<c>postgres</c>, <c>rabbitmq</c>).</summary>
    public static async Task<int> Service(RunFolder folder, string action, string service, int number, CancellationToken cancellation)
    {
        var server = number == 1 ? PrivateServer.Find(service) : null;
        var title = server?.Name ?? $"{ServiceCatalogue.Find(service).Name} {number}";
        switch (action)
        {
            case "start":
                await (server?.Start(folder, cancellation) ?? Stack.StartReplica(folder, service, number, cancellation));
                Console.WriteLine($"{title} is ready.");
                break;
            case "stop":
                await (server?.Stop(folder, kill: false) ?? Stack.StopReplica(folder, service, number, UnixSignal.Terminate));
                Console.WriteLine($"{title} is stopped.");
                break;
            default:
                await (server?.Stop(folder, kill: true) ?? Stack.StopReplica(folder, service, number, UnixSignal.Kill));
                Console.WriteLine($"{title} is killed.");
                break;
        }

        return 0;
    }

    /// <summary>Moves the platform's clock by a step, sets it right, or shows it.</summary>
    public static int MoveClock(RunFolder folder, string how)
    {
        var file = Clock.FileOf(folder);
        switch (how)
        {
            case "show":
                break;
            case "reset":
                Clock.Write(file, TimeSpan.Zero);
                break;
            default:
                if (Clock.Step(how) is not { } step)
                {
                    Console.Error.WriteLine("clock: a step like +3d, +2h, -1h or +1d12h, or reset, or show.");
                    return 2;
                }

                Clock.Write(file, Clock.Read(file) + step);
                break;
        }

        var offset = Clock.Read(file);
        Console.WriteLine($"{offset:c} ahead: {DateTimeOffset.UtcNow + offset:yyyy-MM-dd HH:mm:ss} UTC");
        return 0;
    }

    /// <summary>Fails when something runs: before a build, which would replace the running programs under their feet.</summary>
    public static int Idle(RunFolder folder) =>
        RunStateFile.Read(folder) is { Runs: true }
            ? throw new LocalFailureException("The system is running already; ./deploy/stop stops it.")
            : 0;
}

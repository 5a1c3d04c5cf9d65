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

    /// <summary>Starts, stops or kills one replica of one service.</summary>
    public static async Task<int> Service(RunFolder folder, string action, string service, int number, CancellationToken cancellation)
    {
        var name = ServiceCatalogue.Find(service).Name;
        if (action == "start")
        {
            await Stack.StartReplica(folder, name, number, cancellation);
            Console.WriteLine($"{name} {number} is ready.");
            return 0;
        }

        await Stack.StopReplica(folder, name, number, action == "kill" ? UnixSignal.Kill : UnixSignal.Terminate);
        Console.WriteLine(action == "kill" ? $"{name} {number} is killed." : $"{name} {number} is stopped.");
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

using OtPlatform.Coordination.Tests.Journal;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The service with its console, on a real store and a real broker, with owners that answer what a test tells them to.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private RunningConsole(RunningJournal journal, Owners owners)
    {
        Journal = journal;
        Owners = owners;
    }

    public RunningJournal Journal { get; }

    public Owners Owners { get; }

    public static Task<RunningConsole> Start(string name, params (string Key, string Value)[] more) => Start(name, false, more);

    /// <param name="onPort">Whether a real browser is to reach it.</param>
    public static async Task<RunningConsole> Start(string name, bool onPort, params (string Key, string Value)[] more)
    {
        var owners = await Owners.Start();
        var settings = new Dictionary<string, string>
        {
            ["Owners:Intake"] = owners.Address,
            ["Owners:Triage"] = owners.Address,
            ["Owners:TeamAssembly"] = owners.Address,
            ["Owners:ExpertPool"] = owners.Address,
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return new RunningConsole(await RunningJournal.Start(name, settings, onPort), owners);
    }

    public Browser Browser() => new(Journal.Host);

    public async Task<Happenings> Told(Action<Happenings>? more = null, string area = "sisa")
    {
        var told = new Happenings(Guid.CreateVersion7(), area);
        told.Submitted();
        more?.Invoke(told);
        await Journal.Publish(told.All);
        await Journal.WrittenDown(told.All);
        return told;
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Owners.DisposeAsync();
    }
}

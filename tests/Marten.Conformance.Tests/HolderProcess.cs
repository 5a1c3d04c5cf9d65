using System.Diagnostics;
using System.Globalization;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Hosting;

namespace OtPlatform.StoreConformance;

/// <summary>This assembly as a process of its own that runs the daemon, to be killed or frozen.</summary>
internal sealed class HolderProcess : IDisposable
{
    private readonly Process _process;

    private HolderProcess(Process process) => _process = process;

    public static async Task<int> Main(string[] args)
    {
        if (args.Length != 2)
            return 2;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddMarten(options => Configure(options, args[0], args[1]))
            .AddAsyncDaemon(DaemonMode.HotCold);
        using var host = builder.Build();
        await host.StartAsync();

        // The parent holds the other end: when it goes, so does this process.
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    internal static HolderProcess Start(string connectionString, string schema)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(HolderProcess).Assembly.Location);
        start.ArgumentList.Add(connectionString);
        start.ArgumentList.Add(schema);
        return new HolderProcess(Process.Start(start)!);
    }

    internal static void Configure(StoreOptions options, string connectionString, string schema)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = schema;
        options.Events.AddEventType<NoteAdded>();
        options.Events.Subscribe(new Recorder { OnPage = WriteDownAsync }, s => s.Name = "Recorded");
    }

    internal void Kill() => _process.Kill();

    internal void Freeze()
    {
        using var kill = Process.Start("kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static Task WriteDownAsync(JasperFx.Events.Projections.EventRange page, ISubscriptionController controller, IDocumentOperations operations)
    {
        foreach (var @event in page.Events)
            operations.Insert(new Counted($"{@event.Id}", Environment.ProcessId));
        return Task.CompletedTask;
    }
}

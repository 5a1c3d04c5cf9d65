using System.Diagnostics;
using System.Globalization;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Hosting;

namespace OtPlatform.StoreConformance;

/// <summary>This assembly as a process of its own that runs the daemon, to be killed or frozen.</summary>
internal sealed class HolderProcess : IDisposable
{
    private const string MigrateOnly = "migrate";
    private const string WithLedger = "ledger";

    private readonly Process _process;

    private HolderProcess(Process process) => _process = process;

    public static async Task<int> Main(string[] args)
    {
        if (args is [_, _, MigrateOnly])
        {
            await using var store = DocumentStore.For(options => Configure(options, args[0], args[1]));
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
            return 0;
        }

        if (args.Length < 2)
            return 2;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddMarten(options =>
            {
                if (args is [_, _, WithLedger])
                    StoreFixture.Configure(options, args[0], args[1], o => o.Events.Subscribe(DaemonModelTests.Ledger(args[1]), s => s.Name = "Recorded"));
                else
                    Configure(options, args[0], args[1]);
            })
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

    /// <summary>A process that creates what is missing, and ends.</summary>
    internal static HolderProcess StartMigration(string connectionString, string schema) => Start(connectionString, schema, MigrateOnly);

    /// <summary>A process that writes each event into the table effects.</summary>
    internal static HolderProcess StartLedger(string connectionString, string schema) => Start(connectionString, schema, WithLedger);

    internal static HolderProcess Start(string connectionString, string schema) => Start(connectionString, schema, mode: null);

    internal async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private static HolderProcess Start(string connectionString, string schema, string? mode)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(HolderProcess).Assembly.Location);
        start.ArgumentList.Add(connectionString);
        start.ArgumentList.Add(schema);
        if (mode is not null)
            start.ArgumentList.Add(mode);
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

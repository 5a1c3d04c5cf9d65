using System.Diagnostics;
using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class ProcessRecordTests
{
    private Process process = null!;
    private ProcessRecord record = null!;

    [SetUp]
    public void StartSomething()
    {
        process = Process.Start("sleep", ["600"]);
        record = ProcessRecord.Of(process.Id, "sleep") ?? throw new InvalidOperationException("sleep has not started.");
    }

    [TearDown]
    public void EndIt()
    {
        process.Kill();
        process.Dispose();
    }

    [Test]
    public async Task The_recorded_process_is_stopped()
    {
        await record.Stop(UnixSignal.Terminate, TimeSpan.FromSeconds(5));

        Assert.That(record.IsAlive, Is.False);
        Assert.That(process.WaitForExit(TimeSpan.FromSeconds(5)), Is.True);
    }

    [Test]
    public async Task A_process_that_got_the_number_later_is_not_touched()
    {
        var reused = record with { StartedAt = record.StartedAt - 1 };

        await reused.Stop(UnixSignal.Kill, TimeSpan.Zero);

        Assert.That(process.HasExited, Is.False);
    }

    [Test]
    public async Task A_process_with_another_command_line_is_not_touched()
    {
        await (record with { Marker = "postgres" }).Stop(UnixSignal.Kill, TimeSpan.Zero);

        Assert.That(process.HasExited, Is.False);
    }

    [Test]
    public async Task A_process_recorded_before_the_machine_was_started_again_is_not_touched()
    {
        await (record with { Boot = "00000000-0000-0000-0000-000000000000" }).Stop(UnixSignal.Kill, TimeSpan.Zero);

        Assert.That(process.HasExited, Is.False);
    }

    [Test]
    public async Task One_that_does_not_heed_the_signal_is_killed_after_the_grace()
    {
        using var deaf = Process.Start("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
        var deafRecord = ProcessRecord.Of(deaf.Id, "trap")!;
        await Task.Delay(200);

        await deafRecord.Stop(UnixSignal.Terminate, TimeSpan.FromMilliseconds(300));

        Assert.That(deafRecord.IsAlive, Is.False);
    }
}

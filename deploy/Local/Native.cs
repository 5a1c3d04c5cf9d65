using System.Runtime.InteropServices;

namespace OtPlatform.Local;

/// <summary>The signals that processes are stopped with, by their number on Linux.</summary>
public enum UnixSignal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetDisposition(int signal, nint handler);

    internal static void Send(int pid, UnixSignal signal) => _ = SendSignal(pid, (int)signal);

    /// <summary>A shell without job control starts background commands with SIGINT ignored; Ctrl-C and `kill -INT` must stop us all the same.</summary>
    internal static void HeedInterrupt() => _ = SetDisposition((int)UnixSignal.Interrupt, 0);
}

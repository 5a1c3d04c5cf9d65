using System.Diagnostics;

namespace OtPlatform.Local;

/// <summary>Whom a private server runs as: the invoking user, or under root the unprivileged account that its package brought.</summary>
public sealed class ServerAccount
{
    public static readonly ServerAccount Postgres = new("postgres");
    public static readonly ServerAccount RabbitMq = new("rabbitmq");

    private readonly string name;

    private ServerAccount(string name) => this.name = name;

    /// <summary>The words before a command that make it run as this account.</summary>
    public IEnumerable<string> Prefix =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={name}", $"--regid={name}", "--init-groups", "--"] : [];

    /// <summary>Creates the folder for this account alone (mode 0700).</summary>
    public async Task<string> CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        if (Environment.IsPrivilegedProcess)
        {
            await Commands.Run(["chown", $"{name}:", path]);
        }

        Files.SetMode(path, Files.OwnersFolder);
        return path;
    }

    /// <summary>Gives the account a file of its own (mode 0600, or 0400 when read only).</summary>
    public async Task WriteFile(string path, string text, bool readOnly = false)
    {
        File.Delete(path);
        await File.WriteAllTextAsync(path, text);
        if (Environment.IsPrivilegedProcess)
        {
            await Commands.Run(["chown", $"{name}:", path]);
        }

        Files.SetMode(path, readOnly ? Files.OwnerReads : Files.OwnerOnly);
    }

    /// <summary>Whether the account can pass through every parent of the folder.</summary>
    public async Task<bool> CanReach(string folder) => await Commands.Try([.. Prefix, "test", "-x", folder]) == 0;
}

internal static class Commands
{
    /// <summary>Runs a short command to its end; a failure carries what it printed.</summary>
    internal static async Task<string> Run(IReadOnlyList<string> command, string? folder = null, CancellationToken cancellation = default)
    {
        var (code, output) = await Execute(command, folder, cancellation);
        return code == 0 ? output : throw new LocalFailureException($"`{string.Join(' ', command)}` failed ({code}): {output.Trim()}");
    }

    internal static async Task<int> Try(IReadOnlyList<string> command) => (await Execute(command, null, CancellationToken.None)).Code;

    private static async Task<(int Code, string Output)> Execute(IReadOnlyList<string> command, string? folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "/",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start) ?? throw new LocalFailureException($"{command[0]} could not be started.");
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var text = await output + await errors;
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, text);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }
}

using System.ComponentModel;
using System.Globalization;
using OtPlatform.Local;

const string Usage = """
    ot run [--detach] [--clean] [--replicas N] [--demo-data]
    ot demo [--once]
    ot stop
    ot service start|stop|kill <name> [n]
    ot clock <+3d|+2h|-1h|reset|show>
    ot vault epochs|new-epoch|rewrap|retire <epoch>|check
    ot test [part of a test project's name …]
    """;

using var interruption = new Interruption();
var cancellation = interruption.Token;
try
{
    return args switch
    {
        ["run", .. var options] when RunOptions(options) is var (detach, clean, demoData, replicas) =>
            await RunCommand.Run(detach, clean, demoData, replicas, cancellation),
        ["demo"] => await DemoCommand.Run(once: false, cancellation),
        ["demo", "--once"] => await DemoCommand.Run(once: true, cancellation),
        ["stop"] => await ControlCommands.Stop(RunFolder.OfCheckout),
        ["service", "start" or "stop" or "kill", var name] => await ControlCommands.Service(RunFolder.OfCheckout, args[1], name, 1, cancellation),
        ["service", "start" or "stop" or "kill", var name, var n] when Number(n) is { } number =>
            await ControlCommands.Service(RunFolder.OfCheckout, args[1], name, number, cancellation),
        ["clock", var how] => ControlCommands.MoveClock(RunFolder.OfCheckout, how),
        ["vault", .. var what] => await Stack.RunBeside(RunFolder.OfCheckout, "intake", ["vault", .. what], cancellation),
        ["test", .. var names] when !names.Any(name => name.StartsWith('-')) => await TestCommand.Run(names, cancellation),
        ["idle"] => ControlCommands.Idle(RunFolder.OfCheckout),
        ["reap"] => await Guard.Reap(Console.In),
        _ => Misused(),
    };
}
catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted.");
    return 130;
}
catch (Exception failure) when (failure is LocalFailureException or IOException or UnauthorizedAccessException or Win32Exception)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static (bool Detach, bool Clean, bool DemoData, int Replicas)? RunOptions(IEnumerable<string> options)
{
    var chosen = (Detach: false, Clean: false, DemoData: false, Replicas: 1);
    using var left = options.GetEnumerator();
    while (left.MoveNext())
    {
        switch (left.Current)
        {
            case "--detach":
                chosen.Detach = true;
                break;
            case "--clean":
                chosen.Clean = true;
                break;
            case "--demo-data":
                chosen.DemoData = true;
                break;
            case "--replicas" when left.MoveNext() && Number(left.Current) is { } replicas:
                chosen.Replicas = replicas;
                break;
            default:
                return null;
        }
    }

    return chosen;
}

static int? Number(string text) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100 ? number : null;

static int Misused()
{
    Console.Error.WriteLine(Usage);
    return 2;
}

// Said outright, because the web framework's build would make it public, and then every service's own would be ambiguous to the tests.
internal sealed partial class Program;

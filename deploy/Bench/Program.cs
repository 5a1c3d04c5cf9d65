using System.ComponentModel;
using System.Globalization;
using Npgsql;
using OtPlatform.Bench;
using OtPlatform.Local;

if (args is [BareIntake.Verb, var address, var store, var keys, var taken])
{
    return await BareIntake.Serve(address, store, keys, Guid.Parse(taken, CultureInfo.InvariantCulture));
}

if (args is [BareHop.Verb, var broker, var database])
{
    return await BareHop.Serve(new Uri(broker), database);
}

using var interruption = new Interruption();
var names = new List<string>();
var options = new Dictionary<string, int>(StringComparer.Ordinal);
var check = false;
for (var i = 0; i < args.Length; i++)
{
    var option = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : null;
    if (option is null)
    {
        names.Add(args[i]);
    }
    else if (option == "check")
    {
        check = true;
    }
    else if (Benchmark.All.Any(benchmark => benchmark.Options.ContainsKey(option))
        && i + 1 < args.Length
        && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
    {
        options[option] = number;
        i++;
    }
    else
    {
        return Misused($"{args[i]} is no option here.");
    }
}

if (names.Find(name => Benchmark.All.All(benchmark => benchmark.Name != name)) is { } unknown)
{
    return Misused($"There is no benchmark {unknown}.");
}

try
{
    return await BenchCommand.Run(
        [.. Benchmark.All.Where(benchmark => names.Count == 0 || names.Contains(benchmark.Name))], options, check, interruption.Token);
}
catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted.");
    return 130;
}
catch (Exception failure) when (failure is LocalFailureException or IOException or UnauthorizedAccessException or Win32Exception or NpgsqlException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static int Misused(string why)
{
    Console.Error.WriteLine(why);
    Console.Error.WriteLine("bench [name] [--check]");
    foreach (var benchmark in Benchmark.All)
    {
        Console.Error.WriteLine($"  {benchmark.Name}{string.Concat(benchmark.Options.Select(option => $" [--{option.Key} {option.Value}]"))}");
    }

    return 2;
}

// Said outright, because the web framework's build would make it public.
internal sealed partial class Program;

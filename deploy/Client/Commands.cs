using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using OtPlatform.Local;

namespace OtPlatform.Client;

/// <summary>What each command does and prints.</summary>
internal static class Commands
{
    private const int Failed = 1;
    private static readonly TimeSpan BeforeAnotherTry = TimeSpan.FromSeconds(2);
    private static readonly string[] Over = ["withdrawn", "closed"];

    public static async Task<int> Submit(PartnerApi api, FileInfo file, string? key, CancellationToken cancellation)
    {
        using (api)
        {
            if (!file.Exists)
            {
                throw new RefusedException(Directory.Exists(file.FullName) ? $"{file.FullName} is a folder; a file with the submission is needed." : $"There is no file {file.Name} in {file.DirectoryName}.");
            }

            var used = key ?? $"ot-{Guid.NewGuid():N}";
            var answer = await api.Submit(await File.ReadAllTextAsync(file.FullName, cancellation), used, cancellation);
            Print(answer);
            Console.WriteLine($"key        {used}");
            return 0;
        }
    }

    public static async Task<int> Show(PartnerApi api, Guid id, CancellationToken cancellation)
    {
        using (api)
        {
            Print(await api.Read(id, cancellation));
            return 0;
        }
    }

    public static async Task<int> Watch(PartnerApi api, Guid id, CancellationToken cancellation)
    {
        using (api)
        {
            string? seen = null;
            var now = (await api.Read(id, cancellation))["version"]!.GetValue<long>();
            while (!cancellation.IsCancellationRequested)
            {
                try
                {
                    await foreach (var step in api.Steps(id, seen, cancellation))
                    {
                        Print(step);
                        seen = step.EventId ?? seen;
                        if (Over.Contains(step.EventType) && (!long.TryParse(step.EventId, out var version) || version >= now))
                        {
                            return 0;
                        }
                    }
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException && seen is not null)
                {
                    Console.Error.WriteLine("The connection is lost; trying again.");
                }
                catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
                {
                    return 0;
                }

                await Task.Delay(BeforeAnotherTry, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return 0;
        }
    }

    public static async Task<int> List(PartnerApi api, string? status, string? reference, CancellationToken cancellation)
    {
        using (api)
        {
            string? cursor = null;
            var count = 0;
            do
            {
                var page = reference is null ? await api.List(status, cursor, cancellation) : await api.Search(reference, status, cursor, cancellation);
                foreach (var item in page["items"]!.AsArray())
                {
                    Console.WriteLine($"{item!["number"]}  {item["id"]}  {item["status"],-24} {Due(item),-17} {item["responsible"]?["name"]}");
                    count++;
                }

                cursor = page["next"]?.GetValue<string>();
            }
            while (cursor is not null);
            Console.WriteLine(count == 1 ? "1 request" : $"{count} requests");
            return 0;
        }
    }

    public static int Clock(string step) => ControlCommands.MoveClock(RunFolder.OfCheckout, step);

    /// <summary>Turns what can go wrong at a terminal into a sentence on the error output and exit code 1.</summary>
    public static async Task<int> Guarded(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (RefusedException refused)
        {
            Console.Error.WriteLine(refused.Message);
        }
        catch (LocalFailureException failure)
        {
            Console.Error.WriteLine(failure.Message);
        }
        catch (HttpRequestException exception)
        {
            Console.Error.WriteLine($"The partner API does not answer ({exception.HttpRequestError}).");
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C.
        }

        return Failed;
    }

    private static void Print(JsonNode answer)
    {
        Console.WriteLine($"{answer["number"]}  {answer["id"]}");
        Console.WriteLine($"status     {answer["status"]}{(answer["route"] is { } route ? $", {route}" : string.Empty)}");
        if (answer["responsible"] is { } responsible)
        {
            Console.WriteLine($"acts next  {responsible["name"]}{(responsible["contact"] is { } contact ? $" ({contact})" : string.Empty)}, by {Due(answer)}");
        }

        if (answer["emergency"] is { } emergency)
        {
            Console.WriteLine($"AT ONCE    {emergency["text"]}");
        }

        foreach (var member in answer["team"]?["members"]?.AsArray() ?? [])
        {
            Console.WriteLine($"with       {member!["role"]}, {member["profession"] ?? member["sector"] ?? "-"}, {member["from"]} to {member["to"]}");
        }

        if (answer["answer"]?["text"] is { } text)
        {
            Console.WriteLine($"answer     {text}");
        }

        foreach (var step in answer["timeline"]!.AsArray())
        {
            Console.WriteLine($"  {Local(step!["at"])}  {step["what"]}");
        }

        Console.WriteLine($"may        {string.Join(", ", answer["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()))}");
    }

    private static void Print(SseItem<string> step)
    {
        var data = JsonNode.Parse(step.Data)!;
        Console.WriteLine($"{Local(data["at"])}  {step.EventType,-24} {data["what"]}");
    }

    private static string Due(JsonNode answer) => answer["dueBy"] is { } due ? Local(due) : "-";

    private static string Local(JsonNode? at) => at!.GetValue<DateTimeOffset>().ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}

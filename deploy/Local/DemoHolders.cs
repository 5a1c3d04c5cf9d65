using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Local;

/// <summary>The fictional holders of knowledge, registered over gRPC, as often as one likes.</summary>
internal static class DemoHolders
{
    private const int DaysOfWeek = 7;

    private static string File { get; } = Path.Combine(Repository.Root, "deploy", "demo-data", "knowledge-holders.json");

    /// <summary>Registers each of them.</summary>
    /// <param name="today">Their last days are counted from this day.</param>
    /// <returns>How many there are.</returns>
    public static async Task<int> Register(Catalogue.CatalogueClient catalogue, DateOnly today, Metadata token, CancellationToken cancellation)
    {
        var holders = Read(today);
        foreach (var holder in holders)
        {
            await catalogue.RegisterKnowledgeHolderAsync(holder, token, cancellationToken: cancellation);
        }

        return holders.Count;
    }

    private static IReadOnlyList<RegisterKnowledgeHolderRequest> Read(DateOnly today)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        return [.. json.RootElement.GetProperty("holders").EnumerateArray().Select(holder => Request(holder, today))];
    }

    private static RegisterKnowledgeHolderRequest Request(JsonElement holder, DateOnly today)
    {
        string Text(string name) => holder.GetProperty(name).GetString()!;
        string Name(string language) => holder.GetProperty("name").GetProperty(language).GetString()!;
        IEnumerable<string> Codes(string name) => holder.GetProperty(name).EnumerateArray().Select(code => code.GetString()!);
        return new RegisterKnowledgeHolderRequest
        {
            HolderId = Text("holderId"),
            Name = new Name { Fi = Name("fi"), Sv = Name("sv"), En = Name("en") },
            Country = Text("country"),
            Topics = { Codes("topics") },
            Languages = { Codes("languages") },
            Contact = Text("contact"),
            ValidUntil = today.AddDays(DaysOfWeek * holder.GetProperty("validForWeeks").GetInt32()).ToString("O", CultureInfo.InvariantCulture),
        };
    }
}

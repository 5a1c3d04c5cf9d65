using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Local;

/// <summary>An expert of the fictional pool, with the agreement's last day as it is when loaded today.</summary>
public sealed record DemoExpert(
    string ExpertId,
    string Sector,
    string Profession,
    string Organisation,
    string Engagement,
    string? County,
    string? Unit,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string> Languages,
    IReadOnlyList<string> Channels,
    decimal WeeklyHours,
    DateOnly? AgreementFrom,
    DateOnly? AgreementUntil,
    bool EmployerConsents);

/// <summary>Loads the fictional pool of experts as an organisation's register would: over gRPC, as often as one likes.</summary>
public static class DemoPool
{
    private const string Client = "integrator";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static string File { get; } = Path.Combine(Repository.Root, "deploy", "demo-data", "experts.json");

    /// <summary>The pool as the file has it.</summary>
    /// <param name="today">Agreements that end are counted in weeks from this day's week, so that the pool does not age.</param>
    public static IReadOnlyList<DemoExpert> Read(DateOnly today)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        var sunday = today.AddDays((7 - (int)today.DayOfWeek) % 7);
        return [.. json.RootElement.GetProperty("experts").EnumerateArray().Select(expert => Expert(expert, sunday))];
    }

    /// <summary>Returns when the pool has every expert, and the holders of knowledge; a service that is away in between is waited for.</summary>
    /// <param name="copies">How many of each expert, under ids of their own: a load needs more hours than the samples.</param>
    public static async Task Load(Endpoints endpoints, Action<string> say, CancellationToken cancellation, int copies = 1)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(say);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var read = Read(today);
        IReadOnlyList<DemoExpert> experts = [.. Enumerable.Range(0, copies).SelectMany(copy => read.Select(expert => copy == 0 ? expert : expert with { ExpertId = Copied(expert.ExpertId, copy) }))];
        using var http = new DemoHttp(endpoints);
        using var channel = GrpcChannel.ForAddress(endpoints.Grpc["expertPool"]);
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                var token = new Metadata { { "authorization", $"Bearer {await http.Token(Client, cancellation)}" } };
                var taken = await Import(new Experts.ExpertsClient(channel), experts, token, cancellation);
                if (taken.Problems is [var first, ..])
                {
                    throw new LocalFailureException($"{File}, expert {first.Line}: {first.Path}: {first.Problem}");
                }

                var holders = await DemoHolders.Register(new Catalogue.CatalogueClient(channel), today, token, cancellation);
                say($"{experts.Count} fictional experts in the pool, {taken.Registered} of them new or changed; {holders} fictional holders of knowledge.");
                return;
            }
            catch (Exception failure) when (Passes(failure) && !cancellation.IsCancellationRequested)
            {
                if (TimeProvider.System.GetUtcNow() > until)
                {
                    throw new LocalFailureException($"The pool of experts cannot be loaded: {failure.Message}");
                }
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    // In the fourth group of digits, which every expert of the file has alike.
    private static string Copied(string id, int copy) => $"{id[..20]}{copy.ToString("x3", CultureInfo.InvariantCulture)}{id[23..]}";

    private static async Task<ImportResponse> Import(Experts.ExpertsClient pool, IReadOnlyList<DemoExpert> experts, Metadata token, CancellationToken cancellation)
    {
        using var call = pool.Import(token, cancellationToken: cancellation);
        foreach (var expert in experts)
        {
            await call.RequestStream.WriteAsync(Request(expert), cancellation);
        }

        await call.RequestStream.CompleteAsync();
        return await call;
    }

    // A write to a call that has ended tells nothing more; the next attempt does.
    private static bool Passes(Exception failure) => failure switch
    {
        RpcException call => call.StatusCode is StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Internal,
        _ => failure is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException,
    };

    private static RegisterExpertRequest Request(DemoExpert expert) => new()
    {
        ExpertId = expert.ExpertId,
        Sector = expert.Sector,
        Profession = expert.Profession,
        Organisation = expert.Organisation,
        Engagement = expert.Engagement,
        County = expert.County ?? string.Empty,
        Unit = expert.Unit ?? string.Empty,
        Topics = { expert.Topics },
        Languages = { expert.Languages },
        Channels = { expert.Channels },
        WeeklyHours = (double)expert.WeeklyHours,
        AgreementFrom = Date(expert.AgreementFrom),
        AgreementUntil = Date(expert.AgreementUntil),
        EmployerConsents = expert.EmployerConsents,
    };

    private static DemoExpert Expert(JsonElement expert, DateOnly sunday)
    {
        string Text(string name) => expert.GetProperty(name).GetString()!;
        string? Optional(string name) => expert.TryGetProperty(name, out var value) ? value.GetString() : null;
        IReadOnlyList<string> Codes(string name) => [.. expert.GetProperty(name).EnumerateArray().Select(code => code.GetString()!)];
        return new DemoExpert(
            Text("expertId"),
            Text("sector"),
            Text("profession"),
            Text("organisation"),
            Text("engagement"),
            Optional("county"),
            Optional("unit"),
            Codes("topics"),
            Codes("languages"),
            Codes("channels"),
            expert.GetProperty("weeklyHours").GetDecimal(),
            Optional("agreementFrom") is { } from ? DateOnly.ParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
            expert.TryGetProperty("agreementEndsInWeeks", out var weeks) ? sunday.AddDays(7 * weeks.GetInt32()) : null,
            expert.GetProperty("employerConsents").GetBoolean());
    }

    private static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? string.Empty;
}

using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>A plain case and small changes of it.</summary>
internal static class Cases
{
    public static readonly Guid CaseId = Guid.Parse("019ab000-0000-7000-8000-000000000001");
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly AreaPolicy Policy = new(Repository.Catalogue, "sisa");
    public static readonly DeciderSpec<TriageCase, TriageEvent> Case = new(TriageCase.Aggregate);

    /// <summary>Client work with one thing tried and nothing else known.</summary>
    public static readonly CaseRequest Plain = new(
        ConsultationKind.ClientWork, "pirkanmaa", "fi", "13-15", [], [], [], false, 1, Urgency.Routine, false, false, "consent", [], false);

    public static readonly CaseRequest Complex = Plain with { Topics = ["substance.child-or-youth"], Marks = ["unclear", "changing-fast"], Services = ["child-welfare", "school"] };

    public static AreaPolicy PolicyWith(Confirmation confirmation) => new(CatalogueWith(confirmation), "sisa");

    public static Assessment Assess(CaseRequest request, AreaPolicy? policy = null, params string[] askedFor) =>
        Assessment.Of(Facts.Of(request, askedFor, policy ?? Policy), policy ?? Policy, request.HasScreening);

    public static string Json<T>(T value) => System.Text.Json.JsonSerializer.Serialize(value);

    public static OpenCase.Command Open(CaseRequest request, AreaPolicy? policy = null) => new(CaseId, "OT-TEST-0001", "sisa", request, policy ?? Policy, Now);

    /// <summary>The events of a case opened from <paramref name="request"/>.</summary>
    public static TriageEvent[] Opened(CaseRequest request, AreaPolicy? policy = null) =>
        [.. OpenCase.Decide(TriageCase.Initial, Open(request, policy)).Events];

    /// <summary>The shipped catalogue with an override for one area, through the same files that an area would have.</summary>
    public static Catalogue CatalogueWith(Confirmation confirmation) => CatalogueWith($$"""{ "version": 7, "triage": { "confirmation": "{{confirmation.ToString()[..1].ToLowerInvariant()}}{{confirmation.ToString()[1..]}}" } }""");

    public static Catalogue CatalogueWith(string areaPolicy)
    {
        var folder = Directory.CreateTempSubdirectory("ot-catalogue-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Repository.CataloguePath, "*.json"))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            Directory.CreateDirectory(Path.Combine(folder, "policies", "areas"));
            File.Copy(Path.Combine(Repository.CataloguePath, "policies", "default.json"), Path.Combine(folder, "policies", "default.json"));
            File.WriteAllText(Path.Combine(folder, "policies", "areas", "sisa.json"), areaPolicy);
            return Catalogue.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

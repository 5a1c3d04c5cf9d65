extern alias triage;

using Marten;
using OtPlatform.Contracts;
using triage::OtPlatform.Triage.Policies;
using triage::OtPlatform.Triage.TriageCases;

namespace OtPlatform.Bench;

/// <summary>Requests as they might come in, of every kind, the same in every run; and their cases as Triage keeps them after the first assessment.</summary>
internal sealed class PastCases(Catalogue catalogue)
{
    private const int Session = 500;
    private const int Seed = 20_261_123;
    private readonly Dictionary<string, AreaPolicy> _policies = catalogue.Areas.ToDictionary(area => area.Code, area => new AreaPolicy(catalogue, area.Code));

    /// <summary>The shipped policy of a county's area.</summary>
    public AreaPolicy PolicyOf(CaseRequest request) => _policies[catalogue.AreaOf(request.County)!.Code];

    public IEnumerable<CaseRequest> Requests(int count)
    {
        var chance = new Random(Seed);
        string One(IReadOnlyList<string> codes) => codes[chance.Next(codes.Count)];
        IReadOnlyList<string> Some(IReadOnlyList<string> codes, int most) => [.. Enumerable.Range(0, chance.Next(most + 1)).Select(_ => One(codes)).Distinct()];
        var (codes, topics, counties) = (catalogue.Codes, catalogue.Topics.Select(topic => topic.Code).ToList(), catalogue.Areas.SelectMany(area => area.Counties).ToList());
        for (var number = 0; number < count; number++)
        {
            yield return new CaseRequest(
                chance.Next(10) < 8 ? ConsultationKind.ClientWork : ConsultationKind.ProfessionalSupport,
                One(counties),
                One(codes.Languages),
                One(codes.AgeBands),
                Some(topics, 3),
                Some(codes.Marks, 3),
                Some(codes.Services, 5),
                HasUnknownCodes: chance.Next(20) == 0,
                TriedCount: chance.Next(4),
                (Urgency)chance.Next(3),
                ImmediateDanger: chance.Next(100) == 0,
                HighRisk: chance.Next(10) == 0,
                One(codes.LegalBases),
                Some(codes.Channels, 2),
                HasScreening: false,
                One(codes.Sectors),
                Guid.CreateVersion7(),
                One(codes.RequesterRoles),
                One(codes.WorkerRoles),
                "sw-114",
                MatterKey: Guid.NewGuid().ToString("n"));
        }
    }

    /// <summary>Stores what a queue shows of each case: folded from the events that opening it decides, and the one thing that a what-if reads.</summary>
    public Task Store(IDocumentStore store, int count, CancellationToken cancellation) =>
        Parallel.ForEachAsync(Requests(count).Chunk(Session), cancellation, async (some, token) =>
        {
            await using var session = store.LightweightSession();
            session.Store(some.Select(Opened));
            await session.SaveChangesAsync(token);
        });

    private RoutingQueueEntry Opened(CaseRequest request)
    {
        var id = Guid.CreateVersion7();
        var area = catalogue.AreaOf(request.County)!.Code;
        var happened = OpenCase.Decide(TriageCase.Initial, new OpenCase.Command(id, $"OT-{id:n}"[..12], area, request, PolicyOf(request), DateTimeOffset.UtcNow)).Events;
        return RoutingQueueEntry.Fold([.. happened], happened.Count);
    }
}

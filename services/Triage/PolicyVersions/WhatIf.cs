using System.Runtime.CompilerServices;
using OtPlatform.Contracts;
using OtPlatform.Platform.Streams;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>From what recommendation to what other one, in an area.</summary>
/// <param name="From">A route, or needsInformation.</param>
public sealed record Change(string Area, string From, string To);

/// <summary>How far a what-if has come.</summary>
/// <param name="Cases">How many there are to look at.</param>
/// <param name="Changes">How many would have got another recommendation, and some of them.</param>
public sealed record WhatIfSoFar(long Cases, long Done, IReadOnlyDictionary<Change, (long Cases, IReadOnlyList<Guid> Examples)> Changes);

/// <summary>
/// What another policy would have recommended first in every past case, weighed anew from the facts that were recorded with it (R9). Nothing
/// is written, and what happens to the cases meanwhile does not change what is compared: a first assessment stays as it was.
/// </summary>
public sealed class WhatIf(StreamStore streams, PolicyBook book, Catalogue catalogue, TimeProvider clock)
{
    /// <summary>How many cases are read at once.</summary>
    public const int PageSize = 1_000;

    private const int ExamplesOfEach = 10;

    /// <param name="content">A document without faults.</param>
    public IAsyncEnumerable<WhatIfSoFar> Run(string code, string content, CancellationToken cancellation)
    {
        var policies = Policies(code, content);
        return Run(code == PolicyBook.Defaults ? null : code, entry => Recommendation.For(entry.Assessments[0].Facts, policies[entry.Area].Rules)!.Route, cancellation);
    }

    /// <summary>The same for an instrument: the answers that were given are scored anew, and each case is weighed by the policy that it began with.</summary>
    public IAsyncEnumerable<WhatIfSoFar> Run(Instrument instrument, AreaPolicies policies, CancellationToken cancellation) => Run(
        null,
        entry => entry.Assessments[0].Facts.ScoredBy(instrument) is { } facts ? Recommendation.For(facts, policies.Named(entry.PolicyVersion).Rules)!.Route : entry.Assessments[0].Route,
        cancellation);

    /// <param name="ofArea">Null for all areas.</param>
    private async IAsyncEnumerable<WhatIfSoFar> Run(string? ofArea, Func<RoutingQueueEntry, Route?> weighed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var condition = ofArea is null ? string.Empty : "d.area = ? and ";
        object[] area = ofArea is null ? [] : [ofArea];
        var total = await streams.Count<RoutingQueueEntry>($"where {condition}true", cancellation, area);
        var changes = new Dictionary<Change, (long Cases, List<Guid> Examples)>();
        var done = 0L;
        Task<IReadOnlyList<RoutingQueueEntry>> Page(Guid after) =>
            streams.Query<RoutingQueueEntry>($"where {condition}d.id > ? order by d.id limit {PageSize}", cancellation, [.. area, after]);

        for (var reading = Page(Guid.Empty); ;)
        {
            var page = await reading;
            if (page.Count == 0)
            {
                break;
            }

            // The store reads the next page while this one is weighed.
            reading = Page(page[^1].Id);
            foreach (var entry in page)
            {
                Weigh(entry, weighed(entry), changes);
            }

            done += page.Count;
            yield return SoFar();
        }

        if (done == 0)
        {
            yield return SoFar();
        }

        WhatIfSoFar SoFar() => new(Math.Max(total, done), done, changes.ToDictionary(change => change.Key, change => (change.Value.Cases, (IReadOnlyList<Guid>)[.. change.Value.Examples])));
    }

    private static void Weigh(RoutingQueueEntry entry, Route? weighed, Dictionary<Change, (long Cases, List<Guid> Examples)> changes)
    {
        var (from, to) = (Outcomes.Of(entry.Assessments[0].Route), Outcomes.Of(weighed));
        if (from == to)
        {
            return;
        }

        var change = new Change(entry.Area, from, to);
        var (cases, examples) = changes.GetValueOrDefault(change, (0, []));
        if (examples.Count < ExamplesOfEach)
        {
            examples.Add(entry.Id);
        }

        changes[change] = (cases + 1, examples);
    }

    /// <summary>The policy of each area as it would be with the document.</summary>
    private Dictionary<string, AreaPolicy> Policies(string code, string content) => catalogue.Areas.ToDictionary(area => area.Code, area =>
    {
        var now = clock.GetUtcNow();
        var pages = book.VersionAt(area.Code, now).Split('+').Select(name => book.Page(name)!).ToList();
        var defaults = code == PolicyBook.Defaults ? PolicyBook.Parse(content) : book.Whole(pages[0]);
        var own = code == area.Code ? content : pages.Count > 1 ? pages[1].Content : "{}";
        return new AreaPolicy(catalogue, PolicyBook.Read<RoutingPolicy>(PolicyBook.Over(defaults, own)), "draft");
    });
}

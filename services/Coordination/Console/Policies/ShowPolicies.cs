using OtPlatform.Contracts;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>The defaults and what each area has in their place, with what is drafted.</summary>
/// <param name="Areas">By the area's code, in the catalogue's order.</param>
public sealed record PoliciesView(long Position, Answer<Policy> Defaults, IReadOnlyList<(string Code, Answer<Policy> Policy)> Areas);

/// <summary>Every policy that is in force, setting by setting: the default, and the areas that have another value.</summary>
public static class ShowPolicies
{
    public const string Path = "/policies";

    /// <summary>Code of the policy that holds where an area has nothing of its own.</summary>
    public const string Defaults = "default";

    public static void MapPolicies(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, async (HttpContext http, RulesOwner rules, Catalogue catalogue, JournalFeed feed) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsPolicies: true })
            {
                return PageForm.NotFound(http);
            }

            // The position first: whatever comes after it makes the page ask again.
            var position = await feed.Last(http.RequestAborted);
            var codes = catalogue.Areas.Select(area => area.Code).ToList();
            var (defaults, areas) = (rules.Policy(http, Defaults), Task.WhenAll(codes.Select(code => rules.Policy(http, code))));
            var view = new PoliciesView(position, await defaults, [.. codes.Zip(await areas)]);
            return PageForm.Page<PoliciesPage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["View"] = view },
                view.Defaults.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });
        endpoints.MapPolicy();
        endpoints.MapDraftPolicy();
        endpoints.MapPublishPolicy();
        endpoints.MapWhatIf(Path, (rules, http, code) => rules.WhatIf(http, code), (visitor, code) => visitor.EditsPolicy(code), (words, code) => SettingWords.OfPolicy(words, code));
    }
}

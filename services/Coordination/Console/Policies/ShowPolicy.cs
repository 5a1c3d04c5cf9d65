using System.Globalization;
using System.Text.Json.Nodes;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>One policy as its page shows it.</summary>
/// <param name="Asked">The version whose settings are shown; 0 for what is in force.</param>
/// <param name="Defaults">The default values that hold where the document says nothing.</param>
/// <param name="Faults">What is wrong with the draft; null for those who do not edit it, and where there is none.</param>
public sealed record PolicyView(string Code, int Asked, long Position, Policy Policy, JsonObject Defaults, Answer<PolicyFaults>? Faults, bool MayEdit)
{
    public string Address => $"{ShowPolicies.Path}/{Code}";

    public bool IsDefaults => Code == ShowPolicies.Defaults;

    /// <summary>Of the version that was asked for.</summary>
    public JsonObject Document { get; } = PolicySettings.Document(Policy.DocumentJson);

    /// <summary>What an editor goes on from: the draft where there is one.</summary>
    public JsonObject Draft { get; } = PolicySettings.Document(Policy.Draft?.DocumentJson ?? Policy.DocumentJson);

    /// <summary>Every setting that the defaults, the version or the draft has.</summary>
    public IReadOnlyList<Setting> Settings { get; } = PolicySettings.Of(
        Code == ShowPolicies.Defaults ? [] : Defaults, PolicySettings.Document(Policy.DocumentJson), PolicySettings.Document(Policy.Draft?.DocumentJson ?? Policy.DocumentJson));

    /// <summary>Versions that are published and not in force yet.</summary>
    public static IEnumerable<PolicyVersion> Planned(Policy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Versions.Where(version => version.TakesEffectAt.ToDateTimeOffset() > now);
    }
}

/// <summary>What an editor sees after a form of a policy was refused or checked.</summary>
/// <param name="Typed">Kept in the fields.</param>
/// <param name="Message">Null when nothing was refused.</param>
/// <param name="Faults">Of what was typed; null for those of the draft.</param>
public sealed record Edited(Typed Typed, string? Message, IReadOnlyList<PolicyFault>? Faults = null);

/// <summary>One policy: what is in force, its versions and its draft, which an editor writes, tries out and publishes.</summary>
public static class ShowPolicy
{
    public static void MapPolicy(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet($"{ShowPolicies.Path}/{{code}}", async (HttpContext http, string code, int? version) =>
            await Load(http, code, version ?? 0) switch
            {
                { Refusal: { } refusal } => Refuse(http, refusal),
                { Value: { } view } => Page(http, view, null, StatusCodes.Status200OK),
                _ => PageForm.NotFound(http),
            });

    /// <summary>Null for those who read no policies.</summary>
    public static async Task<Answer<PolicyView>?> Load(HttpContext http, string code, int version = 0)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (Visit.Of(http).Visitor is not { ReadsPolicies: true } visitor)
        {
            return null;
        }

        var rules = http.RequestServices.GetRequiredService<RulesOwner>();
        var position = await http.RequestServices.GetRequiredService<JournalFeed>().Last(http.RequestAborted);
        var (asked, defaults) = (rules.Policy(http, code, version), rules.Policy(http, ShowPolicies.Defaults));
        if (((await asked).Refusal ?? (await defaults).Refusal) is { } refusal)
        {
            // A code that nobody knows is not an invalid field to somebody who follows a link.
            return new Answer<PolicyView>(null, refusal.Kind == RefusalKind.Invalid ? new Refusal(RefusalKind.Unknown) : refusal);
        }

        var policy = (await asked).Value!;
        var mayEdit = visitor.EditsPolicy(code) && version == 0;
        var faults = mayEdit && policy.Draft is not null ? await rules.Validate(http, code, string.Empty) : null;
        return new Answer<PolicyView>(new PolicyView(code, version, position, policy, PolicySettings.Document((await defaults).Value!.DocumentJson), faults, mayEdit), null);
    }

    public static IResult Page(HttpContext http, PolicyView view, Edited? edited, int status) =>
        PageForm.Page<PolicyPage>(new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["View"] = view, ["Edited"] = edited }, status);

    /// <summary>A page that says why there is none.</summary>
    public static IResult Refuse(HttpContext http, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal.Kind == RefusalKind.Unknown ? PageForm.NotFound(http) : PageForm.Message(http, $"refusal.{Codes.Of(refusal.Kind)}", PageForm.StatusOf(refusal));
    }

    /// <summary>An editor's form of a policy: what it does, and the page again.</summary>
    public static void MapPolicyForm(this IEndpointRouteBuilder endpoints, string name, Func<RulesOwner, HttpContext, PolicyView, Typed, Task<IResult>> take) =>
        endpoints.MapForm($"{ShowPolicies.Path}/{{code}}/{name}", async (http, typed) =>
            await Load(http, (string)http.GetRouteValue("code")!) switch
            {
                { Refusal: { } refusal } => Refuse(http, refusal),
                { Value: { MayEdit: true } view } => await take(http.RequestServices.GetRequiredService<RulesOwner>(), http, view, typed),
                _ => PageForm.NotFound(http),
            });

    /// <summary>What was refused, on the page as it stands now.</summary>
    public static async Task<IResult> Refused(HttpContext http, PolicyView before, Typed typed, Refusal refusal) => Page(
        http, (await Load(http, before.Code))?.Value ?? before, new Edited(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal));

    /// <summary>The day in Finland, as a field for a day has it.</summary>
    public static string Today(Visit visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        return Words.Local(visit.Now).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}

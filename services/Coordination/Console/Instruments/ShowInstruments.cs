using System.Text.Json;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Triage.V1;
using Document = OtPlatform.Contracts.Instrument;
using Instrument = OtPlatform.Protos.Triage.V1.Instrument;

namespace OtPlatform.Coordination.Console.Instruments;

/// <summary>One screening instrument as its page shows it.</summary>
/// <param name="Known">What Triage knows of it; nothing but a code for one that is to be written.</param>
/// <param name="Faults">What is wrong with the draft; null for those who do not edit it, and where there is none.</param>
public sealed record InstrumentView(string Code, int Asked, long Position, Instrument Known, Answer<PolicyFaults>? Faults, bool MayEdit)
{
    public string Address => $"{ShowInstruments.Path}/{Code}";

    /// <summary>The version that was asked for; null where there is only a draft.</summary>
    public Document? Document { get; } = ShowInstruments.Read(Known.DocumentJson);
}

/// <summary>The screening instruments, and one of them: items, levels, versions and the draft.</summary>
public static class ShowInstruments
{
    public const string Path = "/instruments";

    public static void MapInstruments(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, async (HttpContext http, RulesOwner rules, JournalFeed feed, string? code) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsPolicies: true } visitor)
            {
                return PageForm.NotFound(http);
            }

            if (visitor.EditsInstruments && code is { Length: > 0 })
            {
                return PageForm.SeeOther(http, $"{Path}/{Uri.EscapeDataString(code.Trim())}");
            }

            var position = await feed.Last(http.RequestAborted);
            var known = await rules.Instruments(http);
            return PageForm.Page<InstrumentsPage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["Position"] = position, ["Known"] = known },
                known.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });
        endpoints.MapGet($"{Path}/{{code}}", async (HttpContext http, string code, int? version) => await Load(http, code, version ?? 0) switch
        {
            { Refusal: { } refusal } => ShowPolicy.Refuse(http, refusal),
            { Value: { } view } => Page(http, view, null, StatusCodes.Status200OK),
            _ => PageForm.NotFound(http),
        });
        endpoints.MapWriteInstrument();
        endpoints.MapWhatIf(Path, (rules, http, code) => rules.WhatIfInstrument(http, code), (visitor, _) => visitor.EditsInstruments, (_, code) => code);
    }

    /// <summary>Null for those who read no instruments.</summary>
    public static async Task<Answer<InstrumentView>?> Load(HttpContext http, string code, int version = 0)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (Visit.Of(http).Visitor is not { ReadsPolicies: true } visitor)
        {
            return null;
        }

        var rules = http.RequestServices.GetRequiredService<RulesOwner>();
        var position = await http.RequestServices.GetRequiredService<JournalFeed>().Last(http.RequestAborted);
        var known = await rules.Instrument(http, code, version);
        if (known.Refusal is { Kind: RefusalKind.Unknown } && visitor.EditsInstruments && version == 0)
        {
            // The first draft makes it known; what it may be drafted for is the same for all.
            var reasons = await rules.Policy(http, ShowPolicies.Defaults);
            known = new Answer<Instrument>(new Instrument { Code = code, ReasonCodes = { reasons.Value?.ReasonCodes ?? [] } }, reasons.Refusal);
        }

        if (known.Refusal is { } refusal)
        {
            return new Answer<InstrumentView>(null, refusal.Kind == RefusalKind.Invalid ? new Refusal(RefusalKind.Unknown) : refusal);
        }

        var mayEdit = visitor.EditsInstruments && version == 0;
        var faults = mayEdit && known.Value!.Draft is not null ? await rules.ValidateInstrument(http, code, string.Empty) : null;
        return new Answer<InstrumentView>(new InstrumentView(code, version, position, known.Value!, faults, mayEdit), null);
    }

    public static IResult Page(HttpContext http, InstrumentView view, Edited? edited, int status) =>
        PageForm.Page<InstrumentPage>(new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["View"] = view, ["Edited"] = edited }, status);

    /// <summary>Null for what is no instrument.</summary>
    public static Document? Read(string json)
    {
        try
        {
            return json.Length == 0 ? null : Document.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

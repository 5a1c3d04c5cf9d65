using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using OtPlatform.Contracts;
using OtPlatform.Coordination.Console.Instruments;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Triage.V1;
using Document = OtPlatform.Contracts.Instrument;

namespace OtPlatform.Coordination.Console.Consultations;

/// <summary>A screening instrument that several fill in together on a case that is still to be decided.</summary>
/// <param name="Codes">Of the instruments to choose from.</param>
/// <param name="Chosen">What is filled in; null while none is chosen.</param>
/// <param name="CaseVersion">The state of the case that it is meant for.</param>
public sealed record ScreeningView(QueueEntry Entry, IReadOnlyList<string> Codes, Document? Chosen, long CaseVersion, IReadOnlyList<string> Roles)
{
    public string Address => $"{ShowConsultation.Path}/{Entry.Id}";
}

/// <summary>Several fill in an instrument; its result advises, and its marks are weighed at once (C-26).</summary>
public static class FillInScreening
{
    private const string Pattern = $"{ShowConsultation.Path}/{{id:guid}}/screenings";

    public static void MapFillInScreening(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Pattern, async (HttpContext http, Guid id, string? instrument) => await Load(http, id, instrument, 0) switch
        {
            { Refusal: { } refusal } => ShowPolicy.Refuse(http, refusal),
            { Value: { } view } => Page(http, view, null, StatusCodes.Status200OK),
            _ => PageForm.NotFound(http),
        });
        endpoints.MapForm(Pattern, async (http, typed) =>
        {
            var id = Guid.Parse((string)http.GetRouteValue("id")!);
            var (code, version) = (typed.Value("instrument"), (int)typed.Number("instrumentVersion"));
            if (await ShowConsultation.Load(http, id) is not { } before || Visit.Of(http).Visitor is not { Decides: true })
            {
                return PageForm.NotFound(http);
            }

            var answer = await http.RequestServices.GetRequiredService<Owners>().RecordScreening(http, Filled(id, code, version, typed));
            if (answer.Refusal is not { } refusal)
            {
                return PageForm.SeeOther(http, $"{before.Address}?done=screening");
            }

            return await Load(http, id, code, version) is { Value: { } view }
                ? Page(http, view, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal))
                : ShowConsultation.Page(http, await ShowConsultation.Load(http, id) ?? before, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal));
        });
    }

    private static RecordScreeningRequest Filled(Guid id, string? instrument, int version, Typed typed)
    {
        var request = new RecordScreeningRequest
        {
            Id = id.ToString(),
            Instrument = instrument ?? string.Empty,
            Version = version,
            Participants = { typed.Values["participant"].OfType<string>() },
            ExpectedVersion = typed.Number("version"),
        };
        foreach (var field in typed.Values.Keys.Where(field => field.StartsWith("answer:", StringComparison.Ordinal)))
        {
            // What nobody could answer is left out.
            if (int.TryParse(typed.Value(field), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var answer))
            {
                request.Answers[field["answer:".Length..]] = answer;
            }
        }

        return request;
    }

    /// <summary>Null when the consultation is unknown, another area's, or decided.</summary>
    private static async Task<Answer<ScreeningView>?> Load(HttpContext http, Guid id, string? instrument, int version)
    {
        if (await ShowConsultation.Load(http, id) is not { } view || !view.MayAddTo(Visit.Of(http).Visitor))
        {
            return null;
        }

        var rules = http.RequestServices.GetRequiredService<RulesOwner>();
        var listed = await rules.Instruments(http);
        IReadOnlyList<string> codes = [.. listed.Value?.Instruments.Where(known => known.Versions.Count > 0).Select(known => known.Code) ?? []];
        var chosen = (instrument ?? (codes.Count == 1 ? codes[0] : null)) is { } code ? await rules.Instrument(http, code, version) : null;
        return (listed.Refusal ?? chosen?.Refusal) is { } refusal
            ? new Answer<ScreeningView>(null, refusal)
            : new Answer<ScreeningView>(
                new ScreeningView(view.Entry, codes, ShowInstruments.Read(chosen?.Value?.DocumentJson ?? string.Empty), view.Case.Value!.Version, http.RequestServices.GetRequiredService<Catalogue>().Codes.RequesterRoles), null);
    }

    private static RazorComponentResult<ScreeningPage> Page(HttpContext http, ScreeningView view, Refused? refused, int status) =>
        PageForm.Page<ScreeningPage>(new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["View"] = view, ["Refused"] = refused }, status);
}

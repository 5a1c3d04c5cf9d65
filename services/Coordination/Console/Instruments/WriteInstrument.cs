using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Instruments;

/// <summary>An editor writes the next version of an instrument as JSON, has it checked, and publishes it: it may be filled in from then on.</summary>
public static class WriteInstrument
{
    public static void MapWriteInstrument(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "draft", async (rules, http, view, typed) =>
        {
            var answer = await rules.Draft(http, new DraftInstrumentRequest
            {
                Code = view.Code,
                DocumentJson = typed.Value("document") ?? string.Empty,
                ReasonCode = typed.Value("reason") ?? string.Empty,
                ExpectedVersion = typed.Number("version"),
            });
            return answer.Refusal is { } refusal ? await Refused(http, view, typed, refusal) : PageForm.SeeOther(http, $"{view.Address}?done=instrument-draft");
        });
        Map(endpoints, "check", async (rules, http, view, typed) =>
        {
            var answer = await rules.ValidateInstrument(http, view.Code, typed.Value("document") ?? string.Empty);
            return answer.Refusal is { } refusal
                ? await Refused(http, view, typed, refusal)
                : ShowInstruments.Page(http, view, new Edited(typed, null, [.. answer.Value!.Faults]), StatusCodes.Status200OK);
        });
        Map(endpoints, "publication", async (rules, http, view, typed) =>
        {
            var answer = await rules.Publish(http, new PublishInstrumentRequest { Code = view.Code, DraftId = typed.Value("draftId") ?? string.Empty, ExpectedVersion = typed.Number("version") });
            return answer.Refusal is { } refusal ? await Refused(http, view, typed, refusal) : PageForm.SeeOther(http, $"{view.Address}?done=instrument-publication");
        });
    }

    private static void Map(IEndpointRouteBuilder endpoints, string name, Func<RulesOwner, HttpContext, InstrumentView, Typed, Task<IResult>> take) =>
        endpoints.MapForm($"{ShowInstruments.Path}/{{code}}/{name}", async (http, typed) =>
            await ShowInstruments.Load(http, (string)http.GetRouteValue("code")!) switch
            {
                { Refusal: { } refusal } => ShowPolicy.Refuse(http, refusal),
                { Value: { MayEdit: true } view } => name == "publication" || IsJson(typed.Value("document"))
                    ? await take(http.RequestServices.GetRequiredService<RulesOwner>(), http, view, typed)
                    : ShowInstruments.Page(http, view, NoJson(http, typed), StatusCodes.Status400BadRequest),
                _ => PageForm.NotFound(http),
            });

    private static async Task<IResult> Refused(HttpContext http, InstrumentView before, Typed typed, Refusal refusal) => ShowInstruments.Page(
        http, (await ShowInstruments.Load(http, before.Code))?.Value ?? before, new Edited(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal));

    private static Edited NoJson(HttpContext http, Typed typed)
    {
        var words = Visit.Of(http).Words;
        return new Edited(typed, words["policies.faulty"], [new PolicyFault { Path = "$", Message = words["policies.noJson"] }]);
    }

    private static bool IsJson(string? text)
    {
        try
        {
            return text is not null && JsonNode.Parse(text) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

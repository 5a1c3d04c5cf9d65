using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Coordination.Journal;
using OtPlatform.Protos.Intake.V1;

namespace OtPlatform.Coordination.Console.Consultations;

/// <summary>The request in the requester's own words. They are read from the vault when somebody asks for them, and each reading is written down.</summary>
public static class ReadWords
{
    private const string Purpose = "triage";

    public static void MapReadWords(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet($"{ShowConsultation.Path}/{{id:guid}}/words", async (HttpContext http, Guid id, RoutingQueues queues, Owners owners) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { ReadsQueues: true, ReadsNarratives: true, Area: { } area } || await queues.Find(new QueueScope(area), id, http.RequestAborted) is not { } entry)
            {
                return PageForm.NotFound(http);
            }

            var words = await owners.Words(http, id, Purpose);
            return PageForm.Page<WordsPage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["Entry"] = entry, ["Read"] = words },
                words.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });

    /// <summary>The order in which texts are read: the question first.</summary>
    public static IEnumerable<Narrative> InOrder(ReadNarrativeResponse read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return read.Narratives.OrderBy(text => text.Kind == "question" ? 0 : 1).ThenBy(text => text.Kind, StringComparer.Ordinal);
    }

    /// <summary>A text as paragraphs; what was sent in fields is shown field by field.</summary>
    public static IEnumerable<string> Lines(string text, Words words)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(words);
        return text is ['{' or '[', ..] && Fields(text) is { } fields
            ? fields.Select(item => string.Join(" · ", item.Select(field => $"{words.Code("field", field.Key)}: {field.Value}")))
            : text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Null when the text only looks like fields.</summary>
    private static IReadOnlyList<IReadOnlyList<KeyValuePair<string, string>>>? Fields(string text)
    {
        try
        {
            var node = JsonNode.Parse(text);
            return [.. (node is JsonArray list ? list.OfType<JsonObject>() : [node!.AsObject()]).Select(Values)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Values(JsonObject item) =>
        [.. item.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value!.ToString()))];
}

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>
/// What a draft would have led to in every past case. The page shows how far that has come while it is counted, by server-sent events whose
/// data are the result so far; without a script the whole is shown when it is there. Nothing is changed by it.
/// </summary>
public static class WhatIf
{
    /// <param name="path">Of the list that the draft's page is in.</param>
    /// <param name="run">Counts for the draft of a code.</param>
    /// <param name="title">What the draft is of, in words.</param>
    public static void MapWhatIf(
        this IEndpointRouteBuilder endpoints, string path, Func<RulesOwner, HttpContext, string, IAsyncEnumerable<Answer<WhatIfProgress>>> run, Func<Visitor, string, bool> may, Func<Words, string, string> title)
    {
        endpoints.MapGet($"{path}/{{code}}/what-if", async (HttpContext http, RulesOwner rules, string code, bool? whole) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { } visitor || !may(visitor, code))
            {
                return PageForm.NotFound(http);
            }

            Answer<WhatIfProgress>? last = null;
            if (whole is true)
            {
                await foreach (var soFar in run(rules, http, code))
                {
                    last = soFar;
                }
            }

            return PageForm.Page<WhatIfPage>(
                new Dictionary<string, object?> { ["Visit"] = visit, ["Of"] = title(visit.Words, code), ["Address"] = $"{path}/{code}", ["Whole"] = last },
                last?.Refusal is { } refusal ? PageForm.StatusOf(refusal) : StatusCodes.Status200OK);
        });
        endpoints.MapGet($"{path}/{{code}}/what-if/progress", async (HttpContext http, RulesOwner rules, ILoggerFactory logs, string code) =>
        {
            var visit = Visit.Of(http);
            if (visit.Visitor is not { } visitor || !may(visitor, code))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            http.Response.Headers.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            await using var renderer = new HtmlRenderer(http.RequestServices, logs);
            try
            {
                await foreach (var soFar in run(rules, http, code))
                {
                    await Send(http, soFar.Refusal is not null || soFar.Value is { Finished: true } ? "finished" : "progress", await Rendered(renderer, visit, soFar));
                }
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // The reader has gone, and the owner stops counting.
            }
        });
    }

    private static Task<string> Rendered(HtmlRenderer renderer, Visit visit, Answer<WhatIfProgress> soFar) => renderer.Dispatcher.InvokeAsync(async () =>
        (await renderer.RenderComponentAsync<WhatIfResult>(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Visit"] = visit, ["SoFar"] = soFar }))).ToHtmlString());

    private static async Task Send(HttpContext http, string what, string html)
    {
        var lines = html.Split('\n').Select(line => $"data: {line.TrimEnd('\r')}\n");
        await http.Response.WriteAsync($"event: {what}\n{string.Concat(lines)}\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}

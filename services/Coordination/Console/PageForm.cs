using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace OtPlatform.Coordination.Console;

/// <summary>What a person has sent with a form, kept so that nothing typed is lost when it is refused.</summary>
/// <param name="Name">Which form.</param>
public sealed record Typed(string Name, IFormCollection Values)
{
    public string? Value(string field) => Values[field].ToString() is { Length: > 0 } value ? value.Trim() : null;

    public long Number(string field) => long.TryParse(Values[field].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>A form that was not done, and why in words.</summary>
public sealed record Refused(Typed Typed, string Message);

/// <summary>How pages are shown and forms are taken.</summary>
public static class PageForm
{
    public const string TokenField = "form-token";

    /// <summary>A page of the console.</summary>
    public static RazorComponentResult<TPage> Page<TPage>(object parameters, int status = StatusCodes.Status200OK)
        where TPage : IComponent => new(parameters) { StatusCode = status };

    /// <summary>A form of the console: its token is checked before anything is read from it.</summary>
    public static RouteHandlerBuilder MapForm(this IEndpointRouteBuilder endpoints, string pattern, Func<HttpContext, Typed, Task<IResult>> take) =>
        endpoints.MapPost(pattern, async (HttpContext http) =>
        {
            if (!http.Request.HasFormContentType || !await IsOfAPage(http))
            {
                return Message(http, "message.formTooOld", StatusCodes.Status400BadRequest);
            }

            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            return await take(http, new Typed(form["form"].ToString(), form));
        });

    /// <summary>An address that asks for no sign-in knows no visitor, but the form may stand on a page that did.</summary>
    private static async Task<bool> IsOfAPage(HttpContext http)
    {
        var forms = http.RequestServices.GetRequiredService<IAntiforgery>();
        if (await forms.IsRequestValidAsync(http))
        {
            return true;
        }

        if (http.User.Identity is { IsAuthenticated: true } || (await http.AuthenticateAsync(ConsoleSession.Scheme)).Principal is not { } visitor)
        {
            return false;
        }

        http.User = visitor;
        return await forms.IsRequestValidAsync(http);
    }

    /// <summary>After something was done: the page again, by a GET that may be repeated.</summary>
    public static IResult SeeOther(HttpContext http, string path)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Response.Headers.Location = path;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>A page with nothing but a message.</summary>
    public static IResult Message(HttpContext http, string text, int status) =>
        Page<Shared.MessagePage>(new Dictionary<string, object?> { ["Visit"] = Visit.Of(http), ["Text"] = text }, status);

    public static IResult NotFound(HttpContext http) => Message(http, "message.notFound", StatusCodes.Status404NotFound);

    /// <summary>Why an owner said no, in words.</summary>
    public static string InWords(Words words, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal switch
        {
            { Code: { } code } when words.Has($"refusal.{code}") => words[$"refusal.{code}"],
            { Kind: RefusalKind.Rule, Code: { } code } => words.Format("refusal.rule", code),
            { Kind: var kind } => words[$"refusal.{Journal.Codes.Of(kind)}"],
        };
    }

    public static int StatusOf(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal.Kind switch
        {
            RefusalKind.Unknown => StatusCodes.Status404NotFound,
            RefusalKind.NotAllowed => StatusCodes.Status403Forbidden,
            RefusalKind.Invalid => StatusCodes.Status400BadRequest,
            RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status409Conflict,
        };
    }
}

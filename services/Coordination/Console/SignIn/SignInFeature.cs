using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OtPlatform.Contracts;
using OtPlatform.Platform.Security;

namespace OtPlatform.Coordination.Console.SignIn;

/// <summary>In Development a visitor chooses who to be among the Development clients. Elsewhere signing in belongs to the issuer.</summary>
public static class SignInFeature
{
    public const string Path = "/sign-in";

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, (HttpContext http, string? returnUrl) => Show(http, returnUrl, null, StatusCodes.Status200OK));
        endpoints.MapForm(Path, async (http, typed) =>
        {
            var clientId = typed.Value("clientId") ?? Prefixed("expert-", typed.Value("expertId")) ?? Prefixed("receiver-", typed.Value("unit")) ?? string.Empty;
            var token = DevelopmentTokens.Issue(http.RequestServices.GetRequiredService<AuthOptions>(), DevelopmentClients.Of(http.RequestServices.GetRequiredService<Catalogue>()), clientId);
            if (token is null)
            {
                return Show(http, typed.Value("returnUrl"), typed, StatusCodes.Status400BadRequest);
            }

            await ConsoleSession.Begin(http, token);
            return PageForm.SeeOther(http, LocalOnly(typed.Value("returnUrl")));
        });
        endpoints.MapForm("/sign-out", async (http, _) =>
        {
            await http.SignOutAsync(ConsoleSession.Scheme);
            return PageForm.SeeOther(http, Path);
        }).RequireAuthorization(ConsoleSession.SignedIn);
        endpoints.MapForm("/language", (http, typed) =>
        {
            if (typed.Value("language") is { } language && ConsoleTexts.Languages.Contains(language))
            {
                http.Response.Cookies.Append(
                    Visit.LanguageCookie,
                    language,
                    new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, MaxAge = TimeSpan.FromDays(365), IsEssential = true });
            }

            return Task.FromResult(PageForm.SeeOther(http, LocalOnly(typed.Value("return"))));
        });
    }

    /// <summary>A path of this site, whatever was asked for.</summary>
    public static string LocalOnly(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && path.All(letter => letter is not '\\' && !char.IsControl(letter)) ? path : "/";

    private static string? Prefixed(string prefix, string? rest) => rest is null ? null : $"{prefix}{rest}";

    private static RazorComponentResult<SignInPage> Show(HttpContext http, string? returnUrl, Typed? refused, int status)
    {
        var development = http.RequestServices.GetRequiredService<AuthOptions>().DevelopmentKeyFile is not null;
        return PageForm.Page<SignInPage>(
            new Dictionary<string, object?>
            {
                ["Visit"] = Visit.Of(http) with { Visitor = null },
                ["Areas"] = development ? http.RequestServices.GetRequiredService<Catalogue>().Areas : null,
                ["ReturnUrl"] = LocalOnly(returnUrl),
                ["Refused"] = refused,
            },
            status);
    }
}

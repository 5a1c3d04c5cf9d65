using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using OtPlatform.Contracts;
using OtPlatform.Platform.Security;

namespace OtPlatform.Coordination.Console;

/// <summary>What the console needs beside the owners' addresses.</summary>
public sealed record ConsoleOptions
{
    /// <summary>Folder with the keys that protect cookies and forms, the same for all replicas.</summary>
    public required string KeysFolder { get; init; }

    /// <summary>How long a session lives without a visit. Pages that refresh themselves are no visit.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>Who sits at the browser: the access token lives in an encrypted cookie that no script reads, within bounds.</summary>
public static class ConsoleSession
{
    public const string Scheme = "Console";
    public const string AccessToken = "access_token";

    /// <summary>The policy of every page but the sign-in.</summary>
    public const string SignedIn = "console";

    private const string ExpiresAt = "expires_at";

    public static void AddConsoleSession(this IServiceCollection services, ConsoleOptions options, bool development)
    {
        ArgumentNullException.ThrowIfNull(options);
        var secure = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        services.AddDataProtection().SetApplicationName("otplatform-console").PersistKeysToFileSystem(Own(options.KeysFolder));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "ot-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = secure;
            antiforgery.FormFieldName = PageForm.TokenField;
        });
        services.AddAuthentication().AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = "ot-console";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = secure;
            cookie.LoginPath = SignIn.SignInFeature.Path;
            cookie.ExpireTimeSpan = options.IdleLimit;
            cookie.SlidingExpiration = true;
            // Sessions live in real time, like the tokens in them.
            cookie.TimeProvider = TimeProvider.System;
            cookie.Events.OnCheckSlidingExpiration = check =>
            {
                check.ShouldRenew &= !RefreshesItself(check.Request);
                return Task.CompletedTask;
            };
            cookie.Events.OnValidatePrincipal = validate =>
            {
                if (!DateTimeOffset.TryParse(validate.Properties.GetTokenValue(ExpiresAt), CultureInfo.InvariantCulture, out var ends) || ends <= TimeProvider.System.GetUtcNow())
                {
                    validate.RejectPrincipal();
                }

                return Task.CompletedTask;
            };
            cookie.Events.OnRedirectToLogin = redirect =>
            {
                if (RefreshesItself(redirect.Request))
                {
                    redirect.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    redirect.Response.Headers["HX-Redirect"] = SignIn.SignInFeature.Path;
                }
                else
                {
                    redirect.Response.Redirect(redirect.RedirectUri);
                }

                return Task.CompletedTask;
            };
        });
        services.AddAuthorizationBuilder().AddPolicy(SignedIn, policy => policy.AddAuthenticationSchemes(Scheme).RequireAuthenticatedUser().RequireClaim("sub"));
    }

    private static DirectoryInfo Own(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public static Task Begin(HttpContext http, DevelopmentToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var properties = new AuthenticationProperties();
        properties.StoreTokens(
        [
            new AuthenticationToken { Name = AccessToken, Value = token.Value },
            new AuthenticationToken { Name = ExpiresAt, Value = token.ExpiresAt.ToString("O", CultureInfo.InvariantCulture) },
        ]);
        return http.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity(token.Claims, Scheme)), properties);
    }

    /// <summary>A request that the page makes by itself, without a person's act.</summary>
    public static bool RefreshesItself(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Headers.ContainsKey("HX-Request") || request.Path == Live.WatchChanges.Path;
    }
}

/// <summary>The person at the browser, by their token.</summary>
public sealed record Visitor(Caller Caller)
{
    public string? Area => Caller.Claim(ClaimNames.Area);

    public Guid? Expert => Guid.TryParse(Caller.Claim(ClaimNames.Expert), out var id) ? id : null;

    /// <summary>The unit that takes referrals; only where the token is nothing else.</summary>
    public string? Receiver => Area is null && Expert is null && MayActInTeams && !ReadsQueues ? Caller.Claim(ClaimNames.Organisation) : null;

    public bool ReadsQueues => Has(Scopes.QueuesRead) && Area is not null;

    public bool Decides => ReadsQueues && Has(Scopes.QueuesAct);

    /// <summary>Of the coordinating team, which decides whether a case may be offered once more.</summary>
    public bool DecidesTransfers => ReadsQueues && Has(Scopes.TransfersDecide);

    public bool ReadsNarratives => Has(Scopes.NarrativeRead);

    public bool MayActInTeams => Has(Scopes.TeamsAct);

    /// <summary>Whoever may see the whole pool; an expert sees only their own entry.</summary>
    public bool ReadsExperts => Has(Scopes.ExpertsRead) && Expert is null;

    /// <summary>Whoever reads the queues reads the policies and instruments.</summary>
    public bool ReadsPolicies => Has(Scopes.QueuesRead) || Has(Scopes.PoliciesWrite);

    /// <summary>An area's editor changes that area's own; the defaults are changed by an editor of no area.</summary>
    public bool EditsPolicy(string code) => Has(Scopes.PoliciesWrite) && code == (Area ?? Policies.ShowPolicies.Defaults);

    /// <summary>Instruments are the same for all areas, and changed by an editor of no area.</summary>
    public bool EditsInstruments => Has(Scopes.PoliciesWrite) && Area is null;

    private bool Has(string scope) => Caller.HasScope(Caller.Principal, scope);
}

/// <summary>One showing of a page: to whom, in which language, when.</summary>
/// <param name="Visitor">Null before the sign-in.</param>
/// <param name="FormToken">Against forms that somebody else has made up.</param>
public sealed record Visit(HttpContext Http, Words Words, Visitor? Visitor, string FormToken, DateTimeOffset Now)
{
    public const string LanguageCookie = "ot-language";

    public static Visit Of(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var services = http.RequestServices;
        return new Visit(
            http,
            services.GetRequiredService<ConsoleTexts>().In(http.Request.Cookies[LanguageCookie]),
            http.User.Identity is { IsAuthenticated: true } ? new Visitor(Caller.From(http.User)) : null,
            services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken!,
            services.GetRequiredService<TimeProvider>().GetUtcNow());
    }

    public string Here => $"{Http.Request.Path}{Http.Request.QueryString}";

    /// <summary>What was done just now, as the redirect after it says.</summary>
    public string? Done => Http.Request.Query["done"].ToString() is { Length: > 0 } done && Words.Has($"done.{done}") ? Words[$"done.{done}"] : null;
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;

namespace OtPlatform.Platform.Security;

/// <summary>Who signs the tokens that this service trusts. Exactly one of the two.</summary>
public sealed record AuthOptions
{
    /// <summary>OIDC issuer.</summary>
    public string? Authority { get; init; }

    /// <summary>File with the key of the Development tokens (32 bytes, base64). Development only.</summary>
    public string? DevelopmentKeyFile { get; init; }

    public string Audience { get; init; } = "otplatform";
}

/// <summary>JWT bearer tokens with scopes, and in Development an endpoint that hands them out.</summary>
public static class SecurityExtensions
{
    public static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration, bool development, IReadOnlyList<string> scopes)
    {
        var options = configuration.GetSection("Auth").Get<AuthOptions>() ?? new AuthOptions();
        if (options.Authority is null == options.DevelopmentKeyFile is null)
        {
            throw new MissingSettingException("Auth__Authority", "set it, or in Development Auth__DevelopmentKeyFile, but not both");
        }

        if (options.DevelopmentKeyFile is not null && !development)
        {
            throw new MissingSettingException("Auth__Authority", "Auth__DevelopmentKeyFile is for Development only");
        }

        services.AddSingleton(options);
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(bearer =>
        {
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters.ValidAudience = options.Audience;
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
            if (options.Authority is not null)
            {
                bearer.Authority = options.Authority;
            }
            else
            {
                bearer.TokenValidationParameters.ValidIssuer = DevelopmentTokens.Issuer;
                bearer.TokenValidationParameters.IssuerSigningKey = DevelopmentTokens.Key(options);
            }

            bearer.Events = new JwtBearerEvents
            {
                OnChallenge = context =>
                {
                    context.HandleResponse();
                    context.Response.Headers.WWWAuthenticate = "Bearer";
                    return Problems.Write(context.HttpContext, StatusCodes.Status401Unauthorized, Problems.NotSignedIn, "Send a valid bearer token.");
                },
                OnForbidden = context =>
                    Problems.Write(context.HttpContext, StatusCodes.Status403Forbidden, Problems.NotAllowed, "Your token does not allow this."),
            };
        });
        services.AddAuthorization(authorization =>
        {
            foreach (var scope in scopes)
            {
                authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireClaim("sub").RequireAssertion(context => Caller.HasScope(context.User, scope)));
            }
        });
        return services;
    }

    /// <summary><c>POST /dev/token</c> (OAuth 2.0 client credentials) and <c>GET /dev/clients</c>; only with a Development key.</summary>
    public static void MapDevelopmentTokens(this IEndpointRouteBuilder endpoints, AuthOptions options, IReadOnlyList<DevelopmentClient> clients)
    {
        if (options.DevelopmentKeyFile is null)
        {
            return;
        }

        endpoints.MapPost("/dev/token", async (HttpRequest request, CancellationToken cancellation) =>
        {
            if (!request.HasFormContentType)
            {
                return OAuthError("invalid_request");
            }

            var form = await request.ReadFormAsync(cancellation);
            if (form["grant_type"] != "client_credentials")
            {
                return OAuthError("unsupported_grant_type");
            }

            var clientId = form["client_id"].ToString();
            var known = clients.Any(client => client.ClaimsFor(clientId) is not null);
            var secretFits = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(form["client_secret"].ToString()), Encoding.UTF8.GetBytes(DevelopmentClient.Secret));
            if (!known || !secretFits)
            {
                return OAuthError("invalid_client", StatusCodes.Status401Unauthorized);
            }

            var token = DevelopmentTokens.Issue(options, clients, clientId)!;
            return Results.Json(new Dictionary<string, object>
            {
                ["access_token"] = token.Value,
                ["token_type"] = "Bearer",
                ["expires_in"] = (int)DevelopmentTokens.Lifetime.TotalSeconds,
                ["scope"] = token.Scope,
            });
        }).ExcludeFromDescription();
        endpoints.MapGet("/dev/clients", () => Results.Json(new
        {
            clients = clients.Select(client => new { clientId = client.ClientId, scopes = client.Scopes, claims = client.Claims }),
        })).ExcludeFromDescription();
    }

    private static IResult OAuthError(string error, int status = StatusCodes.Status400BadRequest) => Results.Json(new { error }, statusCode: status);
}

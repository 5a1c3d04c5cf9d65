using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OtPlatform.Contracts;

namespace OtPlatform.Platform.Security;

/// <summary>A token of the Development key.</summary>
/// <param name="Claims">What it says of its bearer.</param>
public sealed record DevelopmentToken(string Value, string Scope, DateTimeOffset ExpiresAt, IReadOnlyList<Claim> Claims);

/// <summary>Tokens that every service of a Development system trusts.</summary>
public static class DevelopmentTokens
{
    internal const string Issuer = "otplatform-development";
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>A token for one of the Development clients; null for an unknown one, and where there is no Development key.</summary>
    public static DevelopmentToken? Issue(AuthOptions options, IReadOnlyList<DevelopmentClient> clients, string clientId)
    {
        ArgumentNullException.ThrowIfNull(options);
        var found = clients.Select(client => (client.Scopes, Claims: client.ClaimsFor(clientId))).FirstOrDefault(match => match.Claims is not null);
        if (found.Claims is null || options.DevelopmentKeyFile is null)
        {
            return null;
        }

        // Tokens live in real time: the platform's clock may be moved by days in a test.
        var now = TimeProvider.System.GetUtcNow();
        var scope = string.Join(' ', found.Scopes);
        IReadOnlyList<Claim> claims = [new("sub", clientId), new(Caller.ScopeClaim, scope), .. found.Claims.Select(claim => new Claim(claim.Key, claim.Value))];
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = options.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            Subject = new ClaimsIdentity(claims),
            SigningCredentials = new SigningCredentials(Key(options), SecurityAlgorithms.HmacSha256),
        });
        return new DevelopmentToken(token, scope, now + Lifetime, claims);
    }

    internal static SymmetricSecurityKey Key(AuthOptions options) => new(Secrets.Read(options.DevelopmentKeyFile!));
}

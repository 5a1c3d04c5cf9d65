using System.Security.Claims;

namespace OtPlatform.Platform.Security;

/// <summary>Who calls, read from a validated token.</summary>
/// <param name="Subject">The token's <c>sub</c>.</param>
public sealed record Caller(string Subject, ClaimsPrincipal Principal)
{
    public const string ScopeClaim = "scope";

    public static Caller From(ClaimsPrincipal principal) =>
        new(principal.FindFirstValue("sub") ?? throw new InvalidOperationException("A signed-in caller has a subject."), principal);

    /// <summary>The value of a claim, or null.</summary>
    public string? Claim(string name) => Principal.FindFirstValue(name);

    public static bool HasScope(ClaimsPrincipal principal, string scope) =>
        principal.FindAll(ScopeClaim).Any(claim => claim.Value.Split(' ').Contains(scope, StringComparer.Ordinal));
}

namespace OtPlatform.Platform.Security;

/// <summary>A client of the Development token endpoint.</summary>
/// <param name="ClientId">Exact id; or, ending in <c>*</c>, any id with that prefix.</param>
/// <param name="Claims">Claims that its tokens carry; <c>*</c> in a value stands for what the id has in place of the star.</param>
public sealed record DevelopmentClient(string ClientId, IReadOnlyList<string> Scopes, IReadOnlyDictionary<string, string> Claims)
{
    public const string Secret = "dev";

    /// <summary>This client's claims for <paramref name="clientId"/>, or null when it is not this client.</summary>
    public IReadOnlyDictionary<string, string>? ClaimsFor(string clientId)
    {
        if (!ClientId.EndsWith('*'))
        {
            return clientId == ClientId ? Claims : null;
        }

        var prefix = ClientId[..^1];
        if (!clientId.StartsWith(prefix, StringComparison.Ordinal) || clientId.Length == prefix.Length || clientId.Length > 100)
        {
            return null;
        }

        var rest = clientId[prefix.Length..];
        return rest.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_')
            ? Claims.ToDictionary(claim => claim.Key, claim => claim.Value.Replace("*", rest, StringComparison.Ordinal))
            : null;
    }
}

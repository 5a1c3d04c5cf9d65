using System.Security.Cryptography;
using System.Text;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.Consultations;

/// <summary>The stored answer of a submission: the same key and body get it again, byte for byte, for 30 days.</summary>
public sealed record IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);
    private const int Longest = 200;

    /// <summary>Hash of client and key.</summary>
    public required string Id { get; init; }

    /// <summary>Keyed hash of the request body.</summary>
    public required string BodyHash { get; init; }

    public required Guid ConsultationId { get; init; }

    /// <summary>The answer's body.</summary>
    public required string Answer { get; init; }

    public required string Tag { get; init; }

    public required DateTimeOffset AnsweredAt { get; init; }

    /// <summary>The consultation was erased: neither the answer nor the body's hash is kept, and the key makes no new one.</summary>
    public bool Erased { get; init; }

    internal IdempotencyKey WithoutAnswer => this with { BodyHash = string.Empty, Answer = string.Empty, Erased = true };

    /// <summary>The key of a request over HTTP.</summary>
    /// <exception cref="InvalidInputException">More than one: which of them a later request repeats could not be told.</exception>
    public static string From(HttpRequest request) => request.Headers[Header] is { Count: > 1 }
        ? throw new InvalidInputException(Header, "Only once.")
        : request.Headers[Header].ToString();

    /// <summary>The document id for the key that the caller sent.</summary>
    /// <exception cref="InvalidInputException">No key, not 1 to 200 printable ASCII characters, or one that says who somebody is.</exception>
    public static string IdOf(string key, string client)
    {
        if (key.Length is 0 or > Longest || key.Any(letter => letter is < '!' or > '~'))
        {
            throw new InvalidInputException(Header, "Required: 1 to 200 printable ASCII characters without spaces, a new one for each new request.");
        }

        if (PersonalIdentityCode.IsIn(key))
        {
            throw new InvalidInputException(Header, "A personal identity code. Use a random key instead; nothing of this request was kept.");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{client}\0{key}")));
    }
}

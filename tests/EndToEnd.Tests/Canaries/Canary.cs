using System.Text;

namespace OtPlatform.EndToEnd.Tests.Canaries;

/// <summary>A word that stands nowhere else, and how it looks where somebody has put it into base64.</summary>
internal sealed record Canary(string Word)
{
    /// <summary>The word itself, and what is left of it in base64 for each of the three places where it may begin.</summary>
    public IReadOnlyList<string> Traces { get; } = [Word, .. Enumerable.Range(0, 3).Select(shift => InBase64(Word, shift))];

    public static Canary Named(string field) => new($"kanaria{Guid.NewGuid():n}{field}");

    private static string InBase64(string word, int shift)
    {
        // The letters at both ends also hold bits of what stands before and after.
        var whole = Convert.ToBase64String([.. new byte[shift], .. Encoding.UTF8.GetBytes(word)]);
        return whole[(shift == 0 ? 0 : 4)..^4];
    }
}

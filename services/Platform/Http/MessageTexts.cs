using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace OtPlatform.Platform.Http;

/// <summary>A message in the other two languages.</summary>
public sealed record Translation(string Fi, string Sv);

/// <summary>Messages in the caller's language, by the platform's <c>messages.json</c> and the service's own. A text without a translation stays English.</summary>
public sealed class MessageTexts
{
    public const string Finnish = "fi";
    public const string Swedish = "sv";
    public const string English = "en";

    /// <summary>What a caller reads who names none of our languages.</summary>
    public const string Usual = Finnish;

    private readonly Dictionary<string, Translation> _texts;

    private MessageTexts(Dictionary<string, Translation> texts) => _texts = texts;

    /// <summary>Translations by the English text.</summary>
    public IReadOnlyDictionary<string, Translation> All => _texts;

    /// <param name="assemblies">Those whose embedded <c>messages.json</c> is read, where they have one.</param>
    /// <exception cref="InvalidDataException">Two files translate one text differently.</exception>
    public static MessageTexts Of(params Assembly[] assemblies)
    {
        var texts = new Dictionary<string, Translation>(StringComparer.Ordinal);
        foreach (var assembly in assemblies.Distinct())
        {
            using var file = assembly.GetManifestResourceStream("messages.json");
            foreach (var (english, translation) in file is null ? [] : JsonSerializer.Deserialize<Dictionary<string, Translation>>(file, StrictJson.Options)!)
            {
                if (!texts.TryAdd(english, translation) && texts[english] != translation)
                {
                    throw new InvalidDataException($"{assembly.GetName().Name}: messages.json translates a text of the platform's differently: {english}");
                }
            }
        }

        return new MessageTexts(texts);
    }

    /// <summary>The text in <paramref name="language"/> (fi, sv, en).</summary>
    public string In(string language, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return language is not English && _texts.GetValueOrDefault(message.Template) is { } known
            ? message.Fill(language is Swedish ? known.Sv : known.Fi)
            : message.ToString();
    }

    /// <summary>The first of our languages in the order of the caller's wishes (RFC 9110, Accept-Language); <paramref name="usual"/> when there is none.</summary>
    public static string LanguageOf(HttpRequest request, string usual = Usual)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var wishes))
        {
            return usual;
        }

        var ranked = wishes.Where(wish => wish.Quality is not 0).OrderByDescending(wish => wish.Quality ?? 1);
        return ranked.Select(wish => Ours(wish.Value.Value!, usual)).FirstOrDefault(language => language is not null) ?? usual;
    }

    internal static MessageTexts From(HttpContext context) => context.RequestServices.GetRequiredService<MessageTexts>();

    private static string? Ours(string wish, string usual) => wish.Split('-')[0].ToLowerInvariant() switch
    {
        "*" => usual,
        // Northern Sámi falls back to Finnish, as everywhere.
        Finnish or "se" => Finnish,
        Swedish => Swedish,
        English => English,
        _ => null,
    };
}

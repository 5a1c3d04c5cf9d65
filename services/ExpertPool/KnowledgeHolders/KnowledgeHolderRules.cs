using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;

namespace OtPlatform.ExpertPool.KnowledgeHolders;

/// <summary>A holder of knowledge as somebody describes one, over REST or gRPC. Everything may be missing here; <see cref="KnowledgeHolderRules"/> says what may not.</summary>
public sealed record KnowledgeHolderBody
{
    /// <summary>Chosen by the sender, so that it can be registered again; a new one is made when it is missing.</summary>
    public string? HolderId { get; init; }

    public NameBody? Name { get; init; }

    /// <summary>ISO 3166-1 code of two letters.</summary>
    public string? Country { get; init; }

    public IReadOnlyList<string?>? Topics { get; init; }

    public IReadOnlyList<string?>? Languages { get; init; }

    /// <summary>An address for mail that is not a person's, a phone number with the country's code, or an address that begins with https.</summary>
    public string? Contact { get; init; }

    /// <summary>ISO 8601 date.</summary>
    public string? ValidUntil { get; init; }
}

/// <summary>Collects what is wrong with what is said of a holder of knowledge, by JSON path; never repeats a value.</summary>
public sealed partial class KnowledgeHolderRules(Catalogue catalogue, DateOnly today) : BodyRules(catalogue, today)
{
    private const int LongestContact = 200;

    /// <summary>The facts of a body.</summary>
    /// <exception cref="InvalidInputException">Names every path that is wrong.</exception>
    public static KnowledgeHolderFacts Facts(KnowledgeHolderBody body, Catalogue catalogue, DateOnly today)
    {
        var rules = new KnowledgeHolderRules(catalogue, today);
        var facts = rules.Check(body);
        rules.ThrowIfWrong();
        return facts;
    }

    private KnowledgeHolderFacts Check(KnowledgeHolderBody body)
    {
        var name = Name(body.Name);
        if (body.Country is null || !Country().IsMatch(body.Country))
        {
            Errors["$.country"] = "Required: the country's code of two capital letters, as FI.";
        }

        return new KnowledgeHolderFacts(
            name, body.Country ?? string.Empty, SomeOf("$.topics", body.Topics, ValidTopics()), Languages(body.Languages), Contact(body.Contact), LastDay(body.ValidUntil));
    }

    private string Contact(string? value)
    {
        var contact = value?.Trim() ?? string.Empty;
        if (contact.Length is 0 or > LongestContact || !(IsMail(contact) || Phone().IsMatch(contact) || IsPage(contact)))
        {
            Errors["$.contact"] = "Required: an address for mail, a phone number as +358 9 123 456, or an address that begins with https.";
        }
        else if (Personal().IsMatch(contact))
        {
            Errors["$.contact"] = "An address of the organisation is needed; this one looks like a person's, because it has two names with a dot.";
        }

        return contact;
    }

    private DateOnly LastDay(string? value)
    {
        if (Date("$.validUntil", value) is { } last)
        {
            if (last < Today)
            {
                Errors["$.validUntil"] = "Is over already.";
            }

            return last;
        }

        Errors.TryAdd("$.validUntil", "Required.");
        return default;
    }

    private static bool IsMail(string contact) => Mail().IsMatch(contact);

    private static bool IsPage(string contact) =>
        Uri.TryCreate(contact, UriKind.Absolute, out var page) && page.Scheme == Uri.UriSchemeHttps && page.UserInfo.Length == 0 && page.IsDefaultPort && !contact.Any(char.IsWhiteSpace);

    [GeneratedRegex(@"^[A-Z]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Country();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._+\-]*@[A-Za-z0-9][A-Za-z0-9.\-]*\.[A-Za-z]{2,}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Mail();

    [GeneratedRegex(@"^\+[1-9]( ?[0-9]){5,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^[A-Za-z\-]+\.[A-Za-z\-]+@", RegexOptions.CultureInvariant)]
    private static partial Regex Personal();
}

using System.Text.RegularExpressions;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>The owner says in English what is wrong with a document; here it is said in the reader's language, where the words for it are known.</summary>
public static partial class FaultWords
{
    /// <summary>Keys of the texts, and the sentences that they stand for.</summary>
    public static readonly IReadOnlyList<(string Key, Regex Sentence)> Sentences =
    [
        ("fault.missing", Missing()),
        ("fault.unknownCode", UnknownCode()),
        ("fault.codeUnknown", CodeUnknown()),
        ("fault.unknownSetting", UnknownSetting()),
        ("fault.empty", Empty()),
        ("fault.twice", Twice()),
        ("fault.namedTwice", NamedTwice()),
        ("fault.codeTwice", CodeTwice()),
        ("fault.orMore", OrMore()),
        ("fault.orLess", OrLess()),
        ("fault.moreThan", MoreThan()),
        ("fault.moreThanLeast", MoreThanLeast()),
        ("fault.oneOf", OneOf()),
        ("fault.atLeast", AtLeast()),
        ("fault.type", Type()),
        ("fault.written", Written()),
        ("fault.day", Day()),
    ];

    /// <summary>What is wrong, in the reader's language or else as the owner said it.</summary>
    public static string Of(Words words, PolicyFault fault)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(fault);
        if (KeyOf(fault) is not { } known)
        {
            return fault.Message;
        }

        var match = known.Sentence.Match(fault.Message);
        var under = match.Groups["area"] is { Success: true } area ? $" ({words.Format("fault.under", words.Code("area", area.Value))})" : string.Empty;
        return words.Format(known.Key, match.Groups["what"].Value) + under;
    }

    /// <summary>The language that <see cref="Of"/> speaks; null for the page's own.</summary>
    public static string? LanguageOf(Words words, PolicyFault fault)
    {
        ArgumentNullException.ThrowIfNull(words);
        return KeyOf(fault) is null && fault.Message != words["policies.noJson"] && words.Language != "en" ? "en" : null;
    }

    private static (string Key, Regex Sentence)? KeyOf(PolicyFault fault) =>
        Sentences.Where(known => known.Sentence.IsMatch(fault.Message)).Select(known => ((string, Regex)?)known).FirstOrDefault();

    private const string Under = "( \\(With the values of (?<area>[a-z-]+)\\.\\))?\\z";
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex("^Is missing\\." + Under, Options)]
    private static partial Regex Missing();

    [GeneratedRegex("^Is not a known code\\." + Under, Options)]
    private static partial Regex UnknownCode();

    [GeneratedRegex("^(?<what>\\S+) is not a known code\\." + Under, Options)]
    private static partial Regex CodeUnknown();

    [GeneratedRegex("^Is not known here\\." + Under, Options)]
    private static partial Regex UnknownSetting();

    [GeneratedRegex("^May not be empty\\." + Under, Options)]
    private static partial Regex Empty();

    [GeneratedRegex("^Names something twice\\." + Under, Options)]
    private static partial Regex Twice();

    [GeneratedRegex("^(?<what>\\S+) is named more than once\\." + Under, Options)]
    private static partial Regex NamedTwice();

    [GeneratedRegex("^(?<what>\\S+) is the code of more than one row\\." + Under, Options)]
    private static partial Regex CodeTwice();

    [GeneratedRegex("^Has to be (?<what>-?[0-9.]+) or more\\." + Under, Options)]
    private static partial Regex OrMore();

    [GeneratedRegex("^Has to be (?<what>-?[0-9.]+) or less\\." + Under, Options)]
    private static partial Regex OrLess();

    [GeneratedRegex("^Has to be more than (?<what>-?[0-9.]+)\\." + Under, Options)]
    private static partial Regex MoreThan();

    [GeneratedRegex("^Has to be more than least\\." + Under, Options)]
    private static partial Regex MoreThanLeast();

    [GeneratedRegex("^Has to be one of \\[(?<what>[^]]*)\\]\\." + Under, Options)]
    private static partial Regex OneOf();

    [GeneratedRegex("^Needs at least (?<what>[0-9]+)\\." + Under, Options)]
    private static partial Regex AtLeast();

    [GeneratedRegex("^Has to be (?<what>string|number|integer|boolean|array|object|null)( or [a-z]+)*\\." + Under, Options)]
    private static partial Regex Type();

    [GeneratedRegex("^Is not written as it has to be\\." + Under, Options)]
    private static partial Regex Written();

    [GeneratedRegex("^Has to be a day, for example 2027-01-01\\." + Under, Options)]
    private static partial Regex Day();
}

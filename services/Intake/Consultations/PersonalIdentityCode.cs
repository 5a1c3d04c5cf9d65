using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OtPlatform.Intake.Consultations;

/// <summary>
/// Finds Finnish personal identity codes (henkilötunnus): ddmmyy, century sign, individual number, control character,
/// computed over the nine digits modulo 31. Source: Digital and Population Data Services Agency; the signs Y, X, W, V, U
/// and B to F came beside - and A by decree in 2023.
/// </summary>
public static partial class PersonalIdentityCode
{
    private const string ControlCharacters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    private const int MostEscapes = 3;

    // Day and month of one digit each, a year of two, an individual number of three. An escaped digit has a digit in its escape.
    private const int FewestDigits = 7;
    private const string NothingOfACode = "?";
    private static readonly SearchValues<char> Markup = SearchValues.Create("<&%\\*_`~");
    private const char SoftHyphen = '\u00ad';
    private const char MinusSign = '\u2212';
    private const char FirstWide = '\uff01';
    private const char LastWide = '\uff5e';

    /// <summary>JSON paths of every place in <paramref name="body"/> that holds a code, in names too.</summary>
    public static IReadOnlyList<string> PathsIn(JsonElement body)
    {
        var paths = new List<string>();
        Walk(body, "$", paths);
        return paths;
    }

    /// <summary>
    /// True when <paramref name="text"/> holds a valid code: also one split by white space or markup, with its signs escaped, with points or slashes
    /// in its date, a whole year, another dash or another sign where the century's should be, or, where it ends in a letter and stands alone, none
    /// at all. What is set apart from the number before it is the control character only where it stands alone, and no word begins with it.
    /// </summary>
    public static bool IsIn(string text) => HasDigits(text)
        && (IsInPlain(text) || (text.AsSpan().ContainsAny(Markup) && Unmarked(text) is var unmarked && unmarked != text && IsInPlain(unmarked)));

    private static bool HasDigits(string text)
    {
        var digits = 0;
        foreach (var letter in text)
        {
            if (char.IsDigit(letter) && ++digits == FewestDigits)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInPlain(string text)
    {
        var plain = RandomId().Replace(Plain(text), NothingOfACode);
        return Signed().Matches(plain).Any(IsCode) || Unsigned().Matches(plain).Any(IsCode)
            || (text.Contains(SoftHyphen, StringComparison.Ordinal) && IsInPlain(text.Replace(SoftHyphen, '-')));
    }

    /// <summary>The text as its reader sees it who shows markup and takes escapes for what they stand for, also where they are escaped again.</summary>
    private static string Unmarked(string text)
    {
        for (var (seen, round) = (string.Empty, 0); seen != text && round < MostEscapes; round++)
        {
            seen = text;
            text = Tag().Replace(WebUtility.HtmlDecode(Uri.UnescapeDataString(text)), string.Empty);
            text = Escape().Replace(text, found => ((char)int.Parse(found.Groups["u"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        }

        return Emphasis().Replace(text, string.Empty);
    }

    private static void Walk(JsonElement element, string path, List<string> paths)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when IsIn(element.GetString()!):
                paths.Add(path);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Walk(item, $"{path}[{index++}]", paths);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (IsIn(property.Name))
                    {
                        paths.Add(path);
                    }
                    else
                    {
                        Walk(property.Value, $"{path}.{property.Name}", paths);
                    }
                }

                break;
        }
    }

    /// <summary>The text with plain digits, letters and dashes, each run of white space as one blank, and without invisible characters.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var category = char.GetUnicodeCategory(letter);
            if (char.IsWhiteSpace(letter))
            {
                if (plain.Length > 0 && plain[^1] != ' ')
                {
                    plain.Append(' ');
                }
            }
            else if (category is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark))
            {
                plain.Append(letter switch
                {
                    _ when category is UnicodeCategory.DecimalDigitNumber => (char)('0' + (int)char.GetNumericValue(letter)),
                    _ when category is UnicodeCategory.DashPunctuation => '-',
                    MinusSign => '-',
                    >= FirstWide and <= LastWide => char.ToUpperInvariant((char)(letter - FirstWide + '!')),
                    _ => char.ToUpperInvariant(letter),
                });
            }
        }

        return plain.ToString();
    }

    private static bool IsCode(Match found)
    {
        var (day, month, year, individual) = (Number(found, "d"), Number(found, "m"), Number(found, "y"), Number(found, "n"));
        int[] years = found.Groups["s"].Value switch
        {
            _ when year > 99 => [year],
            "+" => [1800 + year],
            "-" or "U" or "V" or "W" or "X" or "Y" => [1900 + year],
            { Length: 1 } sign when sign[0] is >= 'A' and <= 'F' => [2000 + year],
            _ => [1900 + year, 2000 + year],
        };
        return individual >= 2
            && years.Any(of => IsDate(day, month, of))
            && found.Groups["c"].Value[0] == ControlCharacters[((((day * 100) + month) * 100 + (year % 100)) * 1000 + individual) % 31];
    }

    private static int Number(Match found, string part) => int.Parse(found.Groups[part].Value.Replace(" ", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static bool IsDate(int day, int month, int year) =>
        month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);

    private const string Date =
        "(?:(?<d>[0-9] ?[0-9]) ?[./-]? ?(?<m>[0-9] ?[0-9]) ?[./-]? ?|(?<![0-9])(?<d>[0-9]{1,2}) ?[./-] ?(?<m>[0-9]{1,2}) ?[./-] ?)(?<y>(?:(?:1 ?[89]|2 ?0) ?)?[0-9] ?[0-9])";

    private const string Alone = @"(?![\p{L}0-9])";

    // Looked for from every place on, as a code may begin within what looked like another.
    [GeneratedRegex($"(?={Date} ?(?<s>[-+A-FU-Y/\\\\_.:;,*=~|#]) ?(?<n>[0-9] ?[0-9] ?[0-9])(?:(?<c>[0-9A-Y])| ?-? ?(?<c>[0-9A-Y]){Alone}))", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Signed();

    // With nothing in its middle and a digit at its end it would be any telephone number.
    [GeneratedRegex($@"(?<![\p{{L}}0-9])(?=(?:(?<d>[0-9]{{2}})[./]?(?<m>[0-9]{{2}})[./]?|(?<d>[0-9]{{1,2}})[./](?<m>[0-9]{{1,2}})[./])(?<y>(?:1[89]|20)?[0-9]{{2}})(?<s>) ?(?<n>[0-9]{{3}})-?(?<c>[A-Y]){Alone})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Unsigned();

    // One random UUID in 20,000, or in 7,000 without its hyphens, has a code's letters and digits within: it is nobody's.
    [GeneratedRegex(@"(?<![\p{L}0-9])(?:[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}|[0-9A-F]{32})(?![\p{L}0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex RandomId();

    [GeneratedRegex("<[^<>]{0,300}>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\\u(?<u>[0-9A-Fa-f]{4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Escape();

    [GeneratedRegex(@"[*_`~\\]", RegexOptions.CultureInvariant)]
    private static partial Regex Emphasis();
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OtPlatform.Intake.Consultations;

/// <summary>
/// Finds Finnish personal identity codes (henkilötunnus): ddmmyy, century sign, individual number, control character,
/// computed over the nine digits modulo 31. Source: Digital and Population Data Services Agency; the signs Y, X, W, V, U
/// and B to F came beside - and A by decree in 2023.
/// </summary>
public static class PersonalIdentityCode
{
    private const string ControlCharacters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    private const int Length = 11;
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

    /// <summary>True when <paramref name="text"/> holds a valid code, also one split by white space or written with another dash.</summary>
    public static bool IsIn(string text) => IsInPacked(Pack(text)) || (text.Contains(SoftHyphen, StringComparison.Ordinal) && IsInPacked(Pack(text.Replace(SoftHyphen, '-'))));

    private static bool IsInPacked(string packed)
    {
        for (var at = 0; at + Length <= packed.Length; at++)
        {
            if (IsCode(packed.AsSpan(at, Length)))
            {
                return true;
            }
        }

        return false;
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

    /// <summary>The text without white space and invisible characters, with plain digits, letters and dashes.</summary>
    private static string Pack(string text)
    {
        var packed = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var category = char.GetUnicodeCategory(letter);
            if (char.IsWhiteSpace(letter) || category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            packed.Append(letter switch
            {
                _ when category is UnicodeCategory.DecimalDigitNumber => (char)('0' + (int)char.GetNumericValue(letter)),
                _ when category is UnicodeCategory.DashPunctuation => '-',
                MinusSign => '-',
                >= FirstWide and <= LastWide => char.ToUpperInvariant((char)(letter - FirstWide + '!')),
                _ => char.ToUpperInvariant(letter),
            });
        }

        return packed.ToString();
    }

    private static bool IsCode(ReadOnlySpan<char> code)
    {
        var number = 0;
        for (var at = 0; at < Length - 1; at++)
        {
            if (at == 6)
            {
                continue;
            }

            if (!char.IsAsciiDigit(code[at]))
            {
                return false;
            }

            number = (number * 10) + (code[at] - '0');
        }

        return Century(code[6]) is { } century
            && number % 1000 >= 2
            && IsDate(number / 10_000_000, number / 100_000 % 100, century + (number / 1000 % 100))
            && code[10] == ControlCharacters[number % 31];
    }

    private static int? Century(char sign) => sign switch
    {
        '+' => 1800,
        '-' or 'U' or 'V' or 'W' or 'X' or 'Y' => 1900,
        >= 'A' and <= 'F' => 2000,
        _ => null,
    };

    private static bool IsDate(int day, int month, int year) =>
        month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
}

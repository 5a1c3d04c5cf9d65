using System.Globalization;
using OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.Coordination.Console.Experts;

/// <summary>What the pool says, in words.</summary>
public static class PoolWords
{
    /// <summary>What a rule of the search found in an expert.</summary>
    public static string Found(Words words, Reason reason)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(reason);
        return reason.Rule switch
        {
            "agreement" => reason.Found.Split('/') is [var from, var until] ? Period(words, from, until == ".." ? string.Empty : until) : words["experts.noAgreement"],
            "hours" => words.Format("experts.hoursFree", reason.Found),
            "suspended" => words[$"experts.{reason.Found}"],
            "language" => words.All("caseLanguage", Codes(reason)),
            _ => words.All(reason.Rule, Codes(reason)),
        };
    }

    /// <param name="until">Empty for an open end.</param>
    public static string Period(Words words, string from, string until)
    {
        ArgumentNullException.ThrowIfNull(words);
        return from.Length == 0 ? words["experts.noAgreement"] : $"{words.Date(from)}–{(until.Length == 0 ? string.Empty : words.Date(until))}";
    }

    public static string Hours(Words words, double hours)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words.Format("experts.h", hours.ToString("0.##", CultureInfo.InvariantCulture));
    }

    private static string[] Codes(Reason reason) => reason.Found.Split(", ", StringSplitOptions.RemoveEmptyEntries);
}

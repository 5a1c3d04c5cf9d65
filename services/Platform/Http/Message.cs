using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Http;

/// <summary>
/// What is said to a caller, written as an English literal where the rule stands, with gaps where something is filled in. Its Finnish and
/// Swedish are found by the English text in a <c>messages.json</c>; a gap never holds what the caller sent.
/// </summary>
[InterpolatedStringHandler]
public sealed class Message
{
    private readonly StringBuilder _template;
    private readonly List<string> _gaps = [];

    public Message(int literalLength, int formattedCount) => _template = new StringBuilder(literalLength + (3 * formattedCount));

    private Message(string text) => _template = new StringBuilder(text);

    /// <summary>The English text, with <c>{0}</c>, <c>{1}</c> for the gaps: what its translations are found by.</summary>
    public string Template => _template.ToString();

    public static implicit operator Message(string text) => new(text);

    /// <summary>A text that stands elsewhere as a literal, such as a rejection's.</summary>
    public static Message Of(string text) => new(text);

    /// <summary>A rejection's text, with the one it names.</summary>
    public static Message Of(Rejection rejection)
    {
        var message = new Message(rejection.Message);
        if (rejection.Name is { } name)
        {
            message._gaps.Add(name);
        }

        return message;
    }

    public void AppendLiteral(string value) => _template.Append(value);

    public void AppendFormatted<T>(T value)
    {
        _template.Append(CultureInfo.InvariantCulture, $"{{{_gaps.Count}}}");
        _gaps.Add(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);
    }

    /// <summary>The text in English.</summary>
    public override string ToString() => Fill(Template);

    internal string Fill(string template)
    {
        var text = new StringBuilder(template);
        for (var gap = 0; gap < _gaps.Count; gap++)
        {
            text.Replace($"{{{gap.ToString(CultureInfo.InvariantCulture)}}}", _gaps[gap]);
        }

        return text.ToString();
    }
}

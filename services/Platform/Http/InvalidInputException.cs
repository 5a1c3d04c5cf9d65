namespace OtPlatform.Platform.Http;

/// <summary>The caller's input is malformed.</summary>
/// <param name="errors">Message by JSON path, for example <c>$.county</c>. Never repeats the value.</param>
public sealed class InvalidInputException(IReadOnlyDictionary<string, Message> errors) : Exception("Malformed input.")
{
    public InvalidInputException(string path, Message message)
        : this(new Dictionary<string, Message> { [path] = message })
    {
    }

    public IReadOnlyDictionary<string, Message> Errors { get; } = errors;
}

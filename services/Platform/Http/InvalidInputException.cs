namespace OtPlatform.Platform.Http;

/// <summary>The caller's input is malformed.</summary>
/// <param name="errors">Message by JSON path, for example <c>$.county</c>. Never repeats the value.</param>
public sealed class InvalidInputException(IReadOnlyDictionary<string, string> errors) : Exception("Malformed input.")
{
    public InvalidInputException(string path, string message)
        : this(new Dictionary<string, string> { [path] = message })
    {
    }

    public IReadOnlyDictionary<string, string> Errors { get; } = errors;
}

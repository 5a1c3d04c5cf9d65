using WireMock.Matchers.Request;

namespace WireMock.RequestBuilders;

/// <summary>Says of which request a stub speaks; all that is said has to hold.</summary>
public interface IRequestBuilder : IRequestMatcher
{
    /// <summary>One of these paths; * stands for any characters.</summary>
    IRequestBuilder WithPath(params string[] paths);

    IRequestBuilder UsingAnyMethod();

    IRequestBuilder UsingMethod(params string[] methods);

    IRequestBuilder UsingGet();

    IRequestBuilder UsingPost();
}

/// <summary>Begins the description of a request.</summary>
public sealed class Request : IRequestBuilder
{
    private readonly List<Func<IRequestMessage, bool>> _conditions = [];

    private Request()
    {
    }

    public static IRequestBuilder Create() => new Request();

    public IRequestBuilder WithPath(params string[] paths) => And(request => paths.Any(path => IsLike(path, request.Path)));

    public IRequestBuilder UsingAnyMethod() => And(_ => true);

    public IRequestBuilder UsingMethod(params string[] methods) => And(request => methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase));

    public IRequestBuilder UsingGet() => UsingMethod("GET");

    public IRequestBuilder UsingPost() => UsingMethod("POST");

    bool IRequestMatcher.Matches(IRequestMessage request) => _conditions.TrueForAll(condition => condition(request));

    private static bool IsLike(string pattern, string text)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return pattern == text;
        }

        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at = found + part.Length;
        }

        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }

    private Request And(Func<IRequestMessage, bool> condition)
    {
        _conditions.Add(condition);
        return this;
    }
}

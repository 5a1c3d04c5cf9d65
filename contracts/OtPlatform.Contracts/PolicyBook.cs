using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OtPlatform.Contracts;

/// <summary>One version of the global defaults, or of what an area has in their place.</summary>
/// <param name="Code"><see cref="PolicyBook.Defaults"/>, or the area's code.</param>
/// <param name="Version">1, 2, 3 … of its code.</param>
/// <param name="TakesEffectAt">From when it holds for new cases, UTC; until the next one of its code does.</param>
/// <param name="Content">The JSON document (policies/*.json).</param>
public sealed record PolicyPage(string Code, int Version, DateTimeOffset TakesEffectAt, string Content)
{
    /// <summary>For example <c>sisa.2</c>.</summary>
    public string Name => $"{Code}.{Version.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>
/// Every version of the policies that a process knows: those it was shipped with, and what it has learnt since. A policy is named by the
/// versions that it is made of (<c>default.1</c>, <c>default.1+sisa.2</c>), and what a name stands for never changes. Safe for many threads.
/// </summary>
public sealed class PolicyBook
{
    public const string Defaults = "default";

    private readonly ConcurrentDictionary<string, PolicyPage> _pages = new();
    private readonly ConcurrentDictionary<(string Version, Type As), object> _read = new();

    /// <exception cref="ArgumentException">There is no page of the defaults.</exception>
    public PolicyBook(IEnumerable<PolicyPage> pages)
    {
        foreach (var page in pages)
        {
            Learn(page);
        }

        if (_pages.Values.All(page => page.Code != Defaults))
        {
            throw new ArgumentException("There is no page of the defaults.", nameof(pages));
        }
    }

    /// <summary>Names of the pages that are known.</summary>
    public IEnumerable<string> Pages => _pages.Keys;

    public void Learn(PolicyPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        _pages[page.Name] = page;
    }

    /// <summary>True when every page that <paramref name="version"/> names is known.</summary>
    public bool Knows(string version) => Names(version).All(_pages.ContainsKey);

    /// <summary>The page with this name, or null.</summary>
    public PolicyPage? Page(string name) => _pages.GetValueOrDefault(name);

    /// <summary>Name of the policy that holds in <paramref name="area"/>, or of the defaults, for what begins at <paramref name="at"/>.</summary>
    public string VersionAt(string area, DateTimeOffset at)
    {
        var defaults = InForce(Defaults, at) ?? _pages.Values.Where(page => page.Code == Defaults).MinBy(page => (page.TakesEffectAt, page.Version))!;
        return area != Defaults && InForce(area, at) is { } own ? $"{defaults.Name}+{own.Name}" : defaults.Name;
    }

    /// <summary>The policy of that name: the defaults with the area's own values merged over them (RFC 7396).</summary>
    /// <typeparam name="T">The reader's own record of the sections that it uses.</typeparam>
    /// <exception cref="UnknownPolicyException">A page of it is not known here.</exception>
    /// <exception cref="JsonException">It is not what <typeparamref name="T"/> asks for.</exception>
    public T Policy<T>(string version)
        where T : class => (T)_read.GetOrAdd((version, typeof(T)), key => Read<T>(Document(key.Version)));

    /// <summary>The whole document of that name.</summary>
    /// <exception cref="UnknownPolicyException">A page of it is not known here.</exception>
    public JsonObject Document(string version)
    {
        var pages = Names(version).Select(name => Page(name) ?? throw new UnknownPolicyException(version)).ToList();
        return pages.Skip(1).Aggregate(Parse(pages[0].Content), (merged, page) => Over(merged, page.Content));
    }

    /// <summary>A document as it is written.</summary>
    /// <exception cref="JsonException">The content is not a JSON object.</exception>
    public static JsonObject Parse(string content) => JsonNode.Parse(content) as JsonObject ?? throw new JsonException("A policy is a JSON object.");

    /// <summary><paramref name="content"/> merged over <paramref name="document"/> (RFC 7396), as a document of its own.</summary>
    /// <exception cref="JsonException">The content is not a JSON object.</exception>
    public static JsonObject Over(JsonObject document, string content)
    {
        ArgumentNullException.ThrowIfNull(document);
        return (JsonObject)Merge(document.DeepClone(), Parse(content))!;
    }

    /// <summary>The sections of a document that the reader uses.</summary>
    /// <exception cref="JsonException">It is not what <typeparamref name="T"/> asks for.</exception>
    public static T Read<T>(JsonObject document)
        where T : class => document.Deserialize<T>(Catalogue.Json)!;

    /// <summary>True when <paramref name="content"/> is a JSON object.</summary>
    public static bool IsDocument(string content)
    {
        try
        {
            return JsonNode.Parse(content) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string[] Names(string version) => version.Split('+');

    // On the same day the later version holds: what was planned is changed by one more version for that day.
    private PolicyPage? InForce(string code, DateTimeOffset at) =>
        _pages.Values.Where(page => page.Code == code && page.TakesEffectAt <= at).MaxBy(page => (page.TakesEffectAt, page.Version));

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = Merge(merged[name]?.DeepClone(), value);
            }
        }

        return merged;
    }
}

/// <summary>The policy was published a moment ago, and its page is still on its way to this process.</summary>
public sealed class UnknownPolicyException : TimeoutException
{
    public UnknownPolicyException()
    {
    }

    public UnknownPolicyException(string version)
        : base($"Policy {version} is not known here yet.")
    {
    }

    public UnknownPolicyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
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
/// Every version of the policies that a process knows: those that were published, and those it was shipped with for as long as nothing was.
/// A policy is named by the versions that it is made of (<c>default.1</c>, <c>default.1+sisa.2</c>), and what a name stands for does not
/// change; a setting that the product got later has the shipped value in it. Safe for many threads.
/// </summary>
public sealed class PolicyBook
{
    public const string Defaults = "default";

    private readonly Lock _learning = new();
    private readonly JsonObject _shippedDefaults;
    private volatile Edition _known;

    /// <param name="shipped">What the product is shipped with.</param>
    /// <exception cref="ArgumentException">There is no page of the defaults.</exception>
    public PolicyBook(IEnumerable<PolicyPage> shipped)
        : this([.. shipped], null)
    {
    }

    private PolicyBook(IReadOnlyList<PolicyPage> pages, PolicyBook? like)
    {
        var defaults = pages.Where(page => page.Code == Defaults).MaxBy(page => page.Version) ?? throw new ArgumentException("There is no page of the defaults.", nameof(pages));
        _shippedDefaults = like?._shippedDefaults ?? Parse(defaults.Content);
        _known = new Edition(pages.ToImmutableDictionary(page => page.Name), like is null ? [.. pages.Select(page => page.Code)] : []);
    }

    /// <summary>All that is known.</summary>
    public IEnumerable<PolicyPage> Pages => _known.Pages.Values;

    /// <summary>Takes in a published page. The first one of a code takes the place of what was shipped for it.</summary>
    public void Learn(PolicyPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        lock (_learning)
        {
            var known = _known;
            if (!known.Shipped.Contains(page.Code) && known.Pages.TryGetValue(page.Name, out var same) && same == page)
            {
                return;
            }

            var others = known.Shipped.Contains(page.Code) ? known.Pages.Where(other => other.Value.Code != page.Code).ToImmutableDictionary() : known.Pages;
            _known = new Edition(others.SetItem(page.Name, page), known.Shipped.Remove(page.Code));
        }
    }

    /// <summary>This book as it would be with one page more.</summary>
    public PolicyBook With(PolicyPage page)
    {
        var with = new PolicyBook([.. Pages], this);
        with.Learn(page);
        return with;
    }

    /// <summary>True when every page that <paramref name="version"/> names is known.</summary>
    public bool Knows(string version) => Names(version).All(_known.Pages.ContainsKey);

    /// <summary>The page with this name, or null.</summary>
    public PolicyPage? Page(string name) => _known.Pages.GetValueOrDefault(name);

    /// <summary>Name of the policy that holds in <paramref name="area"/>, or of the defaults, for what begins at <paramref name="at"/>.</summary>
    public string VersionAt(string area, DateTimeOffset at)
    {
        var pages = _known.Pages.Values;
        var defaults = InForce(pages, Defaults, at) ?? pages.Where(page => page.Code == Defaults).MinBy(page => (page.TakesEffectAt, page.Version))!;
        return area != Defaults && InForce(pages, area, at) is { } own ? $"{defaults.Name}+{own.Name}" : defaults.Name;
    }

    /// <summary>The policy of that name: the defaults with the area's own values merged over them (RFC 7396).</summary>
    /// <typeparam name="T">The reader's own record of the sections that it uses.</typeparam>
    /// <exception cref="UnknownPolicyException">A page of it is not known here.</exception>
    /// <exception cref="JsonException">It is not what <typeparamref name="T"/> asks for.</exception>
    public T Policy<T>(string version)
        where T : class => Made(version, name => Read<T>(Document(name)));

    /// <summary>What <paramref name="make"/> makes of the policy of that name, made once for as long as the pages are the same.</summary>
    public T Made<T>(string version, Func<string, T> make)
        where T : class => (T)_known.Read.GetOrAdd((version, typeof(T)), key => make(key.Version));

    /// <summary>The whole document of that name. A page that was never kept, because it is older than all that were, is read as the first one that was.</summary>
    /// <exception cref="UnknownPolicyException">A page of it is newer than all that are known here.</exception>
    public JsonObject Document(string version)
    {
        var pages = Names(version).Select(name => Page(name) ?? Oldest(name) ?? throw new UnknownPolicyException(version)).ToList();
        return pages.Skip(1).Aggregate(Whole(pages[0]), (merged, page) => Over(merged, page.Content));
    }

    /// <summary>A page of the defaults with the settings that the product got after it was written, as they are shipped.</summary>
    public JsonObject Whole(PolicyPage defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var whole = Parse(defaults.Content);
        foreach (var (name, section) in _shippedDefaults)
        {
            if (!whole.ContainsKey(name))
            {
                whole[name] = section?.DeepClone();
            }
            else if (section is JsonObject shipped && whole[name] is JsonObject own)
            {
                foreach (var (setting, value) in shipped.Where(setting => !own.ContainsKey(setting.Key)))
                {
                    own[setting] = value?.DeepClone();
                }
            }
        }

        return whole;
    }

    /// <summary>A document as it is written.</summary>
    /// <exception cref="JsonException">The content is not a JSON object.</exception>
    public static JsonObject Parse(string content) => JsonNode.Parse(content, documentOptions: Strict) as JsonObject ?? throw new JsonException("A policy is a JSON object.");

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
            return Parse(content) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // A name twice in one object would be found out only when somebody asks for it.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static string[] Names(string version) => version.Split('+');

    // On the same day the later version holds: what was planned is changed by one more version for that day.
    private static PolicyPage? InForce(IEnumerable<PolicyPage> pages, string code, DateTimeOffset at) =>
        pages.Where(page => page.Code == code && page.TakesEffectAt <= at).MaxBy(page => (page.TakesEffectAt, page.Version));

    private PolicyPage? Oldest(string name)
    {
        var dot = name.LastIndexOf('.');
        var (code, version) = (name[..dot], int.Parse(name[(dot + 1)..], CultureInfo.InvariantCulture));
        return Pages.Where(page => page.Code == code).MinBy(page => page.Version) is { } oldest && version < oldest.Version ? oldest : null;
    }

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

    /// <param name="Shipped">Codes of which nothing has been published that is known here.</param>
    private sealed record Edition(ImmutableDictionary<string, PolicyPage> Pages, ImmutableHashSet<string> Shipped)
    {
        public ConcurrentDictionary<(string Version, Type As), object> Read { get; } = new();
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

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OtPlatform.Contracts;

/// <summary>A label in the three languages of the product.</summary>
public sealed record Label(string Fi, string Sv, string En)
{
    /// <summary>The text in <paramref name="language"/> (fi, sv, en); Finnish for any other.</summary>
    public string In(string language) => language switch { "sv" => Sv, "en" => En, _ => Fi };
}

/// <summary>Who answers for requests of an area, and how to reach them.</summary>
public sealed record Party(string Fi, string Sv, string En, string Contact)
{
    public Label Label => new(Fi, Sv, En);
}

/// <summary>Collaboration area (yhteistyöalue).</summary>
public sealed record Area(string Code, string Fi, string Sv, string En, IReadOnlyList<string> Counties, Party Coordinators, Party CoordinatingTeam);

/// <summary>Wellbeing services county (hyvinvointialue).</summary>
public sealed record County(string Code, string Fi, string Sv, string? Kind);

/// <summary>Consultation topic (ilmiö, teema).</summary>
/// <param name="Class">mostDemanding, multidisciplinary, basic, rareProblem, systemProblem or emerging.</param>
/// <param name="Level"><c>special</c> when the matter belongs to the special level unless a ground says otherwise, else <c>any</c>.</param>
public sealed record Topic(
    string Code, string Class, bool RareByDefault, string Level, IReadOnlyList<string> ImpliesMarks, IReadOnlyList<string> Sectors,
    Urgency Urgency, string Fi, string Sv, string En, DateOnly ValidFrom, DateOnly? ValidUntil = null);

/// <summary>A unit that takes referrals (receivers.json).</summary>
/// <param name="Contact">How the unit is reached; never a person's.</param>
public sealed record Receiver(string Code, string Fi, string Sv, string En, string Contact);

/// <summary>The closed lists of the product (codes.json).</summary>
public sealed record CodeLists(
    IReadOnlyList<string> Kinds, IReadOnlyList<string> AgeBands, IReadOnlyList<string> Languages, IReadOnlyList<string> Sectors,
    IReadOnlyList<string> Urgencies, IReadOnlyList<string> LegalBases, IReadOnlyList<string> Marks, IReadOnlyList<string> Channels,
    IReadOnlyList<string> RequesterRoles, IReadOnlyList<string> WorkerRoles, IReadOnlyList<string> Services,
    IReadOnlyList<string> EducationServices, IReadOnlyList<string> PupilAgeBands, IReadOnlyList<string> Routes, IReadOnlyList<string> Statuses,
    IReadOnlyList<string> EngagementTypes, IReadOnlyList<string> TeamRoles);

/// <summary>The reference data that a service starts with, read once from contracts/catalogue.</summary>
public sealed class Catalogue
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = false,
    };

    // As the files are written: what a topic does not have is left out.
    private static readonly JsonSerializerOptions Written = new(Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private const string InstrumentList = "instruments";
    private const string TopicList = "topics";

    private readonly JsonObject _defaultPolicy;
    private readonly PolicyBook _policies;
    private readonly Dictionary<string, Area> _areaOfCounty;
    private readonly Lock _learning = new();
    private volatile IReadOnlyList<Instrument> _instruments;
    private volatile IReadOnlyList<Topic> _topics;
    private volatile SortedDictionary<string, string> _lists;

    private Catalogue(string folder)
    {
        _lists = ListsIn(folder);
        var areas = Read(folder, "areas.json");
        Areas = areas["areas"].Deserialize<IReadOnlyList<Area>>(Json)!;
        Counties = areas["counties"].Deserialize<IReadOnlyList<County>>(Json)!;
        RefuseUnplaced();
        _topics = Read(folder, "topics.json")["topics"].Deserialize<IReadOnlyList<Topic>>(Json)!;
        Receivers = Read(folder, "receivers.json")["receivers"].Deserialize<IReadOnlyList<Receiver>>(Json)!.ToDictionary(receiver => receiver.Code);
        Codes = Read(folder, "codes.json").Deserialize<CodeLists>(Json)!;
        EmergencyTexts = Read(folder, "emergency-texts.json").Deserialize<EmergencyTexts>(Json)!;
        Texts = Read(folder, "texts.json").Deserialize<Texts>(Json)!;
        _instruments = Read(folder, "instruments.json")["instruments"].Deserialize<IReadOnlyList<Instrument>>(Json)!;
        ExplanationTexts = Read(folder, "explanation-texts.json").Deserialize<ExplanationTexts>(Json)!;
        _defaultPolicy = Read(folder, Path.Combine("policies", "default.json"));
        var overrides = Path.Combine(folder, "policies", "areas");
        var ofAreas = Directory.Exists(overrides)
            ? Directory.GetFiles(overrides, "*.json").Order(StringComparer.Ordinal).Select(file => (Area: Path.GetFileNameWithoutExtension(file), Own: Read(overrides, Path.GetFileName(file)))).ToList()
            : [];
        foreach (var (area, own) in ofAreas)
        {
            RefuseUnknown(area, own);
        }

        PolicyPages = [Page(PolicyBook.Defaults, _defaultPolicy), .. ofAreas.Select(policy => Page(policy.Area, policy.Own))];
        _policies = new PolicyBook(PolicyPages.Select(page => page with { TakesEffectAt = DateTimeOffset.MinValue }));
        _areaOfCounty = Areas.SelectMany(area => area.Counties.Select(county => (county, area))).ToDictionary(pair => pair.county, pair => pair.area);
    }

    /// <summary>Each list as it is published, by its name: whole files, and each list of codes with the version of its file.</summary>
    public IReadOnlyDictionary<string, string> Lists => _lists;

    public IReadOnlyList<Area> Areas { get; }

    public IReadOnlyList<County> Counties { get; }

    /// <summary>Every topic: those that the product is shipped with, those that were defined since, and those that were retired.</summary>
    public IReadOnlyList<Topic> Topics => _topics;

    /// <summary>Units that take referrals, by their codes; there are others that are not listed.</summary>
    public IReadOnlyDictionary<string, Receiver> Receivers { get; }

    public CodeLists Codes { get; }

    public EmergencyTexts EmergencyTexts { get; }

    public Texts Texts { get; }

    public ExplanationTexts ExplanationTexts { get; }

    /// <summary>Every version of every screening instrument: those that the product is shipped with, and those that were published since.</summary>
    public IReadOnlyList<Instrument> Instruments => _instruments;

    /// <summary>
    /// Takes in a version of an instrument that was published. Should the product be shipped with another of the same number later, the
    /// published one stays: requests have been filled in with it.
    /// </summary>
    public void Learn(Instrument published)
    {
        ArgumentNullException.ThrowIfNull(published);
        lock (_learning)
        {
            if (Instrument(published.Code, published.Version) is { } known && known.Document() == published.Document())
            {
                return;
            }

            IReadOnlyList<Instrument> all =
                [.. _instruments.Where(other => (other.Code, other.Version) != (published.Code, published.Version)).Append(published).OrderBy(one => one.Code, StringComparer.Ordinal).ThenBy(one => one.Version)];
            Publish(InstrumentList, JsonSerializer.SerializeToNode(all, Contracts.Instrument.Written)!);
            _instruments = all;
        }
    }

    /// <summary>Takes in a topic as it was defined or retired while the platform runs.</summary>
    /// <param name="defined">Null where only the end of a topic that the product is shipped with was told.</param>
    /// <param name="lastDay">Null while it has none, or only the one that it was shipped or defined with.</param>
    public void Learn(string code, Topic? defined, DateOnly? lastDay)
    {
        lock (_learning)
        {
            if ((defined ?? _topics.FirstOrDefault(known => known.Code == code)) is not { } topic)
            {
                return;
            }

            var learnt = topic with { ValidUntil = lastDay ?? topic.ValidUntil };
            IReadOnlyList<Topic> all = _topics.Any(known => known.Code == code) ? [.. _topics.Select(known => known.Code == code ? learnt : known)] : [.. _topics, learnt];
            var entries = JsonSerializer.SerializeToNode(all, Written)!;
            if (!JsonNode.DeepEquals(entries, JsonSerializer.SerializeToNode(_topics, Written)))
            {
                Publish(TopicList, entries);
                _topics = all;
            }
        }
    }

    private void Publish(string name, JsonNode entries)
    {
        var list = JsonNode.Parse(_lists[name])!.AsObject();
        list["version"] = list["version"]!.GetValue<int>() + 1;
        list[name] = entries;
        _lists = new SortedDictionary<string, string>(_lists, StringComparer.Ordinal) { [name] = list.ToJsonString(Json) };
    }

    /// <summary>Reads every list under <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">A list is missing.</exception>
    /// <exception cref="JsonException">A list is not what its schema says.</exception>
    public static Catalogue Load(string folder) => new(folder);

    /// <summary>The area that <paramref name="county"/> belongs to, or null for an unknown county.</summary>
    public Area? AreaOf(string county) => _areaOfCounty.GetValueOrDefault(county);

    public Area Area(string code) => Areas.Single(area => area.Code == code);

    /// <summary>A version of a screening instrument, or null for one that is not known.</summary>
    public Instrument? Instrument(string code, int version) => Instruments.FirstOrDefault(known => known.Code == code && known.Version == version);

    /// <summary>The policies that the product is shipped with; Triage takes them up at its first start, and keeps them from then on.</summary>
    public IReadOnlyList<PolicyPage> PolicyPages { get; }

    /// <summary>An area's policy as shipped: the global defaults with the area's own values merged over them (RFC 7396).</summary>
    /// <typeparam name="T">The reader's own record of the sections that it uses.</typeparam>
    public T Policy<T>(string area)
        where T : class => _policies.Policy<T>(PolicyVersion(area));

    /// <summary>Names the exact policy as shipped, for example <c>default.1</c> or <c>default.1+sisa.2</c>.</summary>
    public string PolicyVersion(string area) => _policies.VersionAt(area, DateTimeOffset.MaxValue);

    private static PolicyPage Page(string code, JsonObject content) => new(
        code,
        content["version"]!.GetValue<int>(),
        content["effectiveFrom"] is { } from ? new DateTimeOffset(DateOnly.Parse(from.GetValue<string>(), CultureInfo.InvariantCulture).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : DateTimeOffset.MinValue,
        content.ToJsonString(Json));

    private static SortedDictionary<string, string> ListsIn(string folder)
    {
        var lists = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in (string[])["areas", "emergency-texts", "instruments", "receivers", "topics"])
        {
            lists[name] = Read(folder, $"{name}.json").ToJsonString(Json);
        }

        var codes = Read(folder, "codes.json");
        foreach (var (name, list) in codes.Where(entry => entry.Value is JsonArray))
        {
            lists[name] = new JsonObject { ["version"] = codes["version"]!.DeepClone(), [name] = list!.DeepClone() }.ToJsonString(Json);
        }

        return lists;
    }

    /// <summary>A request from a county of no area would be nobody's, and one from a county of two areas anybody's.</summary>
    private void RefuseUnplaced()
    {
        if (Areas.GroupBy(area => area.Code).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new JsonException($"areas.json: {twice.Key} is the code of more than one area.");
        }

        if (Counties.GroupBy(county => county.Code).FirstOrDefault(same => same.Count() > 1) is { } same)
        {
            throw new JsonException($"areas.json: {same.Key} is the code of more than one county.");
        }

        var placed = Areas.SelectMany(area => area.Counties).ToList();
        if (placed.GroupBy(code => code).FirstOrDefault(areas => areas.Count() > 1) is { } shared)
        {
            throw new JsonException($"areas.json: {shared.Key} belongs to more than one area.");
        }

        if (placed.Except(Counties.Select(county => county.Code)).FirstOrDefault() is { } unknown)
        {
            throw new JsonException($"areas.json: there is no county {unknown}.");
        }

        if (Counties.Select(county => county.Code).Except(placed).FirstOrDefault() is { } left)
        {
            throw new JsonException($"areas.json: {left} belongs to no area.");
        }
    }

    /// <summary>An override that names no area, no version or no setting of the defaults would silently change nothing.</summary>
    private void RefuseUnknown(string area, JsonObject own)
    {
        if (Areas.All(known => known.Code != area))
        {
            throw new JsonException($"policies/areas/{area}.json: there is no such area.");
        }

        if (own["version"] is null)
        {
            throw new JsonException($"policies/areas/{area}.json: a version is required.");
        }

        foreach (var (name, value) in own)
        {
            if (!_defaultPolicy.TryGetPropertyValue(name, out var known))
            {
                throw new JsonException($"policies/areas/{area}.json: {name} is not a part of the policy.");
            }

            var settings = (value as JsonObject)?.Select(setting => setting.Key) ?? [];
            if (known is JsonObject section && settings.FirstOrDefault(setting => !section.ContainsKey(setting)) is { } unknown)
            {
                throw new JsonException($"policies/areas/{area}.json: {name}.{unknown} is not a setting of the policy.");
            }
        }
    }

    private static JsonObject Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException($"{path} is not a JSON object.");
    }
}

/// <summary>Where to turn at once, by language (emergency-texts.json).</summary>
public sealed record EmergencyTexts(Label Default, Label OutsideDutyHours, IReadOnlyDictionary<string, LanguageFallback> Fallback, IReadOnlyDictionary<string, Label> Counties);

/// <summary>The language that is shown instead, with a sentence that says so.</summary>
public sealed record LanguageFallback(string Language, string Note);

/// <summary>Words for the requester by code (texts.json).</summary>
/// <param name="Guidance">What belongs to the steps that the policy names.</param>
public sealed record Texts(IReadOnlyDictionary<string, Label> Timeline, IReadOnlyDictionary<string, Label> Parties, IReadOnlyDictionary<string, Label> Guidance)
{
    /// <summary>Between the codes of a step that says several things.</summary>
    public const char And = '+';

    /// <summary>What a step of the timeline says: one text, or several after each other.</summary>
    public string Step(string codes, string language)
    {
        ArgumentNullException.ThrowIfNull(codes);
        return string.Join(' ', codes.Split(And).Select(code => Timeline[code].In(language)));
    }
}

/// <summary>Sentences and words of an explanation, by code (explanation-texts.json).</summary>
/// <param name="Words">By list, for example marks.</param>
public sealed record ExplanationTexts(IReadOnlyDictionary<string, Label> Sentences, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Label>> Words);

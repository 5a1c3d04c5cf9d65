using System.Text.Json;
using System.Text.Json.Serialization;

namespace OtPlatform.Contracts;

/// <summary>One version of a screening instrument (seula, mittari): data, and so changed without code. What it comes to is advice.</summary>
/// <param name="Version">1 or more; what a version says does not change.</param>
/// <param name="Trial">It is being tried out.</param>
/// <param name="Levels">By rising <see cref="InstrumentLevel.From"/>.</param>
public sealed record Instrument(
    string Code, int Version, bool Trial, string Fi, string Sv, string En, IReadOnlyList<InstrumentItem> Items, IReadOnlyList<InstrumentLevel> Levels)
{
    [JsonIgnore]
    public Label Label => new(Fi, Sv, En);

    // As the files of the catalogue are written: what is not said is left out.
    internal static readonly JsonSerializerOptions Written = new(Catalogue.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Reads one version's document.</summary>
    /// <exception cref="JsonException">It is not as the schema says (catalogue/schemas/instruments.schema.json).</exception>
    public static Instrument Parse(string document) => JsonSerializer.Deserialize<Instrument>(document, Catalogue.Json) ?? throw new JsonException("An instrument is a JSON object.");

    /// <summary>The version's document.</summary>
    public string Document() => JsonSerializer.Serialize(this, Written);

    /// <summary>The most points that its answers can come to.</summary>
    [JsonIgnore]
    public int Maximum => Items.Sum(item => item.Weight * item.Most);

    /// <summary>The level of so many points; null for an instrument whose first level begins above them.</summary>
    public InstrumentLevel? LevelOf(int points) => Levels.LastOrDefault(level => level.From <= points);
}

/// <summary>What is asked. Its points are the weight times the answer; without an answer none.</summary>
/// <param name="Weight">1 or more, so that a higher answer never lowers a level.</param>
/// <param name="Least">The lowest answer.</param>
/// <param name="Most">The highest answer.</param>
public sealed record InstrumentItem(string Code, string Fi, string Sv, string En, int Weight, int Least, int Most, IReadOnlyList<ItemMark> Marks)
{
    [JsonIgnore]
    public Label Label => new(Fi, Sv, En);

    public bool Allows(int answer) => answer >= Least && answer <= Most;
}

/// <summary>A mark of the code list that answers of <paramref name="From"/> or more imply.</summary>
public sealed record ItemMark(string Mark, int From);

/// <summary>An advisory level (vaativuustaso).</summary>
/// <param name="From">The fewest points of it.</param>
/// <param name="AtLeast">The least demanding route that it agrees with; null for any.</param>
/// <param name="AtMost">The most demanding one; null for any.</param>
public sealed record InstrumentLevel(string Code, int From, string Fi, string Sv, string En, Route? AtLeast = null, Route? AtMost = null)
{
    [JsonIgnore]
    public Label Label => new(Fi, Sv, En);
}

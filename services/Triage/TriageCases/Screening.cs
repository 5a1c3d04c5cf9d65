using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.TriageCases;

/// <summary>One item's arithmetic: <see cref="Points"/> is the weight times the answer.</summary>
/// <param name="Answer">Null when it was not answered; it then gives no points.</param>
public sealed record ScoredItem(string Code, int? Answer, int Weight, int Points);

/// <summary>What a filled-in instrument came to when it was scored, under the version that it was filled in with. Advice only.</summary>
/// <param name="Items">Empty where others than those of the request read it, and after an erasure.</param>
/// <param name="Answered">How many of <paramref name="Of"/> items have an answer of their scale.</param>
/// <param name="Unexplained">How many answers are to no item of the version, or beyond its scale; they count for nothing.</param>
/// <param name="Marks">Marks that the answers imply.</param>
/// <param name="ParticipantRoles">Who filled it in together (C-26).</param>
public sealed record Screening(
    string Instrument,
    int Version,
    bool Trial,
    IReadOnlyList<ScoredItem> Items,
    int Answered,
    int Of,
    int Unexplained,
    int Points,
    int Maximum,
    string Level,
    Route? AtLeast,
    Route? AtMost,
    IReadOnlyList<string> Marks,
    IReadOnlyList<string> ParticipantRoles)
{
    /// <summary>Scores answers; null when the instrument or its version is not known.</summary>
    public static Screening? Scored(ScreeningAnswers filledIn, Catalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(filledIn);
        ArgumentNullException.ThrowIfNull(catalogue);
        return catalogue.Instrument(filledIn.Instrument, filledIn.Version) is { } instrument ? Scored(filledIn, instrument) : null;
    }

    public static Screening Scored(ScreeningAnswers filledIn, Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(filledIn);
        ArgumentNullException.ThrowIfNull(instrument);
        var answered = instrument.Items.Where(item => filledIn.Answers.TryGetValue(item.Code, out var answer) && item.Allows(answer)).ToList();
        var points = answered.Sum(item => item.Weight * filledIn.Answers[item.Code]);
        var level = instrument.LevelOf(points);
        return new Screening(
            instrument.Code,
            instrument.Version,
            instrument.Trial,
            [.. instrument.Items.Select(item => answered.Contains(item) ? new ScoredItem(item.Code, filledIn.Answers[item.Code], item.Weight, item.Weight * filledIn.Answers[item.Code]) : new ScoredItem(item.Code, null, item.Weight, 0))],
            answered.Count,
            instrument.Items.Count,
            filledIn.Answers.Count - answered.Count,
            points,
            instrument.Maximum,
            level?.Code ?? string.Empty,
            level?.AtLeast,
            level?.AtMost,
            [.. answered.SelectMany(item => item.Marks.Where(mark => filledIn.Answers[item.Code] >= mark.From).Select(mark => mark.Mark)).Distinct()],
            filledIn.ParticipantRoles);
    }

    /// <summary>What the same answers come to in another version.</summary>
    public Screening ScoredBy(Instrument instrument) => Scored(
        new ScreeningAnswers(Instrument, Version, Items.Where(item => item.Answer is not null).ToDictionary(item => item.Code, item => item.Answer!.Value), ParticipantRoles), instrument);

    /// <summary>The result without what each answered and who they were.</summary>
    public Screening WithoutAnswers() => this with { Items = [], ParticipantRoles = [] };

    /// <summary>What it speaks against in a recommendation; null when it agrees. Without all answers it only speaks for more.</summary>
    public Disagreement? With(Route? recommended, RoutingPolicy rules) => (recommended, AtLeast, AtMost) switch
    {
        (null, _, _) => null,
        ({ } route, { } least, _) when Recommendation.Demand(route, rules) < Recommendation.Demand(least, rules) => new(Instrument, Version, Level, Disagreement.TooLow, Assessment.CodeOf(least)),
        ({ } route, _, { } most) when Answered == Of && Recommendation.Demand(route, rules) > Recommendation.Demand(most, rules) => new(Instrument, Version, Level, Disagreement.TooHigh, Assessment.CodeOf(most)),
        _ => null,
    };

    public bool Equals(Screening? other) =>
        other is not null
        && (Instrument, Version, Trial, Answered, Of, Unexplained, Points, Maximum) == (other.Instrument, other.Version, other.Trial, other.Answered, other.Of, other.Unexplained, other.Points, other.Maximum)
        && (Level, AtLeast, AtMost) == (other.Level, other.AtLeast, other.AtMost)
        && Items.SequenceEqual(other.Items) && Marks.SequenceEqual(other.Marks) && ParticipantRoles.SequenceEqual(other.ParticipantRoles);

    public override int GetHashCode() => HashCode.Combine(Instrument, Version, Points, Answered);
}

/// <summary>A screening speaks for another route than the table came to; a person decides.</summary>
/// <param name="Rule">atLeast when the table came to less than the level speaks for, atMost when to more.</param>
/// <param name="Route">The route that the level speaks for.</param>
public sealed record Disagreement(string Instrument, int Version, string Level, string Rule, string Route)
{
    public const string TooLow = "atLeast";
    public const string TooHigh = "atMost";
}

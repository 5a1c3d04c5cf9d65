using System.Numerics;

namespace OtPlatform.TeamAssembly.Composition;

/// <summary>The problem in numbers: needs in the order of their keys, candidates in the order of their ids, sets of needs as bits.</summary>
internal sealed class Facts
{
    private const string SamiLanguage = "se";
    private const string FallbackLanguage = "fi";
    private const int DaysInWeek = 7;

    // An agreement of a few minutes a week must not drown every other level in its square.
    private const int HighestLoad = 200_000;

    private readonly CompositionProblem _problem;
    private readonly Dictionary<string, int> _needs;
    private readonly Guid[] _ids;

    public Facts(CompositionProblem problem)
    {
        _problem = problem;
        Needs = [.. problem.Needs.OrderBy(need => need.Key, StringComparer.Ordinal)];
        Weeks = Needs.Select(need => need.Minutes.Count).DefaultIfEmpty(0).Max();
        LastDay = problem.FirstWeek.AddDays((Weeks * DaysInWeek) - 1);
        Check();
        _needs = Needs.Index().ToDictionary(need => need.Item.Key, need => need.Index, StringComparer.Ordinal);
        Minutes = [.. Needs.Select(need => Enumerable.Range(0, Weeks).Select(week => week < need.Minutes.Count ? need.Minutes[week] : 0).ToArray())];
        Candidates = [.. problem.Candidates];
        _ids = SortById(Candidates);
        Profiles = new Profile[Candidates.Length];
        var leads = Needs.Index().Where(need => need.Item.LeadArea is not null)
            .GroupBy(need => need.Item.LeadArea!, StringComparer.Ordinal)
            .ToDictionary(area => area.Key, area => area.Aggregate(0UL, (mask, need) => mask | (1UL << need.Index)), StringComparer.Ordinal);
        for (var candidate = 0; candidate < Candidates.Length; candidate++)
        {
            if (candidate > 0 && _ids[candidate] == _ids[candidate - 1])
            {
                throw new ArgumentException($"The expert {_ids[candidate]} is a candidate twice.", nameof(problem));
            }

            Profiles[candidate] = Describe(Candidates[candidate], leads);
        }
    }

    public Need[] Needs { get; }

    public Candidate[] Candidates { get; }

    public Profile[] Profiles { get; }

    /// <summary>Minutes of a need in each week of the horizon.</summary>
    public int[][] Minutes { get; }

    public int Weeks { get; }

    public DateOnly LastDay { get; }

    public int MaxMembers => _problem.MaxMembers;

    public DateOnly FirstDay => _problem.FirstWeek;

    public DateOnly Monday(int week) => _problem.FirstWeek.AddDays(week * DaysInWeek);

    /// <summary>The week index of the Monday accepted for a need that is met once.</summary>
    public int OnceIn(int need, DateOnly? monday)
    {
        var days = (monday ?? DateOnly.MinValue).DayNumber - _problem.FirstWeek.DayNumber;
        return days >= 0 && days % DaysInWeek == 0 && days / DaysInWeek < Weeks && Minutes[need][days / DaysInWeek] > 0
            ? days / DaysInWeek
            : throw new ArgumentException($"The need {Needs[need].Key} is met once, but {monday:O} is no week of it.", nameof(monday));
    }

    public int NeedOf(string key) => _needs.TryGetValue(key, out var need) ? need : throw new ArgumentException($"There is no need {key}.", nameof(key));

    public int CandidateOf(Guid expertId) =>
        Array.BinarySearch(_ids, expertId) is >= 0 and var candidate ? candidate : throw new ArgumentException($"The expert {expertId} stays but is no candidate.", nameof(expertId));

    /// <summary>Those of them who are candidates.</summary>
    public IEnumerable<int> CandidatesOf(IEnumerable<Guid> experts) => experts.Select(expert => Array.BinarySearch(_ids, expert)).Where(candidate => candidate >= 0);

    public DistanceStep Distance(int candidate, ulong needs) => Profiles[candidate].DistanceFor(needs);

    public string LanguageOf(int candidate, int need) => (Profiles[candidate].Fallback & (1UL << need)) != 0 ? FallbackLanguage : Needs[need].Language;

    public IEnumerable<string> KeysOf(ulong needs) => Needs.Where((_, index) => (needs & (1UL << index)) != 0).Select(need => need.Key);

    public static bool Speaks(Candidate candidate, string language) =>
        candidate.Languages.Contains(language) || (language == SamiLanguage && candidate.Languages.Contains(FallbackLanguage));

    public static (string From, string To) Fallback => (SamiLanguage, FallbackLanguage);

    /// <summary>Peak weekly committed minutes against the weekly minutes, in per mille rounded down.</summary>
    public int Load(int candidate, ReadOnlySpan<int> added)
    {
        var facts = Candidates[candidate];
        var peak = 0;
        for (var week = 0; week < Weeks; week++)
        {
            peak = Math.Max(peak, facts.CommittedMinutes[week] + added[week]);
        }

        return PerMille(peak, facts.WeeklyMinutes);
    }

    public static int PerMille(int peak, int weekly) => (int)Math.Min(HighestLoad, peak * 1000L / Math.Max(1, weekly));

    // The pool is read in this order, so that most often there is nothing to sort.
    private static Guid[] SortById(Candidate[] candidates)
    {
        var ids = Array.ConvertAll(candidates, candidate => candidate.ExpertId);
        for (var next = 1; next < ids.Length; next++)
        {
            if (ids[next].CompareTo(ids[next - 1]) < 0)
            {
                Array.Sort(ids, candidates);
                break;
            }
        }

        return ids;
    }

    private Profile Describe(Candidate candidate, Dictionary<string, ulong> leads)
    {
        if (candidate.FreeMinutes.Count < Weeks || candidate.CommittedMinutes.Count < Weeks)
        {
            throw new ArgumentException($"The minutes of the expert {candidate.ExpertId} do not cover the {Weeks} weeks of the needs.", nameof(candidate));
        }

        var (competent, able, fallback) = (0UL, 0UL, 0UL);
        for (var number = 0; number < candidate.Competences.Count; number++)
        {
            if (!_needs.TryGetValue(candidate.Competences[number].Need, out var index))
            {
                continue;
            }

            var (need, bit) = (Needs[index], 1UL << index);
            var speaks = Has(candidate.Languages, need.Language);
            var fallsBack = !speaks && need.Language == SamiLanguage && Has(candidate.Languages, FallbackLanguage);
            competent |= bit;
            fallback |= fallsBack ? bit : 0;
            able |= (speaks || fallsBack) && (need.Channel is null || Has(candidate.Channels, need.Channel)) ? bit : 0;
        }

        var mayBeAsked = candidate is { Exclusion: null, WeeklyMinutes: > 0 }
            && (candidate.AgreementFrom ?? FirstDay) <= FirstDay
            && (candidate.AgreementUntil ?? LastDay) >= LastDay;
        var distance = candidate switch
        {
            { External: true } => DistanceStep.External,
            _ when candidate.County == _problem.RequestCounty => DistanceStep.OwnCounty,
            _ when candidate.Area == _problem.Area => DistanceStep.OwnArea,
            _ => DistanceStep.OtherArea,
        };
        return new Profile(competent, mayBeAsked ? able : 0, fallback, distance is DistanceStep.OtherArea ? leads.GetValueOrDefault(candidate.Area) : 0, distance);
    }

    // Asked for every candidate: without an enumerator.
    private static bool Has(IReadOnlyList<string> codes, string code)
    {
        for (var number = 0; number < codes.Count; number++)
        {
            if (codes[number] == code)
            {
                return true;
            }
        }

        return false;
    }

    private void Check()
    {
        if (_problem.FirstWeek.DayOfWeek is not DayOfWeek.Monday)
        {
            throw new ArgumentException($"{_problem.FirstWeek:O} is no Monday.", nameof(_problem));
        }

        if (_problem.StandingTeams is { } teams && teams.DistinctBy(team => team.TeamId).Count() != teams.Count)
        {
            throw new ArgumentException("A standing team is a candidate twice.", nameof(_problem));
        }

        if (Needs.Length > Composer.MostNeeds || _problem.MaxMembers is < 0 or > Composer.MostNeeds)
        {
            throw new ArgumentException($"At most {Composer.MostNeeds} needs and members.", nameof(_problem));
        }

        foreach (var (index, need) in Needs.Index())
        {
            if ((index > 0 && Needs[index - 1].Key == need.Key) || need.Minutes.Any(minutes => minutes < 0) || need.Minutes.All(minutes => minutes == 0))
            {
                throw new ArgumentException($"The need {need.Key} is there twice, or asks for no time.", nameof(_problem));
            }
        }
    }

    /// <param name="Competent">Needs the expert is competent for.</param>
    /// <param name="Able">Those of them that the hard rules allow each for itself, the hours left aside.</param>
    /// <param name="Fallback">Needs the expert would meet in the fallback language.</param>
    /// <param name="Leads">Needs whose lead area is the expert's own, where that makes the expert nearer.</param>
    public readonly record struct Profile(ulong Competent, ulong Able, ulong Fallback, ulong Leads, DistanceStep Distance)
    {
        public DistanceStep DistanceFor(ulong needs) => (Leads & needs) != 0 ? DistanceStep.LeadArea : Distance;

        public ulong WeightFor(ulong needs) => Weight.Of(BitOperations.PopCount(Fallback & needs), DistanceFor(needs), 0, workedBefore: true);

        public Profile Within(ulong needs) => new(Competent & needs, Able & needs, Fallback & Competent & needs, Leads & Competent & needs, Distance);
    }
}

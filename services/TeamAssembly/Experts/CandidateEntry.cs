using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;

namespace OtPlatform.TeamAssembly.Experts;

/// <summary>Hours of an expert that are held or confirmed, as the pool has told.</summary>
public sealed record HeldHours(Guid ReservationId, Guid AssemblyId, IReadOnlyList<WeekHours> Weeks);

/// <summary>What the composition knows of an expert: the local copy of the pool's events. The pool's own stream is the truth (ADR 0009).</summary>
public sealed record CandidateEntry
{
    public required Guid Id { get; init; }

    public required string Sector { get; init; }

    public required string Profession { get; init; }

    public required string Organisation { get; init; }

    public required string Engagement { get; init; }

    public string? County { get; init; }

    public string? Area { get; init; }

    public Guid? UnitId { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    public required IReadOnlyList<string> Languages { get; init; }

    public required IReadOnlyList<string> Channels { get; init; }

    public required decimal WeeklyHours { get; init; }

    public DateOnly? AgreementFrom { get; init; }

    public DateOnly? AgreementUntil { get; init; }

    public bool EmployerConsents { get; init; }

    public bool Suspended { get; init; }

    public IReadOnlyList<HeldHours> Held { get; init; } = [];

    /// <summary>When the pool has told last what may let them be asked where they could not be before.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>The hours given away in the week of <paramref name="monday"/>, those of <paramref name="except"/> not counted.</summary>
    public decimal CommittedIn(DateOnly monday, Guid except) =>
        Held.Where(held => held.AssemblyId != except).SelectMany(held => held.Weeks).Where(week => week.Monday == monday).Sum(week => week.Hours);
}

/// <summary>An expert was in a team with a requesting unit before (C-71).</summary>
public sealed record Acquaintance
{
    /// <summary><c>unit:expert</c>.</summary>
    public required string Id { get; init; }

    public required Guid UnitId { get; init; }

    public required Guid ExpertId { get; init; }

    public static Acquaintance Of(Guid unit, Guid expert) => new() { Id = $"{unit:N}:{expert:N}", UnitId = unit, ExpertId = expert };
}

/// <summary>All that a composition may choose from at this moment.</summary>
/// <param name="KnownToUnit">Experts who worked with the requesting unit before.</param>
public sealed record Pool(IReadOnlyList<CandidateEntry> Experts, IReadOnlySet<Guid> KnownToUnit)
{
    public static readonly Pool Empty = new([], new HashSet<Guid>());

    /// <summary>The teams that stay together.</summary>
    public IReadOnlyList<StandingTeamEntry> StandingTeams { get; init; } = [];

    /// <summary>Who has more exact knowledge, where nobody can be asked.</summary>
    public IReadOnlyList<KnowledgeHolderCopy> KnowledgeHolders { get; init; } = [];

    public CandidateEntry? Find(Guid expert) => Experts.FirstOrDefault(entry => entry.Id == expert);
}

namespace OtPlatform.StoreConformance;

public enum Route
{
    BasicSupport,
    HybridTeam,
}

public sealed record CaseOpened(Guid CaseId, string Area);

public sealed record RouteDecided(Route Route, decimal Score);

public sealed record CaseClosed(string Reason);

public sealed record NoteAdded(int Number);

public sealed class TriageCase
{
    public Guid Id { get; set; }
}

public sealed class Person
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public int Age { get; set; }
}

public sealed class Versioned
{
    public Guid Id { get; set; }

    public string Text { get; set; } = "";
}

public sealed class Guarded
{
    public Guid Id { get; set; }

    public string Text { get; set; } = "";
}

public sealed class Keyed
{
    public string MatterKey { get; set; } = "";

    public Guid CaseId { get; set; }
}

public sealed record Appointment(Guid Id, DateTimeOffset DueAt, Route Route, string Place);

public sealed record Counted(string Id, int Count);

namespace Marten.Schema;

/// <summary>An index on members inside the JSON.</summary>
public class ComputedIndex
{
    public string? Name { get; set; }

    public bool IsUnique { get; set; }

    /// <summary>A condition in SQL: only rows that meet it are indexed.</summary>
    public string? Predicate { get; set; }
}

/// <summary>An index on a duplicated field's column.</summary>
public class DocumentIndex
{
    internal DocumentIndex()
    {
    }

    public string? Name { get; set; }

    public bool IsUnique { get; set; }

    /// <summary>A condition in SQL: only rows that meet it are indexed.</summary>
    public string? Predicate { get; set; }
}

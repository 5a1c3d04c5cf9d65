namespace WireMock.Types;

/// <summary>The values of one header or query parameter.</summary>
/// <typeparam name="T">Of a value.</typeparam>
public class WireMockList<T> : List<T>
{
    public WireMockList()
    {
    }

    public WireMockList(params T[] collection)
        : base(collection)
    {
    }

    public WireMockList(IEnumerable<T> collection)
        : base(collection)
    {
    }

    /// <summary>The only value; several are joined by a comma.</summary>
    public override string ToString() => string.Join(", ", this);
}

namespace OtPlatform.Platform.Http;

/// <summary>How many entries of a list come at once.</summary>
public static class PageSize
{
    /// <param name="wanted">Null for the usual number.</param>
    /// <param name="field">Where it was asked for.</param>
    /// <exception cref="InvalidInputException">Fewer than one, or more than come at once.</exception>
    public static int Of(int? wanted, int usual, int largest, string field = "size") => wanted switch
    {
        null => usual,
        { } size when size >= 1 && size <= largest => size,
        _ => throw new InvalidInputException(field, $"From 1 to {largest}."),
    };
}

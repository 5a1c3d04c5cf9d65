namespace OtPlatform.Platform.Streams;

/// <summary>Who and what caused a change; stored with every event.</summary>
/// <param name="Actor">Subject of the token, or the service that reacts. Never a person's name.</param>
/// <param name="CorrelationId">Joins all that belongs to one journey.</param>
/// <param name="CausationId">The request or message that led here.</param>
public sealed record Origin(string Actor, string? CorrelationId = null, string? CausationId = null);

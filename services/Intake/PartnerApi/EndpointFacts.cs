using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>Headers that an operation reads; each is described once in <see cref="PartnerApiDescription"/>.</summary>
internal sealed record TakenHeaders(IReadOnlyList<string> Names);

/// <summary>Headers that an operation's good answer carries.</summary>
internal sealed record GivenHeaders(IReadOnlyList<string> Names);

/// <summary>What an operation may be refused by, with the HTTP status that says so.</summary>
internal sealed record Refusals(int Status, IReadOnlyList<Rejection> All)
{
    /// <summary>The words are gone, or go just now.</summary>
    public static readonly Rejection[] WhenErased = [Consultation.AlreadyErased, DataKeys.Destroyed];

    public static readonly Rejection[] WhenOver = [Consultation.AlreadyWithdrawn, Consultation.AlreadyClosed, .. WhenErased];
}

/// <summary>What the description of the API tells of an endpoint beyond what the framework sees.</summary>
internal static class EndpointFacts
{
    public const string IfMatch = "If-Match";

    public static RouteHandlerBuilder TakesHeaders(this RouteHandlerBuilder endpoint, params string[] names) => endpoint.WithMetadata(new TakenHeaders(names));

    public static RouteHandlerBuilder GivesHeaders(this RouteHandlerBuilder endpoint, params string[] names) => endpoint.WithMetadata(new GivenHeaders(names));

    /// <summary>The write is decided on a version: <c>If-Match</c> in, <c>ETag</c> out.</summary>
    public static RouteHandlerBuilder OnVersion(this RouteHandlerBuilder endpoint) => endpoint.TakesHeaders(IfMatch);

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params Rejection[] rejections) => endpoint.Refuses(StatusCodes.Status409Conflict, rejections);

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, int status, params Rejection[] rejections) => endpoint.WithMetadata(new Refusals(status, rejections));
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Http;

/// <summary>The one shape of an error answer: problem+json with <c>type = urn:otplatform:problem:code</c>. Details never repeat what the caller sent.</summary>
public static class Problems
{
    public const string InvalidInput = "platform.invalid-input";
    public const string NotSignedIn = "platform.not-signed-in";
    public const string NotAllowed = "platform.not-allowed";
    public const string NotFound = "platform.not-found";
    public const string MethodNotAllowed = "platform.method-not-allowed";
    public const string UnsupportedMediaType = "platform.unsupported-media-type";
    public const string StaleVersion = "platform.stale-version";
    public const string VersionRequired = "platform.version-required";
    public const string TooLarge = "platform.too-large";
    public const string TooManyRequests = "platform.too-many-requests";
    public const string Unavailable = "platform.unavailable";
    public const string InternalError = "platform.internal-error";

    public static IResult Of(int status, string code, Message detail, IReadOnlyDictionary<string, Message>? errors = null) =>
        new Answer(status, code, detail, errors);

    public static IResult Of(Rejection rejection) =>
        Of(
            rejection.Kind switch
            {
                RejectionKind.NotFound => StatusCodes.Status404NotFound,
                RejectionKind.NotAllowed => StatusCodes.Status403Forbidden,
                _ => StatusCodes.Status409Conflict,
            },
            rejection);

    public static IResult Of(int status, Rejection rejection) => Of(status, rejection.Code, Message.Of(rejection));

    /// <summary>What one may not see and what does not exist answer alike.</summary>
    public static IResult Unknown() => Of(StatusCodes.Status404NotFound, NotFound, "Nothing is known under this address.");

    public static IResult Invalid(IReadOnlyDictionary<string, Message> errors) =>
        Of(StatusCodes.Status400BadRequest, InvalidInput, "The request cannot be accepted as it is; errors names each place.", errors);

    internal static Task Write(HttpContext context, int status, string code, Message detail, IReadOnlyDictionary<string, Message>? errors = null)
    {
        var (texts, language) = (MessageTexts.From(context), MessageTexts.LanguageOf(context.Request));
        var problem = new ProblemDetails
        {
            Type = $"urn:otplatform:problem:{code}",
            Title = code,
            Status = status,
            Detail = texts.In(language, detail),
            Extensions = { ["traceId"] = Activity.Current?.TraceId.ToString() },
        };
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors.ToDictionary(error => error.Key, error => texts.In(language, error.Value));
        }

        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json");
    }

    private sealed class Answer(int status, string code, Message detail, IReadOnlyDictionary<string, Message>? errors) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext, status, code, detail, errors);
    }
}

using System.ComponentModel;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Http;

/// <summary>Turns what an endpoint throws into a problem; the only place that does.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var answer = exception switch
        {
            InvalidInputException invalid => Problems.Invalid(invalid.Errors),
            RejectedException rejected => Problems.Of(rejected.Rejection),
            VersionRequiredException => Problems.Of(StatusCodes.Status428PreconditionRequired, Problems.VersionRequired, "Send If-Match with the ETag of the version that you decided on."),
            StaleVersionException => Problems.Of(StatusCodes.Status412PreconditionFailed, Problems.StaleVersion, "It has changed since you read it. Read it again and decide anew."),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.Of(StatusCodes.Status413PayloadTooLarge, Problems.TooLarge, "The body may have 256 KiB at most."),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.Of(StatusCodes.Status415UnsupportedMediaType, Problems.UnsupportedMediaType, "Send application/json, not encoded further."),
            BadHttpRequestException when UnreadableParameter(httpContext) is { } name => Problems.Invalid(new Dictionary<string, Message> { [name] = "A value of another type than expected here." }),
            BadHttpRequestException bad => Problems.Of(bad.StatusCode, Problems.InvalidInput, "The request could not be read."),
            _ when Work.SomebodyWasFirst(exception) => Problems.Of(StatusCodes.Status412PreconditionFailed, Problems.StaleVersion, "Somebody else was first. Read it again and decide anew."),
            _ when PauseWhileUnavailable.IsTransient(exception) => Away(httpContext),
            _ => null,
        };
        if (answer is null)
        {
            Failed(logger, httpContext.GetEndpoint()?.DisplayName ?? "no endpoint", exception);
            answer = Problems.Of(StatusCodes.Status500InternalServerError, Problems.InternalError, "Something broke on our side. Nothing was acknowledged; try again.");
        }

        await answer.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>The name of the query parameter that its endpoint could not read; the framework tells it only in a text that repeats the value.</summary>
    private static string? UnreadableParameter(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata
        .GetOrderedMetadata<IParameterBindingMetadata>()
        .Where(parameter => parameter.HasTryParse && context.Request.Query.ContainsKey(parameter.Name))
        .FirstOrDefault(parameter => context.Request.Query[parameter.Name] is var sent && (sent.Count > 1 || sent.Any(value => !Reads(parameter.ParameterInfo.ParameterType, value))))?.Name;

    private static bool Reads(Type type, string? value) => TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).IsValid(value ?? string.Empty);

    private static IResult Away(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, Problems.Unavailable, "A part of the platform is not available right now. Nothing was acknowledged; try again.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Endpoint} failed")]
    private static partial void Failed(ILogger logger, string endpoint, Exception exception);
}

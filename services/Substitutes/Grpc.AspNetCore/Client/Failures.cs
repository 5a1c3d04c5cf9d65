using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The status for what failed below gRPC, as the protocol's documents map it.</summary>
internal static class Failures
{
    private const long RefusedStream = 7;
    private const long Cancelled = 8;
    private const long EnhanceYourCalm = 11;
    private const long InadequateSecurity = 12;

    public static StatusCode Of(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    public static StatusCode Of(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpProtocolException protocol)
            {
                return protocol.ErrorCode switch
                {
                    RefusedStream => StatusCode.Unavailable,
                    Cancelled => StatusCode.Cancelled,
                    EnhanceYourCalm => StatusCode.ResourceExhausted,
                    InadequateSecurity => StatusCode.PermissionDenied,
                    _ => StatusCode.Internal,
                };
            }

            if (inner is SocketException)
            {
                return StatusCode.Unavailable;
            }
        }

        return exception is IOException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError }
            ? StatusCode.Unavailable
            : StatusCode.Internal;
    }

    public static string Describe(Exception exception) => exception.InnerException is { } inner
        ? $"{exception.GetType().Name}: {exception.Message} {Describe(inner)}"
        : $"{exception.GetType().Name}: {exception.Message}";
}

using Grpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>Lets only gRPC requests match a route, so that other POSTs still find their own or a 404.</summary>
internal sealed class GrpcContent : IRouteConstraint
{
    public const string Name = "grpcunimplemented";

    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        httpContext is null || (HttpMethods.IsPost(httpContext.Request.Method) && Wire.IsGrpc(httpContext.Request.ContentType));
}

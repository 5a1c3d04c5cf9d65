using Microsoft.AspNetCore.Http.Metadata;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>Operations that take no body take nothing but an empty one, or an empty object: whatever else somebody sends was meant for something.</summary>
public static class BodylessOperations
{
    public static RouteGroupBuilder RefuseUnsaidBodies(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        var said = http.GetEndpoint()?.Metadata;
        if (said?.GetMetadata<IAcceptsMetadata>() is null && said?.GetMetadata<TakesBody>() is null && await StrictJson.ReadOptionalBody(http.Request, http.RequestAborted) is { } raw)
        {
            IdentityCodes.Refuse(raw);
            StrictJson.Parse<Empty>(raw);
        }

        return await next(context);
    });

    /// <summary>It takes a body although the description does not name it: another address of one that does.</summary>
    public sealed record TakesBody;

    private sealed record Empty;
}

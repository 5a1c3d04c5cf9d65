using Microsoft.AspNetCore.Http.Metadata;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>Operations that take no body take nothing but an empty one, or an empty object: whatever else somebody sends was meant for something.</summary>
internal static class BodylessOperations
{
    public static RouteGroupBuilder RefuseUnsaidBodies(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        if (http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is null && await StrictJson.ReadOptionalBody(http.Request, http.RequestAborted) is { } raw)
        {
            IdentityCodes.Refuse(raw);
            StrictJson.Parse<Empty>(raw);
        }

        return await next(context);
    });

    private sealed record Empty;
}

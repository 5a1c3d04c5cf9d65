using Microsoft.AspNetCore.Http;

namespace WireMock.ResponseProviders;

/// <summary>Gives the answer of a stub.</summary>
public interface IResponseProvider
{
    internal Task Answer(HttpContext context);
}

using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>An address takes the names that its description has, each once: a slip of the pen would else answer another question than was asked.</summary>
public static partial class SaidQueries
{
    private const string Unnamed = "?";

    public static RouteGroupBuilder RefuseUnsaidQueries(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        if (http.Request.Query.Count > 0)
        {
            var said = http.GetEndpoint()!.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
                .Where(parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
                .Select(parameter => parameter.Name)
                .Where(name => !http.Request.RouteValues.ContainsKey(name))
                .ToHashSet(StringComparer.OrdinalIgnoreCase);
            var refused = http.Request.Query.Where(asked => !said.Contains(asked.Key) || asked.Value.Count > 1).Select(asked => asked.Key).ToList();
            if (refused.Count > 0)
            {
                // A name that is not made like one is the caller's own words, and is not repeated.
                throw new InvalidInputException(refused.Select(name => Name().IsMatch(name) ? name : Unnamed).Distinct()
                    .ToDictionary(name => name, name => said.Contains(name) ? (Message)"Only once." : "This address cannot be asked so."));
            }
        }

        return await next(context);
    });

    [GeneratedRegex("^[A-Za-z]{1,40}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

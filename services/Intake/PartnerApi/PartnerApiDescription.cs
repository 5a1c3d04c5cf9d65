using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>
/// The OpenAPI description of the partner API. Fields and their words come from the records, what an operation reads, gives and is refused by
/// from its endpoint, the bounds of bodies from <see cref="Bounds"/>, examples from <c>examples.json</c>; here they are put together.
/// </summary>
internal static class PartnerApiDescription
{
    private const string PlainJson = "application/json";
    private const string ProblemJson = "application/problem+json";
    private const string Scheme = "token";
    private const string AcceptLanguage = "Accept-Language";
    private const string RetryAfter = "Retry-After";

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["Consultations"] = "Requests for help and all that may be said of them.",
        ["Catalogue"] = "The code lists that forms are built from.",
        ["Webhooks"] = "Being told of changes.",
        ["Absence follow-ups"] = "A pupil's school absence: hours, meetings and what follows.",
    };

    private static readonly Dictionary<string, (string Description, string Example, bool Required)> Taken = new()
    {
        [AcceptLanguage] = ("Language of problems: fi, sv or en; Finnish when it names none of them.", "sv, en;q=0.8", false),
        [IdempotencyKey.Header] = ("A new one for each new request, 1 to 200 printable ASCII characters. The same key with the same body gets the same answer for 30 days.", "5f0c7d8e-hervanta-17", true),
        [EndpointFacts.IfMatch] = ("The version that was decided on, exactly as ETag gave it.", "\"1\"", true),
        ["If-None-Match"] = ("The last ETag; 304 while nothing has changed.", "\"0f1e2d3c4b5a69788796a5b4\"", false),
        ["Last-Event-ID"] = ("Id of the last event that was seen; what came after it follows.", "3", false),
    };

    private static readonly Dictionary<string, (string Description, string Example)> Given = new()
    {
        ["ETag"] = ("The version; send it as If-Match, or as If-None-Match where it is about a list.", "\"1\""),
        ["Location"] = ("Address of what was made.", "/v1/consultations/019ab000-0000-7000-8000-000000000001"),
        [RetryAfter] = ("Seconds after which another try makes sense.", "2"),
    };

    private static readonly Dictionary<int, (string Code, string Description, string Detail)> Common = new()
    {
        [400] = (Problems.InvalidInput, "The request is malformed; `errors` names each place.", "The request cannot be accepted as it is; errors names each place."),
        [401] = (Problems.NotSignedIn, "No valid bearer token.", "Send a valid bearer token."),
        [403] = (Problems.NotAllowed, "The token does not allow it.", "Your token does not allow this."),
        [404] = (Problems.NotFound, "Nothing is known under this address, or it is not yours to see.", "Nothing is known under this address."),
        [412] = (Problems.StaleVersion, "It has changed since it was read: read it again and decide anew.", "It has changed since you read it. Read it again and decide anew."),
        [413] = (Problems.TooLarge, "A body of more than 256 KiB.", "The body may have 256 KiB at most."),
        [415] = (Problems.UnsupportedMediaType, "Something else than plain application/json.", "Send application/json, not encoded further."),
        [428] = (Problems.VersionRequired, "If-Match is missing.", "Send If-Match with the ETag of the version that you decided on."),
        [429] = (Problems.TooManyRequests, "Too many requests at once from this client.", "Too many requests at once from this client."),
        [500] = (Problems.InternalError, "Something broke on our side; nothing was acknowledged.", "Something broke on our side. Nothing was acknowledged; try again."),
        [503] = (Problems.Unavailable, "A part of the platform is away; nothing was acknowledged.", "A part of the platform is not available right now. Nothing was acknowledged; try again."),
    };

    private static readonly HashSet<int> MayBeTriedAgain = [429, 503];

    public static void AddPartnerApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(options => options.AddDocumentTransformer((document, context, _) =>
        {
            Describe(document, context);
            return Task.CompletedTask;
        }));

    private static void Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context)
    {
        var catalogue = context.ApplicationServices.GetRequiredService<Catalogue>();
        var examples = Examples();
        var endpoints = context.DescriptionGroups.SelectMany(group => group.Items).ToDictionary(item => Metadata<IEndpointNameMetadata>(item)!.EndpointName);
        document.Info = new OpenApiInfo
        {
            Title = "OT Platform: partner API",
            Version = "1.0.0",
            Description = "A case system of a family centre asks for help once, in its worker's own words, and follows what happens. Errors are problem+json with stable codes; nothing is kept of a request that gets one.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "Where this description was read." }];
        document.Tags = (document.Tags ?? new HashSet<OpenApiTag>()).Select(tag => new OpenApiTag { Name = tag.Name, Description = Tags.GetValueOrDefault(tag.Name!) }).ToHashSet();
        document.Components ??= new OpenApiComponents();
        AddComponents(document, document.Components);
        new Bounds(catalogue).Apply(document.Components.Schemas!);

        // Where null is possible the reference says so beside the list of codes.
        foreach (var codes in document.Components.Schemas!.Values.OfType<OpenApiSchema>().Where(schema => schema.Enum is not null && schema.Type is null))
        {
            codes.Type = JsonSchemaType.String;
            codes.Description ??= "A code of the catalogue's list of this name.";
            codes.Enum = [.. codes.Enum!.Where(code => code is not null && !JsonNullSentinel.IsJsonNullSentinel(code) && code.GetValueKind() is JsonValueKind.String)];
        }

        // The framework leaves out what a field says of itself when it may be null.
        foreach (var field in document.Components.Schemas.Values.SelectMany(schema => schema.Properties?.Values ?? []).OfType<OpenApiSchema>().Where(field => field.Description is null))
        {
            field.Description = field.OneOf?.OfType<OpenApiSchemaReference>().FirstOrDefault()?.Description;
        }

        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations!.Values))
        {
            Describe(document, operation, endpoints[operation.OperationId!], examples);
        }
    }

    private static void AddComponents(OpenApiDocument document, OpenApiComponents components)
    {
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = $"OAuth 2.0 client credentials. Scopes: `{Scopes.ConsultationsRead}` to read, `{Scopes.ConsultationsWrite}` to write.",
            },
        };
        components.Parameters = Taken.ToDictionary(header => header.Key, header => (IOpenApiParameter)new OpenApiParameter
        {
            Name = header.Key,
            In = ParameterLocation.Header,
            Required = header.Value.Required,
            Description = header.Value.Description,
            Schema = Text(),
            Example = header.Value.Example,
        });
        components.Headers = Given.ToDictionary(header => header.Key, header => (IOpenApiHeader)new OpenApiHeader
        {
            Description = header.Value.Description,
            Schema = Text(),
            Example = header.Value.Example,
        });
        components.Schemas!["Problem"] = ProblemSchema();
        components.Responses = Common.ToDictionary(known => NameOf(known.Value.Code), known => (IOpenApiResponse)Refused(
            document,
            known.Value.Description,
            [(known.Value.Code, Example(known.Key, known.Value.Code, known.Value.Detail))],
            MayBeTriedAgain.Contains(known.Key)));
    }

    private static void Describe(OpenApiDocument document, OpenApiOperation operation, ApiDescription endpoint, JsonObject examples)
    {
        var name = operation.OperationId!;
        var taken = All<TakenHeaders>(endpoint).SelectMany(headers => headers.Names).ToList();
        var hasPath = DescribeParameters(operation, examples["parameters"]!.AsObject());
        operation.Parameters ??= [];
        foreach (var header in taken.Append(AcceptLanguage))
        {
            operation.Parameters.Add(new OpenApiParameterReference(header, document));
        }

        operation.Security = [new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(Scheme, document)] = [.. All<IAuthorizeData>(endpoint).Select(needed => needed.Policy).OfType<string>().Distinct()],
        }];
        if (operation.RequestBody?.Content?[PlainJson] is OpenApiMediaType body)
        {
            body.Example = examples["requests"]![name]?.DeepClone();
        }

        operation.Responses ??= [];
        foreach (var good in operation.Responses.Values.OfType<OpenApiResponse>())
        {
            DescribeAnswer(document, name, good, [.. All<GivenHeaders>(endpoint).SelectMany(headers => headers.Names)], examples["answers"]!.AsObject());
        }

        int[] possible =
        [
            400, 401, 403, 429, 500, 503,
            .. hasPath ? [404] : Array.Empty<int>(),
            .. operation.RequestBody is not null ? [413, 415] : Array.Empty<int>(),
            .. taken.Contains(EndpointFacts.IfMatch) ? [412, 428] : Array.Empty<int>(),
        ];
        var refusals = All<Refusals>(endpoint).GroupBy(refusal => refusal.Status, refusal => refusal.All).ToDictionary(group => group.Key, group => group.SelectMany(all => all).Distinct().ToList());
        foreach (var status in possible.Concat(refusals.Keys).Distinct().Order())
        {
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = refusals.TryGetValue(status, out var rules)
                ? Refused(document, status, rules)
                : new OpenApiResponseReference(NameOf(Common[status].Code), document);
        }
    }

    /// <returns>Whether a part of the address names something that may not be there.</returns>
    private static bool DescribeParameters(OpenApiOperation operation, JsonObject known)
    {
        var named = (operation.Parameters ?? []).OfType<OpenApiParameter>().ToList();
        foreach (var parameter in named)
        {
            var about = known[$"{operation.OperationId}.{parameter.Name}"] ?? known[parameter.Name!];
            parameter.Description ??= about?["description"]?.GetValue<string>();
            parameter.Example ??= about?["example"]?.DeepClone();
            if (about?["most"] is { } most && parameter.Schema is OpenApiSchema schema)
            {
                (schema.Minimum, schema.Maximum) = ("1", most.ToString());
            }
        }

        return named.Any(parameter => parameter.In is ParameterLocation.Path);
    }

    private static void DescribeAnswer(OpenApiDocument document, string name, OpenApiResponse answer, List<string> headers, JsonObject examples)
    {
        foreach (var content in answer.Content?.Values ?? [])
        {
            var schema = (content.Schema as OpenApiSchemaReference)?.Reference.Id;
            content.Example = (examples[schema ?? name] ?? examples[name])?.DeepClone();
            if (schema is null && content.Schema is OpenApiSchema { Type: null } open)
            {
                open.Type = JsonSchemaType.Object;
                open.Description = "The version and the list itself.";
            }

            // What has a version gives it as its entity tag.
            if (schema is not null && document.Components!.Schemas![schema].Properties?.ContainsKey("version") == true)
            {
                headers.Add("ETag");
            }
        }

        answer.Headers = headers.Count == 0 ? null : headers.Distinct().ToDictionary(header => header, header => (IOpenApiHeader)new OpenApiHeaderReference(header, document));
    }

    private static OpenApiResponse Refused(OpenApiDocument document, int status, IReadOnlyList<Rejection> rules)
    {
        var codes = rules.Select(rule => (rule.Code, Words: rule.Message)).ToList();
        if (Common.TryGetValue(status, out var known))
        {
            codes.Insert(0, (known.Code, known.Detail));
        }

        var named = codes.DistinctBy(entry => entry.Code).ToList();
        return Refused(
            document,
            $"Refused: {string.Join(", ", named.Select(entry => $"`{entry.Code}`"))}.",
            [.. named.Select(entry => (entry.Code, (JsonNode)Example(status, entry.Code, entry.Words)))],
            rules.Contains(Submissions.InProgress));
    }

    private static OpenApiResponse Refused(OpenApiDocument document, string description, (string Code, JsonNode Example)[] codes, bool mayBeTriedAgain) => new()
    {
        Description = description,
        Headers = mayBeTriedAgain ? new Dictionary<string, IOpenApiHeader> { [RetryAfter] = new OpenApiHeaderReference(RetryAfter, document) } : null,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [ProblemJson] = new()
            {
                Schema = new OpenApiSchemaReference("Problem", document),
                Examples = codes.ToDictionary(entry => entry.Code, entry => (IOpenApiExample)new OpenApiExample { Value = entry.Example }),
            },
        },
    };

    private static JsonObject Example(int status, string code, string detail)
    {
        var problem = new JsonObject
        {
            ["type"] = $"urn:otplatform:problem:{code}",
            ["title"] = code,
            ["status"] = status,
            ["detail"] = detail,
            ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
        if (code == Problems.InvalidInput)
        {
            problem["errors"] = new JsonObject { ["$.county"] = "Not a known code of this list." };
        }

        return problem;
    }

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Why a request was not accepted (RFC 9457). The codes are stable; the words follow Accept-Language.",
        Required = new HashSet<string> { "type", "title", "status", "detail", "traceId" },
        AdditionalPropertiesAllowed = false,
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "urn:otplatform:problem: and the code.", Pattern = "^urn:otplatform:problem:[a-z]+\\.[a-z-]+$" },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The code again." },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The HTTP status." },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "In words; never what was sent." },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "What to tell those who run the platform." },
            ["errors"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Only with platform.invalid-input: what is wrong, by JSON path, or by the name of a header or parameter.", AdditionalProperties = Text() },
        },
    };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    /// <summary><c>platform.too-large</c> as <c>TooLarge</c>.</summary>
    private static string NameOf(string code) => string.Concat(code.Split('.')[1].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static JsonObject Examples()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }

    private static T? Metadata<T>(ApiDescription endpoint) => All<T>(endpoint).LastOrDefault();

    private static IEnumerable<T> All<T>(ApiDescription endpoint) => endpoint.ActionDescriptor.EndpointMetadata.OfType<T>();
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Platform.Grpc;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>
/// What belongs to another organisation is unknown, on every address and every gRPC method that names something. They are taken from the running
/// service's route table: a new one is tried like the others, and fails here until it can be.
/// </summary>
[TestFixture]
internal sealed class OthersAreUnknownTests
{
    private const string Neighbour = "partner-kainuu";
    private const string Integrator = "integrator";
    private const string OtherArea = "coordinator-lansi";

    /// <summary>Addresses with a part that names nothing of an organisation's.</summary>
    private static readonly string[] NobodysOwn = ["/openapi/{documentName}.json", "/v1/catalogue/{list}"];

    private ServiceHost<Program> _intake = null!;
    private HttpClient _owner = null!;
    private readonly Dictionary<string, HttpClient> _others = [];
    private readonly Dictionary<string, Func<Task<Guid>>> _make = [];

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("others");
        _owner = await _intake.ClientFor("partner-pirkanmaa");
        foreach (var client in (string[])[Neighbour, Integrator, OtherArea])
        {
            _others[client] = await _intake.ClientFor(client);
        }

        _make["/v1/consultations/{id:guid}"] = Consultation;
        _make["/v1/webhooks/{id:guid}"] = async () =>
        {
            using var made = await _owner.Write("/v1/webhooks", null, new JsonObject { ["url"] = $"https://case-system.example/{Guid.NewGuid():N}" });
            made.EnsureSuccessStatusCode();
            var id = (await made.Json())["id"]!.GetValue<Guid>();
            return id;
        };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _owner.Dispose();
        foreach (var other in _others.Values)
        {
            other.Dispose();
        }

        await _intake.DisposeAsync();
    }

    [Test]
    public async Task On_every_address_that_names_something()
    {
        var routes = _intake.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is null && !endpoint.RoutePattern.Parameters.Any(part => part.Name.StartsWith("unimplemented", StringComparison.Ordinal)))
            .Select(endpoint => (Pattern: $"/{endpoint.RoutePattern.RawText!.Trim('/')}", Endpoint: endpoint)).ToList();
        var naming = routes.Where(route => route.Endpoint.RoutePattern.Parameters.Count > 0 && !NobodysOwn.Contains(route.Pattern)).ToList();
        var tried = 0;
        foreach (var (pattern, endpoint) in naming)
        {
            var prefix = _make.Keys.SingleOrDefault(known => pattern.StartsWith(known, StringComparison.Ordinal));
            Assert.That(prefix, Is.Not.Null, $"{pattern}: say in {nameof(_make)} how one is made.");
            foreach (var method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods)
            {
                var body = BodyOf(endpoint);
                var id = await _make[prefix!]();
                foreach (var (who, client) in _others)
                {
                    var (status, text) = await Call(client, method, pattern, id, body);
                    var (unknownStatus, unknownText) = await Call(client, method, pattern, Guid.NewGuid(), body);
                    Assert.Multiple(() =>
                    {
                        Assert.That(status, Is.EqualTo(HttpStatusCode.NotFound).Or.EqualTo(who == OtherArea && method != "GET" ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound), $"{who} {method} {pattern}: {text}");
                        Assert.That((unknownStatus, unknownText), Is.EqualTo((status, text)), $"{who} {method} {pattern}: nothing may tell it from what does not exist.");
                    });
                    tried++;
                }

                var (ownStatus, ownText) = await Call(_owner, method, pattern, id, body);
                Assert.That((int)ownStatus, Is.InRange(200, 299).Or.EqualTo(409), $"The owner, {method} {pattern}: {ownText}");
            }
        }

        Assert.That(tried, Is.GreaterThanOrEqualTo(3 * 20), "The route table was not seen.");
    }

    [Test]
    public async Task In_every_gRPC_method_that_names_something()
    {
        using var channel = _intake.OpenChannel();
        var served = _intake.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method).OfType<IMethod>().Where(method => method.ServiceName.StartsWith("otplatform.", StringComparison.Ordinal)).ToList();
        var described = typeof(ConsultationsReflection).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor")?.GetMethod is { IsStatic: true } get && get.ReturnType == typeof(FileDescriptor) ? (FileDescriptor)get.Invoke(null, null)! : null)
            .OfType<FileDescriptor>().SelectMany(file => file.Services).SelectMany(service => service.Methods).ToDictionary(method => $"/{method.Service.FullName}/{method.Name}");
        var tried = new List<string>();
        foreach (var method in served.Select(method => described[method.FullName]).OrderBy(method => method.Name == "Erase"))
        {
            if (!method.InputType.Fields.InDeclarationOrder().Any(NamesSomething))
            {
                continue;
            }

            var id = await Consultation();
            foreach (var who in (string[])[Neighbour, Integrator, OtherArea])
            {
                var (status, code) = await Call(channel, method, Filled(method, id), who);
                Assert.That(
                    status, Is.EqualTo(StatusCode.NotFound).Or.EqualTo(who == Integrator ? StatusCode.NotFound : StatusCode.PermissionDenied), $"{who} {method.FullName} {code}");
                Assert.That(await Call(channel, method, Filled(method, Guid.NewGuid()), who), Is.EqualTo((status, code)), $"{who} {method.FullName}: nothing may tell it from what does not exist.");
            }

            StatusCode[] own = [(await Call(channel, method, Filled(method, id), "partner-pirkanmaa")).Status, (await Call(channel, method, Filled(method, id), "coordinator-sisa")).Status];
            Assert.That(own, Has.Some.EqualTo(StatusCode.OK).Or.Some.EqualTo(StatusCode.FailedPrecondition), $"Those whose it is, {method.FullName}: {string.Join(", ", own)}");
            tried.Add(method.Name);
        }

        Assert.That(tried, Has.Count.GreaterThanOrEqualTo(8), string.Join(", ", tried));
    }

    /// <summary>The body that the description of the API shows for the endpoint, or none where it takes none.</summary>
    private static JsonObject? BodyOf(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is null)
        {
            return null;
        }

        var name = endpoint.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
        return PublishedApi.Operations().Single(operation => operation.Name == name).Example;
    }

    private static async Task<(HttpStatusCode Status, string Text)> Call(HttpClient client, string method, string pattern, Guid id, JsonObject? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), pattern.Replace("{id:guid}", id.ToString(), StringComparison.Ordinal));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.IsSuccessStatusCode)
        {
            return (answer.StatusCode, string.Empty);
        }

        var problem = await answer.Json();
        problem.Remove("traceId");
        return (answer.StatusCode, problem.ToJsonString());
    }

    private async Task<(StatusCode Status, string? Code)> Call(Grpc.Net.Client.GrpcChannel channel, MethodDescriptor described, IMessage request, string who)
    {
        var bytes = Marshallers.Create(message => message, message => message);
        var method = new Method<byte[], byte[]>(MethodType.Unary, described.Service.FullName, described.Name, bytes, bytes);
        try
        {
            await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(await _intake.TokenOf(who)), request.ToByteArray());
            return (StatusCode.OK, null);
        }
        catch (RpcException refused)
        {
            return (refused.StatusCode, GrpcProblems.CodeOf(refused));
        }
    }

    /// <summary>An id of something that is there already; what a caller chooses anew is none.</summary>
    private static bool NamesSomething(FieldDescriptor field) => field.Name == "id" || (field.Name.EndsWith("_id", StringComparison.Ordinal) && field.Name is not ("message_id" or "text_id"));

    private static IMessage Filled(MethodDescriptor method, Guid id)
    {
        var request = new JsonObject();
        foreach (var field in method.InputType.Fields.InDeclarationOrder())
        {
            JsonNode? value = (method.Name, field.Name) switch
            {
                _ when NamesSomething(field) => id.ToString(),
                ("Read", "text_id") => null,
                (_, "text_id" or "message_id") => Guid.NewGuid().ToString(),
                (_, "expected_version") => 1,
                (_, "text") => "Sana.",
                (_, "purpose") => "triage",
                (_, "kind") => "note",
                (_, "high_risk") => true,
                _ => null,
            };
            if (value is not null)
            {
                request[field.JsonName] = value;
            }
        }

        return JsonParser.Default.Parse(request.ToJsonString(), method.InputType);
    }

    private async Task<Guid> Consultation()
    {
        using var submitted = await _owner.Submit(Calls.Sample());
        submitted.EnsureSuccessStatusCode();
        return (await submitted.Json())["id"]!.GetValue<Guid>();
    }
}

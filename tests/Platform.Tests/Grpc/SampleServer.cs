using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;
using OtPlatform.Platform.Tests.Grpc.V1;

namespace OtPlatform.Platform.Tests.Grpc;

/// <summary>A service of the platform whose store and broker are away, on a free port.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    public const string Scope = "samples.act";

    private readonly WebApplication application;

    private SampleServer(WebApplication application)
    {
        this.application = application;
        Channel = GrpcChannel.ForAddress(Address);
        Client = new Sample.SampleClient(Channel);
    }

    public Uri Address => new(application.Urls.Single());

    public GrpcChannel Channel { get; }

    public Sample.SampleClient Client { get; }

    public SampleCalls Calls => application.Services.GetRequiredService<SampleCalls>();

    public static async Task<SampleServer> Start(string keyFile, Uri? next = null, ServiceCallOptions? options = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration["Auth:DevelopmentKeyFile"] = keyFile;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.AddPlatform(new ServiceIdentity("sample"), [Scope]);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create("Host=127.0.0.1;Port=1"));
        builder.Services.AddSingleton<RelayHealth>();
        builder.Services.AddSingleton<SampleCalls>();
        builder.Services.AddServiceClient<Sample.SampleClient>(next ?? new Uri("http://127.0.0.1:1"), options);
        var application = builder.Build();
        application.UsePlatform([new DevelopmentClient("aino", [Scope], new Dictionary<string, string>()), new DevelopmentClient("eino", [], new Dictionary<string, string>())]);
        application.MapGrpcService<SampleService>();
        await application.StartAsync();
        return new SampleServer(application);
    }

    public static string FreshKey()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        return file;
    }

    public async Task<Metadata> SignIn(string clientId)
    {
        using var http = Http();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["client_secret"] = DevelopmentClient.Secret });
        using var answer = await http.PostAsync(new Uri("/dev/token", UriKind.Relative), form);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        return new Metadata { { "authorization", $"Bearer {token}" } };
    }

    public HttpClient Http() => new() { BaseAddress = Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

    public Task Stop() => application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }
}

/// <summary>How often the server was called, and how often it shall be away first.</summary>
internal sealed class SampleCalls
{
    public int Count { get; set; }

    public int AwayFor { get; set; }
}

[Authorize(SampleServer.Scope)]
internal sealed class SampleService(SampleCalls calls, Sample.SampleClient next) : Sample.SampleBase
{
    public static readonly Rejection RuleSaysNo = new("sample.closed", "It is closed.");
    public static readonly Rejection Unknown = new("sample.unknown", "There is no such thing.", RejectionKind.NotFound);

    public override Task<ActReply> Act(ActRequest request, ServerCallContext context)
    {
        calls.Count++;
        if (calls.Count <= calls.AwayFor)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "secret place"));
        }

        return request.How switch
        {
            "rule" => throw new RejectedException(RuleSaysNo),
            "unknown" => throw new RejectedException(Unknown),
            "malformed" => throw new InvalidInputException(new Dictionary<string, Message> { ["$.county"] = "Required.", ["$.age"] = "A number." }),
            "stale" => throw new StaleVersionException(3, 5),
            "raced" => throw new JasperFx.ConcurrencyException("secret", null, null),
            "away" => throw new TimeoutException("secret"),
            "denied" => throw new RpcException(new Status(StatusCode.PermissionDenied, "Not yours.")),
            "broken" => throw new InvalidOperationException("secret"),
            _ => Task.FromResult(new ActReply { Caller = Caller.From(context.GetHttpContext().User).Subject, Calls = calls.Count }),
        };
    }

    public override async Task<ActReply> Look(ActRequest request, ServerCallContext context)
    {
        if (request.How == "slow")
        {
            await Task.Delay(TimeSpan.FromSeconds(30), context.CancellationToken);
        }

        return await Act(request, context);
    }

    public override async Task<ActReply> PassOn(ActRequest request, ServerCallContext context) =>
        request.How == "act" ? await next.ActAsync(request) : await next.LookAsync(request);

    public override async Task Watch(ActRequest request, IServerStreamWriter<ActReply> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new ActReply { Caller = Caller.From(context.GetHttpContext().User).Subject });
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
    }
}

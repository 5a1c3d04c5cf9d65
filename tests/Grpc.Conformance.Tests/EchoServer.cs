using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OtPlatform.CallConformance;

/// <summary>The echo service on Kestrel, HTTP/2 without TLS, on a free port.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication application;

    private EchoServer(WebApplication application) => this.application = application;

    public string Address => application.Urls.Single();

    public int Port => new Uri(Address).Port;

    public CallLog Log => application.Services.GetRequiredService<CallLog>();

    public IServiceProvider Services => application.Services;

    public static async Task<EchoServer> Start(Action<GrpcServiceOptions>? configure = null, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddGrpc(configure ?? (_ => { }));
        builder.Services.AddAuthentication(Named.Scheme).AddScheme<AuthenticationSchemeOptions, Named>(Named.Scheme, null);
        builder.Services.AddAuthorization(authorization => authorization.AddPolicy("clerks", policy => policy.RequireClaim("role", "clerk")));
        build?.Invoke(builder);
        var application = builder.Build();
        application.UseAuthentication();
        application.UseAuthorization();
        application.MapGrpcService<EchoService>();
        map?.Invoke(application);
        await application.StartAsync();
        return new EchoServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    /// <summary><c>Authorization: Name aino</c> signs Aino in.</summary>
    private sealed class Named(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public new const string Scheme = "Name";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            if (!header.StartsWith($"{Scheme} ", StringComparison.Ordinal))
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, header[(Scheme.Length + 1)..])], Scheme);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme)));
        }
    }
}

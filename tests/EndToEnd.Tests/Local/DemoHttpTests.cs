using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class DemoHttpTests
{
    /// <summary>Were a failure kept that came at once, the one whose token it is would never answer anybody again.</summary>
    [Test]
    public async Task A_token_that_could_not_be_had_is_asked_for_again_and_one_that_was_is_not()
    {
        var given = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var issuer = builder.Build();
        issuer.MapPost("/dev/token", () => Results.Json(new { access_token = $"token {++given}" }));
        await issuer.StartAsync();
        using var http = new DemoHttp(TokensFrom($"{issuer.Urls.Single()}/dev/token"));

        Assert.That(async () => await http.Token("expert", new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await http.Token("expert", CancellationToken.None), Is.EqualTo("token 1"));
        Assert.That(await http.Token("expert", CancellationToken.None), Is.EqualTo("token 1"));
    }

    private static Endpoints TokensFrom(string address) => new()
    {
        Token = address,
        Rest = new Dictionary<string, string>(),
        Grpc = new Dictionary<string, string>(),
        Postgres = "",
        Databases = new Dictionary<string, string>(),
        RabbitMq = "",
        RabbitMqManagement = "",
        Pids = new Dictionary<string, IReadOnlyList<int>>(),
        Data = "",
    };
}

using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.CallConformance.V1;

namespace OtPlatform.CallConformance;

/// <summary>Interceptors, clients from the container, and handlers before them.</summary>
[TestFixture]
internal sealed class HostingTests
{
    [Test]
    public async Task Interceptors_of_the_server_stand_in_the_order_in_which_they_were_added()
    {
        var steps = new List<string>();
        await using var server = await EchoServer.Start(options =>
        {
            options.Interceptors.Add<Noting>("outer", steps);
            options.Interceptors.Add<Noting>("inner", steps);
        });
        using var channel = GrpcChannel.ForAddress(server.Address);
        await new Echo.EchoClient(channel).SayAsync(new SayRequest());
        Assert.That(steps, Is.EqualTo(new[] { "outer begins", "inner begins", "inner ends", "outer ends" }));
    }

    [Test]
    public async Task An_interceptor_of_the_server_may_answer_for_the_service()
    {
        await using var server = await EchoServer.Start(options => options.Interceptors.Add<Closed>());
        using var channel = GrpcChannel.ForAddress(server.Address);
        var client = new Echo.EchoClient(channel);
        var unary = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest()))!;
        using var stream = client.Count(new CountRequest { UpTo = 3 });
        var streamed = Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None))!;
        Assert.Multiple(() =>
        {
            Assert.That(unary.Status.Detail, Is.EqualTo("closed today"));
            Assert.That(streamed.Status.Detail, Is.EqualTo("closed today"));
        });
    }

    [Test]
    public async Task A_whole_service_may_ask_for_authorization()
    {
        await using var server = await EchoServer.Start(map: application => application.MapGrpcService<GuardedEcho>().RequireAuthorization());
        using var channel = GrpcChannel.ForAddress(server.Address);
        var failure = Assert.ThrowsAsync<RpcException>(async () => await new Twin.TwinClient(channel).SayAsync(new SayRequest()))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
        var reply = await new Twin.TwinClient(channel).SayAsync(new SayRequest { Text = "x" }, new Metadata { { "authorization", "Name aino" } });
        Assert.That(reply.Text, Is.EqualTo("x"));
    }

    [Test]
    public async Task A_client_comes_from_the_container_and_its_handlers_see_each_call()
    {
        await using var server = await EchoServer.Start();
        var paths = new List<string>();
        var services = new ServiceCollection();
        services.AddGrpcClient<Echo.EchoClient>(options => options.Address = new Uri(server.Address))
            .AddHttpMessageHandler(() => new Seeing(paths));
        await using var provider = services.BuildServiceProvider();
        Assert.That((await provider.GetRequiredService<Echo.EchoClient>().SayAsync(new SayRequest { Text = "x" })).Text, Is.EqualTo("x"));
        Assert.That(paths, Is.EqualTo(new[] { "/otplatform.conformance.v1.Echo/Say" }));
    }

    [Test]
    public async Task A_client_from_the_container_has_its_interceptors_and_channel_options()
    {
        await using var server = await EchoServer.Start();
        var services = new ServiceCollection();
        services.AddSingleton<SigningIn>();
        services.AddGrpcClient<Echo.EchoClient>((_, options) => options.Address = new Uri(server.Address))
            .ConfigureChannel(options => options.MaxReceiveMessageSize = 100)
            .AddInterceptor<SigningIn>();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<Echo.EchoClient>();
        Assert.That((await client.GuardedAsync(new SayRequest { Text = "x" })).Text, Is.EqualTo("aino: x"));
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest { Text = new string('a', 200) }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task Credentials_of_a_call_go_over_a_plain_connection_only_if_that_is_said()
    {
        await using var server = await EchoServer.Start();
        async Task<Echo.EchoClient> Client(bool unsafely)
        {
            var services = new ServiceCollection();
            services.AddGrpcClient<Echo.EchoClient>(options => options.Address = new Uri(server.Address))
                .ConfigureChannel(options => options.UnsafeUseInsecureChannelCallCredentials = unsafely)
                .AddCallCredentials((_, metadata) =>
                {
                    metadata.Add("authorization", "Name aino");
                    return Task.CompletedTask;
                });
            await Task.CompletedTask;
            return services.BuildServiceProvider().GetRequiredService<Echo.EchoClient>();
        }

        Assert.That((await (await Client(unsafely: true)).GuardedAsync(new SayRequest { Text = "x" })).Text, Is.EqualTo("aino: x"));
        Assert.CatchAsync<InvalidOperationException>(async () => await (await Client(unsafely: false)).GuardedAsync(new SayRequest()));
    }

    [Test]
    public async Task A_service_can_be_called_in_memory()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddGrpc();
        builder.Services.AddAuthorization();
        await using var application = builder.Build();
        application.MapGrpcService<EchoService>();
        await application.StartAsync();
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = application.GetTestServer().CreateHandler() });
        var client = new Echo.EchoClient(channel);
        Assert.That((await client.SayAsync(new SayRequest { Text = "x" })).Text, Is.EqualTo("x"));
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new FailRequest { Code = 9 }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
        using var call = client.Converse();
        await call.RequestStream.WriteAsync(new SayRequest { Text = "y" });
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None), Is.True);
        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None), Is.False);
    }

    [Test]
    public async Task A_channel_that_is_disposed_ends_its_calls()
    {
        await using var server = await EchoServer.Start();
        var channel = GrpcChannel.ForAddress(server.Address);
        using var call = new Echo.EchoClient(channel).Count(new CountRequest { UpTo = 2, PauseMilliseconds = 60_000 });
        await call.ResponseStream.MoveNext(CancellationToken.None);
        channel.Dispose();
        Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Test]
    public async Task Two_thousand_calls_at_once_all_come_back()
    {
        await using var server = await EchoServer.Start();
        using var channel = GrpcChannel.ForAddress(server.Address);
        var client = new Echo.EchoClient(channel);
        var replies = await Task.WhenAll(Enumerable.Range(0, 2000).Select(number => client.SayAsync(new SayRequest { Text = $"{number}" }, deadline: DateTime.UtcNow.AddMinutes(1)).ResponseAsync));
        Assert.That(replies.Select(reply => reply.Text), Is.EqualTo(Enumerable.Range(0, 2000).Select(number => $"{number}")));
    }

    [Test]
    public async Task Many_calls_that_are_cancelled_at_any_moment_leave_the_channel_usable()
    {
        await using var server = await EchoServer.Start();
        using var channel = GrpcChannel.ForAddress(server.Address);
        var client = new Echo.EchoClient(channel);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(number % 30));
            using var call = client.Converse(cancellationToken: cancellation.Token);
            try
            {
                while (true)
                {
                    await call.RequestStream.WriteAsync(new SayRequest { Text = "x" }, CancellationToken.None);
                    await call.ResponseStream.MoveNext(CancellationToken.None);
                }
            }
            catch (RpcException failure)
            {
                Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Cancelled));
            }
        }));
        Assert.That((await client.SayAsync(new SayRequest { Text = "x" })).Text, Is.EqualTo("x"));
    }

    private sealed class Noting(string name, List<string> steps) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            steps.Add($"{name} begins");
            var response = await continuation(request, context);
            steps.Add($"{name} ends");
            return response;
        }
    }

    private sealed class Closed : Interceptor
    {
        private static readonly Status Today = new(StatusCode.Unavailable, "closed today");

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) => throw new RpcException(Today);

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) => throw new RpcException(Today);
    }

    private sealed class SigningIn : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(new Metadata { { "authorization", "Name aino" } })));
    }

    private sealed class Seeing(List<string> paths) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            paths.Add(request.RequestUri!.AbsolutePath);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class GuardedEcho : Twin.TwinBase
    {
        public override Task<SayReply> Say(SayRequest request, ServerCallContext context) => Task.FromResult(new SayReply { Text = request.Text });
    }
}

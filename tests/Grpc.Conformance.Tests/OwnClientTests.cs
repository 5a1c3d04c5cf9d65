using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.CallConformance.V1;

namespace OtPlatform.CallConformance;

/// <summary>The client against the server, in one process, over a real connection.</summary>
[TestFixture]
internal sealed class OwnClientTests
{
    private EchoServer server = null!;
    private GrpcChannel channel = null!;
    private Echo.EchoClient client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await EchoServer.Start();
        channel = GrpcChannel.ForAddress(server.Address);
        client = new Echo.EchoClient(channel);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        channel.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_single_question_gets_its_answer()
    {
        using var call = client.SayAsync(new SayRequest { Text = "Hyvää päivää" });
        var reply = await call;
        Assert.Multiple(() =>
        {
            Assert.That(reply.Text, Is.EqualTo("Hyvää päivää"));
            Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
            Assert.That(call.GetTrailers(), Is.Empty);
        });
    }

    [Test]
    public void A_caller_may_wait_on_its_thread() =>
        Assert.That(client.Say(new SayRequest { Text = "now" }).Text, Is.EqualTo("now"));

    [Test]
    public async Task An_empty_message_is_a_message() =>
        Assert.That(await client.SayAsync(new SayRequest()), Is.EqualTo(new SayReply()));

    [Test]
    public async Task A_hundred_calls_share_the_channel()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => client.SayAsync(new SayRequest { Text = $"{number}" }).ResponseAsync));
        Assert.That(replies.Select(reply => reply.Text), Is.EqualTo(Enumerable.Range(0, 100).Select(number => $"{number}")));
    }

    [Test]
    public async Task A_message_of_three_megabytes_comes_back_whole()
    {
        var filling = ByteString.CopyFrom([.. Enumerable.Range(0, 3 * 1024 * 1024).Select(number => (byte)number)]);
        Assert.That((await client.SayAsync(new SayRequest { Filling = filling })).Filling, Is.EqualTo(filling));
    }

    [Test]
    public async Task A_server_streams_its_answers_in_order()
    {
        using var call = client.Count(new CountRequest { UpTo = 500 });
        var numbers = new List<int>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            numbers.Add(reply.Number);
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 500)));
    }

    [Test]
    public async Task A_streamed_answer_arrives_before_the_next_is_made()
    {
        using var call = client.Count(new CountRequest { UpTo = 2, PauseMilliseconds = 60_000 });
        Assert.That(await call.ResponseStream.MoveNext(), Is.True);
        Assert.That(call.ResponseStream.Current.Number, Is.EqualTo(1));
    }

    [Test]
    public async Task A_stream_may_end_before_it_began()
    {
        using var call = client.Count(new CountRequest());
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task A_stream_that_fails_gives_what_came_before_and_then_its_status()
    {
        using var call = client.Count(new CountRequest { UpTo = 5, FailAfter = 2 });
        Assert.That(await call.ResponseStream.MoveNext() && await call.ResponseStream.MoveNext(), Is.True);
        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext())!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DataLoss));
            Assert.That(failure.Status.Detail, Is.EqualTo("lost on the way"));
            Assert.That(failure.Trailers.GetValue("counted"), Is.EqualTo("2"));
        });
    }

    [Test]
    public async Task A_client_streams_and_gets_one_answer()
    {
        using var call = client.Sum();
        foreach (var number in Enumerable.Range(1, 100))
        {
            await call.RequestStream.WriteAsync(new SumRequest { Number = number });
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call, Is.EqualTo(new SumReply { Total = 5050, Count = 100 }));
    }

    [Test]
    public async Task A_client_may_stream_nothing()
    {
        using var call = client.Sum();
        await call.RequestStream.CompleteAsync();
        Assert.That(await call, Is.EqualTo(new SumReply()));
    }

    [Test]
    public async Task A_server_may_refuse_in_the_middle_of_a_clients_stream()
    {
        using var call = client.Sum();
        await call.RequestStream.WriteAsync(new SumRequest { Number = -1 });
        var failure = Assert.ThrowsAsync<RpcException>(async () => await call)!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.OutOfRange));
        var late = Assert.CatchAsync(() => call.RequestStream.WriteAsync(new SumRequest()));
        Assert.That(late, Is.InstanceOf<RpcException>().Or.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public async Task Both_sides_stream_by_turns()
    {
        using var call = client.Converse();
        foreach (var text in new[] { "yksi", "kaksi", "kolme" })
        {
            await call.RequestStream.WriteAsync(new SayRequest { Text = text });
            Assert.That(await call.ResponseStream.MoveNext(), Is.True);
            Assert.That(call.ResponseStream.Current.Text, Is.EqualTo(text));
        }

        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
    }

    [Test]
    public async Task A_stream_takes_no_message_after_its_end()
    {
        using var call = client.Converse();
        await call.RequestStream.CompleteAsync();
        Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new SayRequest()));
    }

    [Test]
    public void A_refusal_has_code_text_and_trailers()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new FailRequest { Code = (int)StatusCode.FailedPrecondition, Detail = "100 % över gränsen\nrad två" }))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
            Assert.That(failure.Status.Detail, Is.EqualTo("100 % över gränsen\nrad två"));
            Assert.That(failure.Trailers.GetValue("reason"), Is.EqualTo("asked-for"));
            Assert.That(failure.Trailers.GetValueBytes("reason-bin"), Is.EqualTo(new byte[] { 0, 1, 254, 255 }));
        });
    }

    [TestCaseSource(nameof(Codes))]
    public void Every_code_arrives_as_it_was_sent(StatusCode code)
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new FailRequest { Code = (int)code }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(code));
    }

    [Test]
    public void An_unhandled_exception_is_unknown_and_keeps_its_text_to_itself()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new FailRequest { Unhandled = true, Detail = "secret" }))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unknown));
            Assert.That(failure.ToString(), Does.Not.Contain("secret"));
        });
    }

    [Test]
    public void A_method_that_nobody_wrote_is_unimplemented()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.UnwrittenAsync(new SayRequest()))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unimplemented));
    }

    [TestCase("otplatform.conformance.v1.Echo", "Shout")]
    [TestCase("otplatform.conformance.v1.Nobody", "Say")]
    public void An_unknown_method_or_service_is_unimplemented(string service, string name)
    {
        var marshaller = Marshallers.Create(_ => [], _ => string.Empty);
        var method = new Method<string, string>(MethodType.Unary, service, name, marshaller, marshaller);
        var failure = Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, "?"))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unimplemented));
    }

    [Test]
    public async Task Metadata_goes_both_ways_as_text_and_as_bytes()
    {
        byte[] bytes = [0, 255, 10, 13, 44, 1];
        var sent = new Metadata { { "Echo-Text", "plain text" }, { "echo-data-bin", bytes } };
        using var call = client.SayAsync(new SayRequest { Text = "x" }, sent);
        var headers = await call.ResponseHeadersAsync;
        await call;
        var trailers = call.GetTrailers();
        Assert.Multiple(() =>
        {
            Assert.That(headers.GetValue("echo-text"), Is.EqualTo("plain text"));
            Assert.That(headers.GetValueBytes("echo-data-bin"), Is.EqualTo(bytes));
            Assert.That(trailers.GetValue("trailing-echo-text"), Is.EqualTo("plain text"));
            Assert.That(trailers.GetValueBytes("trailing-echo-data-bin"), Is.EqualTo(bytes));
        });
    }

    [Test]
    public async Task Headers_come_before_the_first_answer_of_a_conversation()
    {
        using var call = client.Converse(new Metadata { { "echo-first", "yes" } });
        Assert.That((await call.ResponseHeadersAsync).GetValue("echo-first"), Is.EqualTo("yes"));
        await call.RequestStream.CompleteAsync();
        Assert.That(await call.ResponseStream.MoveNext(), Is.False);
    }

    [Test]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        var deadline = DateTime.UtcNow.AddMilliseconds(1500);
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest { WaitMilliseconds = 60_000 }, deadline: deadline))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        Assert.That(await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(deadline).Within(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_deadline_that_has_passed_sends_nothing()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest(), deadline: DateTime.UtcNow.AddSeconds(-1)))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public void A_deadline_in_the_middle_of_a_stream_ends_it()
    {
        using var call = client.Count(new CountRequest { UpTo = 1000, PauseMilliseconds = 50 }, deadline: DateTime.UtcNow.AddMilliseconds(300));
        var failure = Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
            }
        })!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task A_callers_token_cancels_the_call_on_both_sides()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        using var cancellation = new CancellationTokenSource();
        using var call = client.Count(new CountRequest { UpTo = 2, PauseMilliseconds = 60_000 }, cancellationToken: cancellation.Token);
        await call.ResponseStream.MoveNext();
        await cancellation.CancelAsync();
        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext())!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Cancelled));
        Assert.That(await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(DateTime.MaxValue));
    }

    [Test]
    public async Task A_call_that_is_disposed_is_cancelled_at_the_server()
    {
        server.Log.Cancelled = new TaskCompletionSource<DateTime>();
        using (var call = client.Count(new CountRequest { UpTo = 2, PauseMilliseconds = 60_000 }))
        {
            await call.ResponseStream.MoveNext();
        }

        await server.Log.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task A_cancelled_call_may_throw_as_tasks_do()
    {
        using var strict = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { ThrowOperationCanceledOnCancellation = true });
        using var cancellation = new CancellationTokenSource(200);
        Assert.CatchAsync<OperationCanceledException>(async () => await new Echo.EchoClient(strict).SayAsync(new SayRequest { WaitMilliseconds = 60_000 }, cancellationToken: cancellation.Token));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Messages_may_be_sent_as_gzip()
    {
        var reply = await client.SayAsync(new SayRequest { Text = new string('a', 10_000) }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        Assert.That(reply.Text, Has.Length.EqualTo(10_000));
    }

    [Test]
    public async Task Answers_come_as_gzip_from_a_server_that_is_set_so()
    {
        await using var compressing = await EchoServer.Start(options => options.ResponseCompressionAlgorithm = "gzip");
        using var own = GrpcChannel.ForAddress(compressing.Address);
        using var call = new Echo.EchoClient(own).SayAsync(new SayRequest { Text = new string('a', 10_000) });
        Assert.That((await call).Text, Has.Length.EqualTo(10_000));
    }

    [Test]
    public void A_request_over_four_megabytes_is_refused()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest { Filling = ByteString.CopyFrom(new byte[5 * 1024 * 1024]) }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public void A_small_zip_of_a_large_message_is_refused_too()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(
            new SayRequest { Filling = ByteString.CopyFrom(new byte[5 * 1024 * 1024]) },
            new Metadata { { "grpc-internal-encoding-request", "gzip" } }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public void A_client_receives_only_as_much_as_it_wants()
    {
        using var small = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 1000 });
        var failure = Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(small).SayAsync(new SayRequest { Text = new string('a', 2000) }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public void A_client_sends_only_as_much_as_it_may()
    {
        using var small = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxSendMessageSize = 1000 });
        var failure = Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(small).SayAsync(new SayRequest { Text = new string('a', 2000) }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public void Who_is_not_signed_in_is_unauthenticated()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.GuardedAsync(new SayRequest()))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [Test]
    public void Who_may_not_is_denied()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.ForClerksAsync(new SayRequest(), new Metadata { { "authorization", "Name aino" } }))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
    }

    [Test]
    public async Task Who_is_signed_in_is_known_to_the_service()
    {
        var reply = await client.GuardedAsync(new SayRequest { Text = "terve" }, new Metadata { { "authorization", "Name aino" } });
        Assert.That(reply.Text, Is.EqualTo("aino: terve"));
    }

    [Test]
    public async Task A_server_that_is_away_is_unavailable()
    {
        var gone = await EchoServer.Start();
        var address = gone.Address;
        await gone.DisposeAsync();
        using var own = GrpcChannel.ForAddress(address);
        var failure = Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(own).SayAsync(new SayRequest()))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unavailable));
    }

    [Test]
    public async Task A_status_is_only_known_when_the_call_has_ended()
    {
        using var call = client.Count(new CountRequest { UpTo = 2, PauseMilliseconds = 60_000 });
        await call.ResponseStream.MoveNext();
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }

    [Test]
    public async Task A_trace_goes_on_across_the_call()
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "System.Net.Http" or "test", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        var stopped = new List<Activity>();
        listener.ActivityStopped = activity =>
        {
            lock (stopped)
            {
                stopped.Add(activity);
            }
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        using var caller = source.StartActivity("caller")!;
        await client.SayAsync(new SayRequest());
        Assert.That(
            () =>
            {
                lock (stopped)
                {
                    return stopped.Where(activity => activity.TraceId == caller.TraceId && activity.Kind == ActivityKind.Server).Select(activity => activity.GetTagItem("grpc.method")).ToList();
                }
            },
            Is.EqualTo(new[] { "/otplatform.conformance.v1.Echo/Say" }).After(5000, 20));
    }

    private static IEnumerable<StatusCode> Codes() => Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK);
}

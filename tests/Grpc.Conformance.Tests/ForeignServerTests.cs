using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.CallConformance.V1;

namespace OtPlatform.CallConformance;

/// <summary>The client against somebody else's server.</summary>
[TestFixture]
internal sealed class ForeignServerTests
{
    private ForeignPeer peer = null!;
    private GrpcChannel channel = null!;
    private Echo.EchoClient client = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        peer = await ForeignPeer.Start();
        channel = GrpcChannel.ForAddress(await peer.Serve());
        client = new Echo.EchoClient(channel);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        channel.Dispose();
        await peer.DisposeAsync();
    }

    [Test]
    public async Task A_single_question_gets_its_answer()
    {
        var filling = ByteString.CopyFrom([.. Enumerable.Range(0, 2 * 1024 * 1024).Select(number => (byte)number)]);
        var reply = await client.SayAsync(new SayRequest { Text = "Hyvää päivää", Filling = filling });
        Assert.That(reply, Is.EqualTo(new SayReply { Text = "Hyvää päivää", Filling = filling }));
    }

    [Test]
    public async Task A_server_streams_its_answers_in_order()
    {
        using var call = client.Count(new CountRequest { UpTo = 300 });
        var numbers = new List<int>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            numbers.Add(reply.Number);
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 300)));
    }

    [Test]
    public async Task A_stream_that_fails_gives_what_came_before_and_then_its_status()
    {
        using var call = client.Count(new CountRequest { UpTo = 5, FailAfter = 2 });
        Assert.That(await call.ResponseStream.MoveNext() && await call.ResponseStream.MoveNext(), Is.True);
        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext())!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DataLoss));
        Assert.That(failure.Trailers.GetValue("counted"), Is.EqualTo("2"));
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
    public async Task Metadata_goes_both_ways_as_text_and_as_bytes()
    {
        byte[] bytes = [0, 255, 10, 13, 44, 1];
        using var call = client.SayAsync(new SayRequest(), new Metadata { { "echo-text", "plain" }, { "echo-data-bin", bytes } });
        var headers = await call.ResponseHeadersAsync;
        await call;
        Assert.Multiple(() =>
        {
            Assert.That(headers.GetValue("echo-text"), Is.EqualTo("plain"));
            Assert.That(headers.GetValueBytes("echo-data-bin"), Is.EqualTo(bytes));
            Assert.That(call.GetTrailers().GetValueBytes("trailing-echo-data-bin"), Is.EqualTo(bytes));
        });
    }

    [Test]
    public void A_refusal_has_code_text_and_trailers()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new FailRequest { Code = (int)StatusCode.FailedPrecondition, Detail = "100 % över gränsen" }))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
            Assert.That(failure.Status.Detail, Is.EqualTo("100 % över gränsen"));
            Assert.That(failure.Trailers.GetValue("reason"), Is.EqualTo("asked-for"));
            Assert.That(failure.Trailers.GetValueBytes("reason-bin"), Is.EqualTo(new byte[] { 0, 1, 254, 255 }));
        });
    }

    [Test]
    public void A_method_that_nobody_wrote_is_unimplemented()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.UnwrittenAsync(new SayRequest()))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Unimplemented));
    }

    [Test]
    public void A_deadline_ends_the_call()
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest { WaitMilliseconds = 20_000 }, deadline: DateTime.UtcNow.AddMilliseconds(300)))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task A_callers_token_cancels_the_call()
    {
        using var cancellation = new CancellationTokenSource(300);
        var failure = Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new SayRequest { WaitMilliseconds = 20_000 }, cancellationToken: cancellation.Token))!;
        Assert.That(failure.StatusCode, Is.EqualTo(StatusCode.Cancelled));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Messages_may_be_sent_as_gzip()
    {
        var reply = await client.SayAsync(new SayRequest { Text = new string('a', 10_000) }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        Assert.That(reply.Text, Has.Length.EqualTo(10_000));
    }
}

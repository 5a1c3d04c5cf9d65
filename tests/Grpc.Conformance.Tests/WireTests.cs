using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using OtPlatform.CallConformance.V1;

namespace OtPlatform.CallConformance;

/// <summary>The server's bytes and headers, seen by a plain HTTP client.</summary>
[TestFixture]
internal sealed class WireTests
{
    private const string Say = "/otplatform.conformance.v1.Echo/Say";

    private EchoServer server = null!;
    private EchoServer compressing = null!;
    private HttpClient http = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await EchoServer.Start();
        compressing = await EchoServer.Start(options => options.ResponseCompressionAlgorithm = "gzip");
        http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        http.Dispose();
        await server.DisposeAsync();
        await compressing.DisposeAsync();
    }

    [Test]
    public async Task An_answer_is_one_frame_and_its_status_a_trailer()
    {
        using var answer = await Send(server, Say, Frame(new SayRequest { Text = "terve" }));
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/grpc"));
            Assert.That(body, Is.EqualTo(Frame(new SayReply { Text = "terve" })));
            Assert.That(answer.Headers.Contains("grpc-status"), Is.False);
            Assert.That(answer.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "0" }));
        });
    }

    [Test]
    public async Task An_early_refusal_is_headers_only()
    {
        using var answer = await Send(server, "/otplatform.conformance.v1.Echo/Fail", Frame(new FailRequest { Code = 9, Detail = "yö" }));
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "9" }));
            Assert.That(answer.Headers.GetValues("grpc-message"), Is.EqualTo(new[] { "y%C3%B6" }));
            Assert.That(answer.Headers.GetValues("reason"), Is.EqualTo(new[] { "asked-for" }));
            Assert.That(answer.TrailingHeaders, Is.Empty);
        });
    }

    [TestCase("application/json")]
    [TestCase("application/grpc-web")]
    public async Task Another_content_type_is_415(string type)
    {
        using var answer = await Send(server, Say, Frame(new SayRequest()), type);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("application/grpc")]
    [TestCase("application/grpc+proto")]
    [TestCase("application/grpc; charset=utf-8")]
    public async Task These_content_types_are_grpc(string type)
    {
        using var answer = await Send(server, Say, Frame(new SayRequest()), type);
        Assert.That(await StatusOf(answer), Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task Only_a_post_is_a_call()
    {
        using var answer = await http.GetAsync(new Uri(server.Address + Say));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed).Or.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Other_requests_to_paths_of_two_parts_still_find_nothing()
    {
        using var answer = await http.GetAsync(new Uri($"{server.Address}/v1/nothing"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_compressed_answer_says_so_in_its_flag_and_header()
    {
        var reply = new SayReply { Text = new string('a', 500) };
        using var answer = await Send(compressing, Say, Frame(new SayRequest { Text = reply.Text }), headers: [("grpc-accept-encoding", "identity,gzip")]);
        var body = await answer.Content.ReadAsByteArrayAsync();
        using var unzipped = new MemoryStream();
        await using (var zip = new GZipStream(new MemoryStream(body[5..]), CompressionMode.Decompress))
        {
            await zip.CopyToAsync(unzipped);
        }

        Assert.Multiple(() =>
        {
            Assert.That(answer.Headers.GetValues("grpc-encoding"), Is.EqualTo(new[] { "gzip" }));
            Assert.That(body[0], Is.EqualTo(1));
            Assert.That(BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)), Is.EqualTo(body.Length - 5));
            Assert.That(unzipped.ToArray(), Is.EqualTo(reply.ToByteArray()));
        });
    }

    [Test]
    public async Task Who_does_not_accept_compression_gets_none()
    {
        using var answer = await Send(compressing, Say, Frame(new SayRequest { Text = "terve" }));
        Assert.That((await answer.Content.ReadAsByteArrayAsync())[0], Is.Zero);
    }

    [Test]
    public async Task An_unknown_compression_is_unimplemented_and_the_known_ones_are_told()
    {
        var frame = Frame(new SayRequest());
        frame[0] = 1;
        using var answer = await Send(server, Say, frame, headers: [("grpc-encoding", "snappy")]);
        Assert.That(await StatusOf(answer), Is.EqualTo(StatusCode.Unimplemented));
        Assert.That(string.Join(",", answer.Headers.GetValues("grpc-accept-encoding")), Does.Contain("gzip"));
    }

    [TestCase(new byte[] { 0, 0, 0, 0, 9, 1, 2 }, TestName = "A_message_that_breaks_off_is_an_internal_error")]
    [TestCase(new byte[] { 0, 0 }, TestName = "A_frame_that_breaks_off_is_an_internal_error")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, TestName = "Two_messages_where_one_belongs_are_an_internal_error")]
    [TestCase(new byte[] { 7, 0, 0, 0, 0 }, TestName = "An_unknown_flag_is_an_internal_error")]
    [TestCase(new byte[] { 1, 0, 0, 0, 0 }, TestName = "A_compressed_message_of_a_call_without_compression_is_an_internal_error")]
    [TestCase(new byte[] { }, TestName = "No_message_where_one_belongs_is_an_internal_error")]
    public async Task Broken(byte[] body)
    {
        using var answer = await Send(server, Say, body);
        Assert.That(await StatusOf(answer), Is.EqualTo(StatusCode.Internal));
    }

    [TestCase("50m", StatusCode.DeadlineExceeded)]
    [TestCase("50000u", StatusCode.DeadlineExceeded)]
    [TestCase("50000000n", StatusCode.DeadlineExceeded)]
    [TestCase("20S", StatusCode.OK)]
    [TestCase("1M", StatusCode.OK)]
    [TestCase("99999999H", StatusCode.OK)]
    public async Task A_timeout_may_have_any_unit(string timeout, StatusCode expected)
    {
        using var answer = await Send(server, Say, Frame(new SayRequest { WaitMilliseconds = 400 }), headers: [("grpc-timeout", timeout)]);
        Assert.That(await StatusOf(answer), Is.EqualTo(expected));
    }

    [TestCase("AP8KDSwB")]
    [TestCase("AP8KDSwBAA==")]
    [TestCase("AP8KDSwBAA")]
    public async Task Binary_metadata_may_be_padded_or_not_and_goes_out_without(string value)
    {
        using var answer = await Send(server, Say, Frame(new SayRequest()), headers: [("echo-data-bin", value)]);
        Assert.That(answer.Headers.GetValues("echo-data-bin").Select(sent => sent.TrimEnd('=')), Is.EqualTo(new[] { value.TrimEnd('=') }));
    }

    [Test]
    public async Task An_answer_arrives_at_the_deadline_even_if_the_service_does_not_listen()
    {
        await using var deaf = await EchoServer.Start(build: builder => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddScoped<EchoService>(builder.Services, _ => new DeafService()));
        using var answer = await Send(deaf, Say, Frame(new SayRequest()), headers: [("grpc-timeout", "200m")]);
        Assert.That(await StatusOf(answer), Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    private static byte[] Frame(IMessage message)
    {
        var payload = message.ToByteArray();
        var frame = new byte[5 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private static async Task<StatusCode> StatusOf(HttpResponseMessage answer)
    {
        await answer.Content.ReadAsByteArrayAsync();
        var values = answer.TrailingHeaders.TryGetValues("grpc-status", out var trailing) ? trailing : answer.Headers.GetValues("grpc-status");
        return (StatusCode)int.Parse(values.Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<HttpResponseMessage> Send(EchoServer target, string path, byte[] body, string type = "application/grpc", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Address + path)
        {
            Content = new ByteArrayContent(body),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private sealed class DeafService() : EchoService(new CallLog())
    {
        public override async Task<SayReply> Say(SayRequest request, ServerCallContext context)
        {
            await Task.Delay(3000, CancellationToken.None);
            return new SayReply();
        }
    }
}

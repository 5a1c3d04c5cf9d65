using System.Net;
using System.Net.Sockets;
using System.Text;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Http;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace OtPlatform.Intake.Tests.Webhooks;

/// <summary>Partners name addresses that we call: none of them may lead into our own network.</summary>
[TestFixture]
internal sealed class ReceiverAddressesTests
{
    private static readonly ReceiverAddresses Strict = new(new WebhookOptions());
    private static readonly ReceiverAddresses Local = new(new WebhookOptions { AllowLoopback = true });

    [TestCase("0.0.0.0")]
    [TestCase("10.1.2.3")]
    [TestCase("100.64.0.1")]
    [TestCase("100.100.100.200")]
    [TestCase("127.0.0.1")]
    [TestCase("127.255.255.254")]
    [TestCase("168.63.129.16")]
    [TestCase("169.254.169.254")]
    [TestCase("172.16.0.1")]
    [TestCase("172.31.255.255")]
    [TestCase("192.0.0.192")]
    [TestCase("192.0.2.1")]
    [TestCase("192.168.1.1")]
    [TestCase("198.18.0.1")]
    [TestCase("203.0.113.7")]
    [TestCase("224.0.0.1")]
    [TestCase("255.255.255.255")]
    [TestCase("::")]
    [TestCase("::1")]
    [TestCase("::ffff:10.0.0.1")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("64:ff9b::a00:1")]
    [TestCase("2001::1")]
    [TestCase("2001:db8::1")]
    [TestCase("2002:a00:1::1")]
    [TestCase("fc00::1")]
    [TestCase("fd00:ec2::254")]
    [TestCase("fe80::1")]
    [TestCase("ff02::1")]
    public void What_is_not_the_public_internet_is_refused(string address) => Assert.That(PublicAddresses.Contains(IPAddress.Parse(address)), Is.False);

    [TestCase("8.8.8.8")]
    [TestCase("100.63.255.255")]
    [TestCase("100.128.0.1")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.1")]
    [TestCase("192.167.255.255")]
    [TestCase("223.255.255.255")]
    [TestCase("::ffff:8.8.8.8")]
    [TestCase("2001:4860:4860::8888")]
    [TestCase("2a00:1190::1")]
    public void The_public_internet_is_called(string address) => Assert.That(PublicAddresses.Contains(IPAddress.Parse(address)), Is.True);

    [TestCase("https://case-system.example/ot")]
    [TestCase("https://case-system.example:8443/ot?key=1")]
    [TestCase("https://8.8.8.8/ot")]
    [TestCase("https://xn--itms-loa.example/ot")]
    public void An_https_address_is_accepted(string url) => Assert.That(Strict.Accept(url, "$.url").AbsoluteUri, Is.EqualTo(url));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("ot")]
    [TestCase("/ot")]
    [TestCase("http://case-system.example/ot")]
    [TestCase("ftp://case-system.example/ot")]
    [TestCase("file:///etc/passwd")]
    [TestCase("https://user:word@case-system.example/ot")]
    [TestCase("https://case-system.example/ot#part")]
    [TestCase("https://case-system.example:0/ot")]
    [TestCase("https://localhost/ot")]
    [TestCase("https://127.0.0.1/ot")]
    [TestCase("https://2130706433/ot")]
    [TestCase("https://0x7f.1/ot")]
    [TestCase("https://[::1]/ot")]
    [TestCase("https://[::ffff:10.0.0.1]/ot")]
    [TestCase("https://169.254.169.254/latest/meta-data")]
    [TestCase("https://10.0.0.1/ot")]
    [TestCase("https://xn--/ot")]
    [TestCase("https://a.xn--zzzzzz9999999999.example/ot")]
    public void Any_other_address_is_refused(string? url) => Assert.Throws<InvalidInputException>(() => Strict.Accept(url, "$.url"));

    [Test]
    public void An_address_has_2000_characters_at_most()
    {
        const string Start = "https://case-system.example/";
        Assert.DoesNotThrow(() => Strict.Accept(Start + new string('a', 2_000 - Start.Length), "$.url"));
        Assert.Throws<InvalidInputException>(() => Strict.Accept(Start + new string('a', 2_001 - Start.Length), "$.url"));
    }

    [TestCase("http://127.0.0.1:5000/ot", true)]
    [TestCase("http://localhost:5000/ot", true)]
    [TestCase("http://[::1]:5000/ot", true)]
    [TestCase("http://10.0.0.1/ot", false)]
    [TestCase("http://case-system.example/ot", false)]
    [TestCase("https://10.0.0.1/ot", false)]
    public void In_Development_the_machine_itself_is_called_too_but_nothing_else_over_http(string url, bool accepted) =>
        Assert.That(() => Local.Accept(url, "$.url"), accepted ? Throws.Nothing : Throws.TypeOf<InvalidInputException>());

    [TestCase("http://case-system.example/", "8.8.8.8", false)]
    [TestCase("https://case-system.example/", "8.8.8.8", true)]
    [TestCase("https://case-system.example/", "10.0.0.1", false)]
    [TestCase("https://case-system.example/", "::ffff:127.0.0.1", true)]
    public void What_a_name_leads_to_is_looked_at_again(string url, string address, bool allowed) =>
        Assert.That(Local.Allows(new Uri(url), IPAddress.Parse(address)), Is.EqualTo(allowed));

    [Test]
    public void Outside_Development_the_setting_stops_the_service() =>
        Assert.Throws<MissingSettingException>(() => new WebhookOptions { AllowLoopback = true }.Checked(development: false));

    [Test]
    public async Task A_name_that_leads_to_the_machine_itself_is_refused_at_the_connection()
    {
        using var inside = WireMockServer.Start();
        inside.Given(Request.Create().UsingAnyMethod()).RespondWith(Response.Create().WithSuccess());
        using var strict = new Receivers(new WebhookOptions { FirstPause = TimeSpan.Zero }, Strict);
        using var local = new Receivers(new WebhookOptions(), Local);
        var address = new Uri(inside.Url);
        var refused = await Send(strict, address);
        Assert.That((refused.Failure, inside.LogEntries.Count), Is.EqualTo((DeliveryFailure.AddressRefused, 0)));
        Assert.That((await Send(local, address)).Failure, Is.Null, "The same name where it is allowed.");
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        using var inside = WireMockServer.Start();
        using var outside = WireMockServer.Start();
        outside.Given(Request.Create().UsingAnyMethod()).RespondWith(Response.Create().WithStatusCode(HttpStatusCode.TemporaryRedirect).WithHeader("Location", inside.Url));
        using var local = new Receivers(new WebhookOptions(), Local);
        var round = await Send(local, new Uri(outside.Url));
        Assert.That((round.Failure, outside.LogEntries.Count, inside.LogEntries.Count), Is.EqualTo((DeliveryFailure.Redirected(307), 1, 0)));
    }

    [Test]
    public async Task The_body_of_an_answer_is_not_read_beyond_a_little()
    {
        const int Chunk = 64 * 1024;
        const long Endless = 1_000_000_000;
        var talkative = new TcpListener(IPAddress.Loopback, 0);
        talkative.Start();
        var talking = Task.Run(async () =>
        {
            using var connection = await talkative.AcceptTcpClientAsync();
            await using var stream = connection.GetStream();
            _ = await stream.ReadAsync(new byte[Chunk]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Endless}\r\n\r\n"));
            var said = 0L;
            try
            {
                for (; said < Endless; said += Chunk)
                {
                    await stream.WriteAsync(new byte[Chunk]);
                }
            }
            catch (IOException)
            {
                // Nobody listens any more.
            }

            return said;
        });
        using var local = new Receivers(new WebhookOptions(), Local);
        var round = await Send(local, new Uri($"http://{talkative.LocalEndpoint}/"));
        Assert.That(round.Failure, Is.Null);
        Assert.That(await talking, Is.LessThan(Endless / 10));
        talkative.Stop();
    }

    private static Task<Round> Send(Receivers receivers, Uri address) =>
        receivers.Send(Guid.CreateVersion7(), address, Guid.CreateVersion7(), "{}"u8.ToArray(), () => "t=0,v1=0", () => true, CancellationToken.None);
}

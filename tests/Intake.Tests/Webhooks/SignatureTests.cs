using System.Text;
using System.Text.RegularExpressions;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.Webhooks;

[TestFixture]
internal sealed partial class SignatureTests
{
    // Computed with openssl dgst -sha256 -hmac.
    private const string OfTheOlder = "f4e66920efdff796dad7bb20e1778bf379e3bdfe13ef9b1ff816ecb11000f543";
    private const string Older = "otwh_1111111111111111111111111111111111111111111111111111111111111111";

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "webhooks.md"));
    private static readonly string Body = Example().Match(Page).Groups["body"].Value;
    private static readonly string Secret = Secrets().Match(Page).Value;
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1795161660);

    [Test]
    public void The_example_of_the_documentation_is_what_is_sent() =>
        Assert.That(Page, Does.Contain($"\nOT-Signature: {Signature.Of([Secret], At, Encoding.UTF8.GetBytes(Body))}\n"));

    [Test]
    public void During_an_overlap_each_secret_signs() =>
        Assert.That(
            Signature.Of([Secret, Older], At, Encoding.UTF8.GetBytes(Body)),
            Is.EqualTo($"{Signature.Of([Secret], At, Encoding.UTF8.GetBytes(Body))},v1={OfTheOlder}"));

    [Test]
    public void Every_secret_is_another_one_of_256_bits()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => Signature.NewSecret()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(secrets.Distinct().Count(), Is.EqualTo(100));
            Assert.That(secrets, Has.All.Match("^otwh_[0-9a-f]{64}$"));
        });
    }

    [TestCase(1, 0, 2.5)]
    [TestCase(1, 1, 5)]
    [TestCase(2, 1, 10)]
    [TestCase(5, 0.5, 60)]
    [TestCase(11, 1, 5120)]
    [TestCase(12, 1, 7200)]
    [TestCase(100, 1, 7200)]
    public void The_wait_doubles_up_to_its_bound_and_is_shortened_by_chance(int rounds, double chance, double seconds) =>
        Assert.That(new WebhookOptions().WaitAfter(rounds, chance).TotalSeconds, Is.EqualTo(seconds).Within(0.001));

    [GeneratedRegex("^(?<body>\\{\"id\".*\\})$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex("otwh_[0-9a-f]{64}")]
    private static partial Regex Secrets();
}

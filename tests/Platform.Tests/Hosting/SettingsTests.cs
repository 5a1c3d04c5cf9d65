using Microsoft.Extensions.Configuration;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Security;

namespace OtPlatform.Platform.Tests.Hosting;

[TestFixture]
internal sealed class SettingsTests
{
    [Test]
    public void A_missing_setting_is_named_as_its_environment_variable() =>
        Assert.That(() => Settings([]).Required<StoreSettings>("Store"), Throws.TypeOf<MissingSettingException>().With.Message.Contains("Store__ConnectionString"));

    [Test]
    public void A_blank_setting_is_a_missing_one() =>
        Assert.That(() => Settings(new() { ["Store:ConnectionString"] = " " }).Required<StoreSettings>("Store"), Throws.TypeOf<MissingSettingException>());

    [Test]
    public void A_given_setting_is_read() =>
        Assert.That(Settings(new() { ["Broker:Uri"] = "amqp://a:b@127.0.0.1:5672/x" }).Required<BrokerOptions>("Broker").Uri.AbsolutePath, Is.EqualTo("/x"));

    [Test]
    public void A_key_file_that_is_missing_or_no_key_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.That(() => Secrets.Read(file), Throws.TypeOf<MissingSettingException>().With.Message.Contains(file));
            File.WriteAllText(file, Convert.ToBase64String(new byte[16]));
            Assert.That(() => Secrets.Read(file), Throws.TypeOf<MissingSettingException>());
            File.WriteAllText(file, Convert.ToBase64String(new byte[32]));
            Assert.That(Secrets.Read(file), Has.Length.EqualTo(32));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.That(() => Secrets.Read(file), Throws.TypeOf<MissingSettingException>());
    }

    private static IConfiguration Settings(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();
}

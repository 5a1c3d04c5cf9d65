using OtPlatform.ExpertPool.Experts;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>The hash of a unit has to be the one that Intake gives its requests; Intake's tests hold the same value.</summary>
[TestFixture]
internal sealed class UnitsTests
{
    private static readonly Guid Hervanta = Guid.Parse("9cd2a11d-dfd7-9748-60c0-1fec52866294");

    private string _key = null!;
    private Units _units = null!;

    [OneTimeSetUp]
    public void MakeKey()
    {
        _key = Path.GetTempFileName();
        File.WriteAllText(_key, Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(number => (byte)number)]));
        _units = new Units(new UnitOptions { UnitKeyFile = _key });
    }

    [OneTimeTearDown]
    public void RemoveKey() => File.Delete(_key);

    [TestCase("partner-pirkanmaa/Hervannan perhekeskus")]
    [TestCase(" partner-pirkanmaa / Hervannan perhekeskus ")]
    public void A_unit_has_the_id_that_its_requests_carry(string unit) => Assert.That(_units.IdOf(unit), Is.EqualTo(Hervanta));

    [TestCase("partner-pirkanmaa/Nokian perhekeskus")]
    [TestCase("partner-kainuu/Hervannan perhekeskus")]
    public void Another_unit_has_another(string unit) => Assert.That(_units.IdOf(unit), Is.Not.EqualTo(Hervanta));

    [Test]
    public void A_slash_belongs_to_the_name_after_the_first() =>
        Assert.That(_units.IdOf("partner-kainuu/a/b"), Is.Not.EqualTo(_units.IdOf("partner-kainuu/a")));
}

using OtPlatform.Intake.Narratives;

namespace OtPlatform.Intake.Tests.Narratives;

/// <summary>A unit's id is compared with that of experts; ExpertPool's tests hold the same value.</summary>
[TestFixture]
internal sealed class PseudonymsTests
{
    private static readonly Guid Hervanta = Guid.Parse("9cd2a11d-dfd7-9748-60c0-1fec52866294");

    private string _matterKey = null!;
    private string _unitKey = null!;
    private Pseudonyms _pseudonyms = null!;

    [OneTimeSetUp]
    public void MakeKeys()
    {
        (_matterKey, _unitKey) = (Path.GetTempFileName(), Path.GetTempFileName());
        File.WriteAllText(_matterKey, Convert.ToBase64String(new byte[32]));
        File.WriteAllText(_unitKey, Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(number => (byte)number)]));
        _pseudonyms = new Pseudonyms(new PseudonymOptions { MatterKeyFile = _matterKey, UnitKeyFile = _unitKey });
    }

    [OneTimeTearDown]
    public void RemoveKeys()
    {
        File.Delete(_matterKey);
        File.Delete(_unitKey);
    }

    [Test]
    public void A_unit_has_the_id_that_its_experts_have() => Assert.That(_pseudonyms.Unit("partner-pirkanmaa", "Hervannan perhekeskus "), Is.EqualTo(Hervanta));

    [Test]
    public void A_matter_does_not_depend_on_the_units_key() =>
        Assert.That(
            _pseudonyms.Matter("partner-pirkanmaa", "PK-7F3A"),
            Is.EqualTo(new Pseudonyms(new PseudonymOptions { MatterKeyFile = _matterKey, UnitKeyFile = _matterKey }).Matter("partner-pirkanmaa", " PK-7F3A")));
}

using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class ClockTests
{
    private string file = null!;

    [SetUp]
    public void ChooseFile() => file = Path.Combine(Path.GetTempPath(), $"ot-clock-{Guid.NewGuid():n}", "clock");

    [TearDown]
    public void RemoveIt()
    {
        if (Directory.Exists(Path.GetDirectoryName(file)))
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [TestCase("+3d", "3.00:00:00")]
    [TestCase("+2h", "02:00:00")]
    [TestCase("-1h", "-01:00:00")]
    [TestCase("+1d12h30m", "1.12:30:00")]
    [TestCase("-90s", "-00:01:30")]
    public void A_step_is_read(string text, string step) => Assert.That(Clock.Step(text)?.ToString("c"), Is.EqualTo(step));

    [TestCase("3d")]
    [TestCase("+")]
    [TestCase("+3")]
    [TestCase("+h")]
    [TestCase("+3w")]
    [TestCase("+2h1d")]
    [TestCase("tomorrow")]
    public void Anything_else_is_no_step(string text) => Assert.That(Clock.Step(text), Is.Null);

    [Test]
    public void Without_a_file_the_clock_is_right() => Assert.That(Clock.Read(file), Is.EqualTo(TimeSpan.Zero));

    [Test]
    public void An_offset_is_written_on_one_line_and_read_again()
    {
        Clock.Write(file, TimeSpan.FromDays(3));

        Assert.That(File.ReadAllText(file), Is.EqualTo("3.00:00:00\n"));
        Assert.That(Clock.Read(file), Is.EqualTo(TimeSpan.FromDays(3)));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(file)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_reader_never_sees_half_an_offset()
    {
        Clock.Write(file, TimeSpan.Zero);
        using var enough = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                Clock.Read(file);
            }
        });

        for (var step = 0; step < 500; step++)
        {
            Clock.Write(file, TimeSpan.FromDays(step));
        }

        enough.Cancel();
        Assert.That(async () => await reading, Throws.Nothing);
    }
}

using System.Text.Json;
using OtPlatform.Intake.Consultations;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>Codes of the test series 900 to 999, which no person has.</summary>
[TestFixture]
internal sealed class PersonalIdentityCodeTests
{
    [TestCaseSource(nameof(Signs))]
    public void A_code_is_found_with_every_century_sign(char sign) =>
        Assert.That(PersonalIdentityCode.IsIn(Code("010190", sign, "900")), Is.True);

    [TestCase("Asiakas {0} odottaa")]
    [TestCase("hetu:{0}.")]
    [TestCase("x{0}y")]
    [TestCase("12{0}34")]
    public void A_code_is_found_inside_longer_text(string text) =>
        Assert.That(PersonalIdentityCode.IsIn(string.Format(null, text, Code("131052", '-', "908"))), Is.True);

    [Test]
    public void A_code_is_found_when_it_is_split()
    {
        var code = Code("131052", '-', "908");
        Assert.Multiple(() =>
        {
            Assert.That(PersonalIdentityCode.IsIn(string.Join(' ', code.ToCharArray())), Is.True, "spaces");
            Assert.That(PersonalIdentityCode.IsIn($"{code[..6]}\n{code[6..]}"), Is.True, "line break");
            Assert.That(PersonalIdentityCode.IsIn($"{code[..6]}\u00a0{code[6..]}"), Is.True, "no-break space");
            Assert.That(PersonalIdentityCode.IsIn($"{code[..3]}\u200b{code[3..]}"), Is.True, "zero-width space");
        });
    }

    [TestCase('\u00ad')]
    [TestCase('\u2010')]
    [TestCase('\u2013')]
    [TestCase('\u2014')]
    [TestCase('\u2212')]
    public void A_code_is_found_with_another_dash(char dash) =>
        Assert.That(PersonalIdentityCode.IsIn(Code("131052", '-', "908").Replace('-', dash)), Is.True);

    [TestCase("13.10.52-308T")]
    [TestCase("13.10.1952-308T")]
    [TestCase("13.10.1952 308T")]
    [TestCase("13/10/52 - 308 T")]
    [TestCase("13-10-52-308T")]
    [TestCase("131052308T")]
    [TestCase("131052 308T")]
    [TestCase("131052308t.")]
    [TestCase("131052/308T")]
    [TestCase("131052_308T")]
    [TestCase("131052.308T")]
    [TestCase("(131052:308T)")]
    [TestCase("131052-308-T")]
    [TestCase("131052-308 - T.")]
    [TestCase("131052 308-T")]
    [TestCase("<b>131052</b>-308T")]
    [TestCase("131052<span class='x'>-</span>308T")]
    [TestCase("131052&#45;308T")]
    [TestCase("131052&#x2D;308T")]
    [TestCase("131052%2D308T")]
    [TestCase("131052%252D308T")]
    [TestCase("131052\\u002d308T")]
    [TestCase("**131052**-308T")]
    [TestCase("131052\\-308T")]
    public void A_code_is_found_however_its_parts_are_set_apart(string code)
    {
        Assert.That(PersonalIdentityCode.IsIn(code), Is.True);
        Assert.That(PersonalIdentityCode.IsIn(System.Text.RegularExpressions.Regex.Replace(code, "(308[ -]*)[Tt]", "$1U")), Is.False, "The control character decides.");
    }

    [TestCase("1.1.90-901R")]
    [TestCase("1.1.90 901R")]
    [TestCase("&#49;.&#49;.&#57;&#48;-&#57;&#48;&#49;R")]
    [TestCase("%31.%31.%39%30-%39%30%31R")]
    public void A_code_is_found_with_the_fewest_digits_that_it_can_have(string code) => Assert.That(PersonalIdentityCode.IsIn(code), Is.True);

    [TestCase("1.1.1990-900", 010190900)]
    [TestCase("5.3.52-908", 050352908)]
    [TestCase("1/12/1990 - 900", 011290900)]
    public void A_code_is_found_with_a_day_or_month_of_one_digit(string start, int digits)
    {
        var control = "0123456789ABCDEFHJKLMNPRSTUVWXY"[digits % 31];
        Assert.That("0123456789ABCDEFHJKLMNPRSTUVWXY".Where(letter => PersonalIdentityCode.IsIn($"hetu {start}{letter}")), Is.EqualTo(new[] { control }));
    }

    [Test]
    public void The_first_letter_of_a_word_that_stands_apart_is_no_control_character()
    {
        foreach (var letter in "ABCDEFHJKLMNPRSTUVWXY")
        {
            Assert.Multiple(() =>
            {
                Assert.That(PersonalIdentityCode.IsIn($"Tapaaminen 26.07.23 - 727 {letter}ampere"), Is.False, letter.ToString());
                Assert.That(PersonalIdentityCode.IsIn($"Tapaaminen 26.07.23 - 727 - {letter}ampere"), Is.False, letter.ToString());
                Assert.That(PersonalIdentityCode.IsIn($"03.02.24-436 {letter}uusi kerros"), Is.False, letter.ToString());
            });
        }
    }

    [TestCase("D")]
    [TestCase("N")]
    public void A_random_id_is_nobodys_code_whatever_its_letters_and_what_stands_beside_it_is_found(string format)
    {
        var (random, bytes) = (new Random(7), new byte[16]);
        for (var count = 0; count < 100_000; count++)
        {
            random.NextBytes(bytes);
            var id = new Guid(bytes).ToString(format);
            Assert.That(PersonalIdentityCode.IsIn(id) || PersonalIdentityCode.IsIn($"PK-{id}"), Is.False, id);
        }

        Assert.That(PersonalIdentityCode.IsIn("ab131052-9085-4000-8000-000000000001"), Is.False, "An id.");
        Assert.That(PersonalIdentityCode.IsIn("ab131052-9085-4000-8000-00000000000"), Is.True, "One letter too few for an id.");
        Assert.That(PersonalIdentityCode.IsIn($"{new Guid(bytes).ToString(format)} {Code("131052", '-', "908")}"), Is.True);
    }

    [Test]
    public void A_code_is_found_in_small_and_in_wide_letters()
    {
        var code = Code("010203", 'A', "901");
        var wide = new string([.. code.Select(letter => (char)(letter + 0xFEE0))]);
        Assert.Multiple(() =>
        {
            Assert.That(PersonalIdentityCode.IsIn(code.ToLowerInvariant()), Is.True);
            Assert.That(PersonalIdentityCode.IsIn(wide), Is.True);
        });
    }

    [Test]
    public void Another_control_character_makes_it_no_code()
    {
        var code = Code("131052", '-', "908");
        Assert.That("0123456789ABCDEFHJKLMNPRSTUVWXY".Count(control => PersonalIdentityCode.IsIn(code[..10] + control)), Is.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("Soita 040 123 4567 tai 03 565 811")]
    [TestCase("FI21 1234 5600 0007 85")]
    [TestCase("1234567-8")]
    [TestCase("2026-11-22T08:00:00Z")]
    [TestCase("PK-01-2026")]
    [TestCase("sw-114")]
    [TestCase("019ab000-0000-7000-8000-000000000001")]
    [TestCase("Kokous 13.10. klo 12-14, huone A908")]
    [TestCase("Kokous 13.10.2026 klo 12, ryhmä 308 T")]
    [TestCase("Soita 0401310527 Tiina")]
    [TestCase("puh. 131052308 Tiina vastaa")]
    [TestCase("1310523085")]
    [TestCase("Diaarinumero 131052/2026")]
    [TestCase("0.131052308e5")]
    [TestCase("<p>Soita 040 123 4567</p> 100 % &amp; *tärkeä*")]
    [TestCase("https://esimerkki.example/a?b=%20131052&c=308")]
    public void Ordinary_text_passes(string text) => Assert.That(PersonalIdentityCode.IsIn(text), Is.False);

    [TestCase("310290", '-', "900")]
    [TestCase("001290", '-', "900")]
    [TestCase("011390", '-', "900")]
    [TestCase("290201", 'A', "900")]
    [TestCase("010190", '-', "001")]
    public void An_impossible_date_or_number_is_no_code(string date, char sign, string number) =>
        Assert.That(PersonalIdentityCode.IsIn(Code(date, sign, number)), Is.False);

    [Test]
    public void R8_every_place_is_named_by_its_path()
    {
        var code = Code("131052", '-', "908");
        using var body = JsonDocument.Parse($$"""{ "question": "a {{code}}", "triedSoFar": [ { "what": "b" }, { "result": "{{code}}" } ], "x": { "{{code}}": 1 } }""");
        Assert.That(PersonalIdentityCode.PathsIn(body.RootElement), Is.EqualTo(new[] { "$.question", "$.triedSoFar[1].result", "$.x" }));
    }

    private static IEnumerable<char> Signs() => "+-UVWXYABCDEF";

    private static string Code(string date, char sign, string number) =>
        $"{date}{sign}{number}{"0123456789ABCDEFHJKLMNPRSTUVWXY"[int.Parse(date + number, null) % 31]}";
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OtPlatform.Intake.Tests.PartnerApi;

/// <summary>One body to throw at an operation.</summary>
/// <param name="Secret">Stands somewhere in the body, in its values or its names.</param>
/// <param name="Code">A personal identity code that stands in the body as well; null when there is none.</param>
/// <param name="IsJson">False when no reader may take it for a JSON document of the right media type.</param>
internal sealed record Shot(int Number, Operation Operation, string Mutation, byte[] Body, string MediaType, string? Encoding, string Secret, string? Code, bool IsJson);

/// <summary>Bodies made from the examples and schemas of the published description, and broken in every way we could think of. The same seed makes the same bodies.</summary>
internal sealed class Mutations(int seed)
{
    private const string PlainJson = "application/json";
    private const string ControlCharacters = "0123456789ABCDEFHJKLMNPRSTUVWXY";

    private static readonly string[] Words = ["question", "text", "reason", "what", "strengths", "result", "contactWarning", "reference", "unit"];
    private static readonly string[] MediaTypes = ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/problem+json", "multipart/form-data", "application/json-patch+json", "*/*", "json"];
    private static readonly string[] Encodings = ["gzip", "br", "identity", "deflate, gzip"];
    private static readonly string[] NoJson = ["NaN", "Infinity", "undefined", "'x'", "01", "+1", "0x1F", "1.", ".5", "tru", "\"\t\"", "\"\\x41\"", "/* */ 1", "[1,]", "{\"a\":1,}"];
    private static readonly string[] Numbers = ["1e400", "-1", "2147483648", "9223372036854775808", "0.5", "1.0", "-0", "1e2", "123456789012345678901234567890", "5000.5", "0", "6", "169"];
    private static readonly string[] Blanks = ["\"\"", "\" \"", "\"\\t\\n\"", "\"\\u0000\"", "\"\\u00a0\"", "\"\\u2028\"", "\"\\u202e\"", "\"\\u200b\""];
    private static readonly string[] Dates = ["2027-02-30", "2027-2-3", "2020-01-01", "0000-00-00", "9999-12-31", "2027-05-31T00:00:00Z", "31.5.2027", "2027-05-31 ", "-2027-05-31", "20270531"];
    private static readonly string[] Tops = ["", " ", "[]", "null", "\"x\"", "5", "true", "{}{}", "{", "[{}]", "\ufeff{}"];

    private static readonly Dictionary<string, Func<Draft, bool>> Kinds = new()
    {
        ["as it is"] = _ => true,
        ["left out"] = draft => draft.Remove(),
        ["other type"] = draft => draft.Put(Other),
        ["null"] = draft => draft.Put((_, _) => "null"),
        ["extra field"] = draft => draft.Add(draft.Random.Next(2) == 0 ? "extra" : "Question", "\"x\""),
        ["long text"] = draft => draft.Put((random, _) => Quoted(new string('a', 201 + (random.Next(2) * random.Next(40_000))))),
        ["long list"] = draft => draft.Put((random, was) => $"[{string.Join(',', Enumerable.Repeat(was is JsonArray { Count: > 0 } list ? list[0]!.ToJsonString() : "\"school\"", 40 + random.Next(600)))}]"),
        ["huge body"] = draft => draft.Put((random, _) => Quoted(new string('b', (256 * 1024) + random.Next(1, 50_000)))),
        ["deep nesting"] = draft => draft.Put(Deep),
        ["bad UTF-8"] = draft => draft.Break(BadUtf8),
        ["media type"] = draft => (draft.MediaType = Pick(draft.Random, MediaTypes)).Length > 0,
        ["content encoding"] = draft => (draft.Encoding = Pick(draft.Random, Encodings)).Length > 0,
        ["secret value"] = draft => draft.Put((_, _) => Quoted(draft.Secret)),
        ["secret name"] = draft => draft.Add(draft.Secret, Pick(draft.Random, "1", "\"x\"", "{}", "null")),
        ["secret inside"] = draft => draft.Put((_, _) => $"{{{Quoted(draft.Secret)}:{Quoted(draft.Secret)}}}"),
        ["identity code"] = draft => draft.Put((random, _) => Quoted(Around(random, draft.NewCode()))),
        ["identity code as a name"] = draft => draft.Add(Around(draft.Random, draft.NewCode()), "1"),
        ["field twice"] = draft => draft.Break((random, text) => Twice(text)),
        ["cut off"] = draft => draft.Break((random, text) => text[..random.Next(1, text.Length)]),
        ["no JSON"] = draft => draft.Put((random, _) => Pick(random, NoJson), isJson: false),
        ["number"] = draft => draft.Put((random, _) => Pick(random, Numbers)),
        ["blank"] = draft => draft.Put((random, _) => Pick(random, Blanks)),
        ["half a character"] = draft => draft.Put((random, _) => $"\"x{Pick(random, "\\ud83d", "\\ude00", "\\ud83dx\\ude00")}\""),
        ["code nearly right"] = draft => draft.Put(Nearly),
        ["date"] = draft => draft.Put((random, _) => Quoted(Pick(random, Dates))),
        ["another top"] = draft => draft.Break((random, _) => Encoding.UTF8.GetBytes(Pick(random, Tops))),
        ["several"] = draft => Enumerable.Range(0, draft.Random.Next(2, 5)).Aggregate(false, (done, _) => draft.Put(draft.Random.Next(3) switch { 0 => Other, 1 => Nearly, _ => (_, _) => "null" }) | done),
    };

    public static IReadOnlyCollection<string> All => Kinds.Keys;

    public IEnumerable<Shot> Of(IReadOnlyList<Operation> operations, int count)
    {
        var kinds = Kinds.ToList();
        for (var number = 0; number < count; number++)
        {
            var (operation, (name, mutate)) = (operations[number % operations.Count], kinds[number / operations.Count % kinds.Count]);
            var draft = new Draft(operation.Example!, new Random(HashCode(seed, number)), $"Salainen lintu {number:x}-{seed:x}");
            draft.PutSecret(Words);
            mutate(draft);
            yield return new Shot(number, operation, name, draft.Bytes(), draft.MediaType, draft.Encoding, draft.Secret, draft.Code, draft.IsJson);
        }
    }

    /// <summary>Not <see cref="System.HashCode"/>, which differs from run to run.</summary>
    private static int HashCode(int seed, int number) => unchecked((seed * 16_777_619) ^ (number * 486_187_739));

    private static T Pick<T>(Random random, params T[] from) => from[random.Next(from.Length)];

    private static string Quoted(string text) => JsonValue.Create(text)!.ToJsonString();

    private static string Other(Random random, JsonNode? was)
    {
        string[] all = ["7", "true", "\"x\"", "[]", "{}", "[[1]]", "{\"a\":{}}", "1.5", "[\"x\"]", "[null]"];
        return Pick(random, all);
    }

    private static string Deep(Random random, JsonNode? was)
    {
        var depth = random.Next(2) == 0 ? random.Next(60, 70) : random.Next(1_000, 20_000);
        return random.Next(2) == 0
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
    }

    private static string Nearly(Random random, JsonNode? was)
    {
        var text = was is JsonValue value && value.TryGetValue<string>(out var found) ? found : "clientWork";
        return Quoted(random.Next(6) switch
        {
            0 => text.ToUpperInvariant(),
            1 => text + " ",
            2 => text.Length > 1 ? text[..^1] : "y",
            3 => text.Replace('-', '\u2011'),
            4 => text + "\0",
            _ => " " + text,
        });
    }

    private static byte[] BadUtf8(Random random, byte[] text)
    {
        byte[] bad = Pick<byte[]>(random, [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0x80]);
        var quotes = Enumerable.Range(0, text.Length).Where(place => text[place] == (byte)'"').ToList();
        var at = quotes[random.Next(quotes.Count)];
        return [.. text[..at], .. bad, .. text[at..]];
    }

    private static byte[] Twice(byte[] text)
    {
        var body = Encoding.UTF8.GetString(text);
        return Encoding.UTF8.GetBytes($"{body[..^1]},{body[1..]}");
    }

    /// <summary>A code among other words, as people write it.</summary>
    private static string Around(Random random, string code) => random.Next(5) switch
    {
        0 => code,
        1 => $"Lapsi {code} käy koulua",
        2 => string.Join(' ', code.ToCharArray()),
        3 => $"{code[..6]}\n{code[6..]}",
        _ => $"x{code.ToLowerInvariant()}.",
    };

    /// <summary>A personal identity code, by the rules of the Digital and Population Data Services Agency.</summary>
    private static string IdentityCode(Random random)
    {
        var (day, month, year, individual) = (random.Next(1, 29), random.Next(1, 13), random.Next(0, 100), random.Next(2, 900));
        var sign = Pick(random, '+', '-', 'U', 'V', 'W', 'X', 'Y', 'A', 'B', 'C', 'D', 'E', 'F');
        var digits = string.Create(CultureInfo.InvariantCulture, $"{day:00}{month:00}{year:00}{individual:000}");
        return $"{digits[..6]}{sign}{digits[6..]}{ControlCharacters[int.Parse(digits, CultureInfo.InvariantCulture) % 31]}";
    }

    /// <summary>A body on its way to be broken.</summary>
    private sealed class Draft(JsonObject body, Random random, string secret)
    {
        private readonly Dictionary<string, string> _raw = [];
        private byte[]? _broken;

        public Random Random => random;

        public string Secret => secret;

        public string MediaType { get; set; } = PlainJson;

        public string? Encoding { get; set; }

        public string? Code { get; private set; }

        public bool IsJson { get; private set; } = true;

        public void PutSecret(string[] names)
        {
            if (names.FirstOrDefault(name => body[name]?.GetValueKind() is JsonValueKind.String) is { } name)
            {
                body[name] = $"{body[name]!.GetValue<string>()} {secret}";
            }
        }

        public string NewCode() => Code = IdentityCode(random);

        /// <summary>Puts raw JSON, or what is none, in some place.</summary>
        public bool Put(Func<Random, JsonNode?, string> make, bool isJson = true)
        {
            var places = Places(body).ToList();
            if (places.Count == 0)
            {
                return false;
            }

            var (parent, key, at) = places[random.Next(places.Count)];
            var mark = $"@@{_raw.Count}@@";
            _raw[mark] = make(random, key is null ? parent.AsArray()[at] : parent[key]);
            IsJson &= isJson;
            if (key is null)
            {
                parent.AsArray()[at] = mark;
            }
            else
            {
                parent[key] = mark;
            }

            return true;
        }

        public bool Remove()
        {
            var places = Places(body).ToList();
            var (parent, key, at) = places[random.Next(places.Count)];
            if (key is null)
            {
                parent.AsArray().RemoveAt(at);
                return true;
            }

            return parent.AsObject().Remove(key);
        }

        /// <summary>Adds a field to some object.</summary>
        public bool Add(string name, string raw)
        {
            var objects = Places(body).Select(place => place.Key is null ? place.Parent.AsArray()[place.At] : place.Parent[place.Key]).OfType<JsonObject>().Append(body).ToList();
            var mark = $"@@{_raw.Count}@@";
            _raw[mark] = raw;
            objects[random.Next(objects.Count)][name] = mark;
            return true;
        }

        public bool Break(Func<Random, byte[], byte[]> change)
        {
            _broken = change(random, Text());
            IsJson = false;
            return true;
        }

        public byte[] Bytes() => _broken ?? Text();

        private byte[] Text()
        {
            var text = new StringBuilder(body.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
            foreach (var (mark, raw) in _raw)
            {
                text.Replace($"\"{mark}\"", raw);
            }

            return System.Text.Encoding.UTF8.GetBytes(text.ToString());
        }

        private static IEnumerable<(JsonNode Parent, string? Key, int At)> Places(JsonNode node) => node switch
        {
            JsonObject fields => fields.ToList().SelectMany(field => (IEnumerable<(JsonNode, string?, int)>)[(fields, field.Key, 0), .. field.Value is null ? [] : Places(field.Value)]),
            JsonArray list => Enumerable.Range(0, list.Count).SelectMany(at => (IEnumerable<(JsonNode, string?, int)>)[(list, null, at), .. list[at] is { } item ? Places(item) : []]),
            _ => [],
        };
    }
}

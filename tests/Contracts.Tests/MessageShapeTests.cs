using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OtPlatform.Testing;

namespace OtPlatform.Contracts.Tests;

/// <summary>The wire shape of every message. A difference from its approved sample is a decision about the contract, never an accident.</summary>
[TestFixture]
internal sealed class MessageShapeTests
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly string Approved = Path.Combine(Repository.Root, "tests", "Contracts.Tests", "Approved");

    private static IEnumerable<Type> Messages => Topology.Subscriptions.SelectMany(subscription => subscription.Messages).Distinct();

    [TestCaseSource(nameof(Messages))]
    public void A_message_has_its_approved_shape(Type message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var file = Path.Combine(Approved, $"{message.FullName}.json");
        var now = JsonSerializer.Serialize(Examples.Of(message), message, Wire) + "\n";
        Assert.That(File.Exists(file), Is.True, $"No approved sample of {message.FullName}; if this is meant, keep:\n{now}");
        Assert.That(now, Is.EqualTo(File.ReadAllText(file)));
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_comes_back_from_the_wire_as_it_was(Type message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var sent = JsonSerializer.Serialize(Examples.Of(message), message, Wire);
        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize(sent, message, Wire), message, Wire), Is.EqualTo(sent));
    }

    [Test]
    public void Every_approved_sample_belongs_to_a_message() =>
        Assert.That(Directory.GetFiles(Approved).Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(Messages.Select(message => message.FullName)));

    [Test]
    public void Every_message_record_has_a_queue()
    {
        string[] publishing = ["Intake", "Triage", "TeamAssembly", "ExpertPool", "Commands"];
        var records = typeof(Topology).Assembly.GetTypes().Where(type => publishing.Contains(type.Namespace?.Split('.')[^1]) && type.GetMethod("<Clone>$") is not null).ToList();
        var parts = records.SelectMany(record => record.GetProperties()).SelectMany(property => property.PropertyType.GetGenericArguments().Append(property.PropertyType)).ToHashSet();
        Assert.That(records.Where(record => !parts.Contains(record) || Messages.Contains(record)), Is.EquivalentTo(Messages));
    }

    [Test]
    public void R8_no_message_has_a_field_for_free_text_or_a_name()
    {
        string[] telling = ["question", "note", "message", "comment", "description", "name", "email", "phone", "strengths", "clientref"];
        var fields = Messages.SelectMany(message => message.GetProperties().Where(property => property.PropertyType == typeof(string)).Select(property => $"{message.Name}.{property.Name}"));
        Assert.That(fields.Where(field => telling.Any(word => field.Split('.')[1].Equals(word, StringComparison.OrdinalIgnoreCase))), Is.Empty);
    }
}

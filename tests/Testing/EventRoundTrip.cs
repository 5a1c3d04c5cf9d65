using System.Text.Json;
using System.Text.Json.Serialization;
using Marten;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Testing;

/// <summary>Every event type through the real store and its real serializer.</summary>
public static class EventRoundTrip
{
    private static readonly JsonSerializerOptions Compare = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static IEnumerable<Type> EventTypes(Type root) => StoreExtensions.EventTypes([root]);

    /// <summary>Asserts that a full example of <paramref name="type"/> comes back as it went in.</summary>
    public static async Task ComesBackAsItWas(IDocumentStore store, Type type)
    {
        ArgumentNullException.ThrowIfNull(store);
        var happened = Examples.Of(type);
        var stream = Guid.CreateVersion7();
        await using (var writing = store.LightweightSession())
        {
            writing.Events.StartStream(stream, happened);
            await writing.SaveChangesAsync();
        }

        await using var reading = store.QuerySession();
        var stored = (await reading.Events.FetchStreamAsync(stream)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(stored.Data, Is.TypeOf(type));
            Assert.That(JsonSerializer.Serialize(stored.Data, type, Compare), Is.EqualTo(JsonSerializer.Serialize(happened, type, Compare)));
        });
    }
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Weasel.Core;

namespace Marten.Documents;

/// <summary>System.Text.Json with one set of options, whose metadata it caches.</summary>
internal sealed class JsonDocumentSerializer
{
    private readonly JsonSerializerOptions _options;
    private readonly JsonSerializerOptions _headerOptions;

    internal JsonDocumentSerializer(JsonSerializerOptions options, EnumStorage enumStorage)
    {
        _options = options;
        _headerOptions = new JsonSerializerOptions();
        _headerOptions.Converters.Add(new HeaderValueConverter());
        EnumStorage = enumStorage;
        _options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
    }

    internal EnumStorage EnumStorage { get; }

    internal byte[] ToJson(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), _options);

    internal string ToJsonText(object value) => JsonSerializer.Serialize(value, value.GetType(), _options);

    /// <summary>What is known of a type, so that it need not be looked up for each value.</summary>
    internal JsonTypeInfo TypeInfo(Type type) => _options.GetTypeInfo(type);

    internal static byte[] ToJson(object value, JsonTypeInfo type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    internal static object FromJson(JsonTypeInfo type, ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"A stored {type.Type.Name} is null.");

    internal T FromJson<T>(string json) => JsonSerializer.Deserialize<T>(json, _options)!;

    internal T FromJson<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<T>(json, _options)!;

    internal string HeadersToJson(Dictionary<string, object> headers) => JsonSerializer.Serialize(headers, _headerOptions);

    internal Dictionary<string, object>? HeadersFromJson(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, object>>(json, _headerOptions);

    internal string MemberName(MemberInfo member)
    {
        var property = _options.GetTypeInfo(member.DeclaringType!).Properties
            .FirstOrDefault(p => p.AttributeProvider is MemberInfo candidate && candidate.Name == member.Name);
        return property?.Name ?? _options.PropertyNamingPolicy?.ConvertName(member.Name) ?? member.Name;
    }

    private sealed class HeaderValueConverter : JsonConverter<object>
    {
        public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Number => reader.TryGetInt64(out var whole) ? whole : reader.GetDouble(),
            _ => JsonElement.ParseValue(ref reader),
        };

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            if (value.GetType() == typeof(object))
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
                return;
            }

            JsonSerializer.Serialize(writer, value, value.GetType(), options);
        }
    }
}

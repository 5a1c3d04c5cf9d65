using System.Linq.Expressions;
using System.Text.Json.Serialization.Metadata;
using JasperFx.Events;
using Marten.Documents;

namespace Marten.Events;

/// <summary>One type of event: its names, and how a body becomes an IEvent.</summary>
internal sealed class EventMapping
{
    private readonly Func<object, IEvent> _wrap;
    private JsonTypeInfo? _json;

    internal EventMapping(Type type, string alias)
    {
        Type = type;
        Alias = alias;
        DotNetTypeName = EventNaming.DotNetNameFor(type);
        _wrap = CompileWrap(type);
    }

    internal Type Type { get; }

    internal string Alias { get; }

    internal string DotNetTypeName { get; }

    internal byte[] ToJson(object body, JsonDocumentSerializer serializer) => JsonDocumentSerializer.ToJson(body, Json(serializer));

    internal IEvent Read(ReadOnlySpan<byte> body, JsonDocumentSerializer serializer) => Wrap(JsonDocumentSerializer.FromJson(Json(serializer), body));

    internal IEvent Wrap(object body)
    {
        var wrapped = _wrap(body);
        wrapped.EventTypeName = Alias;
        wrapped.DotNetTypeName = DotNetTypeName;
        return wrapped;
    }

    private JsonTypeInfo Json(JsonDocumentSerializer serializer) => _json ??= serializer.TypeInfo(Type);

    private static Func<object, IEvent> CompileWrap(Type type)
    {
        var body = Expression.Parameter(typeof(object));
        var constructor = typeof(Event<>).MakeGenericType(type).GetConstructor([type])!;
        return Expression.Lambda<Func<object, IEvent>>(Expression.New(constructor, Expression.Convert(body, type)), body).Compile();
    }
}

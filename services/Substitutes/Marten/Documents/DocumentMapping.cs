using System.Reflection;
using Marten.Schema;
using NpgsqlTypes;

namespace Marten.Documents;

/// <summary>How one type of document lies in its table.</summary>
internal sealed class DocumentMapping(Type type, StoreOptions options)
{
    private MemberInfo? _identity;
    private DocumentSql? _sql;

    internal Type Type { get; } = type;

    internal string Alias { get; set; } = DefaultAlias(type);

    internal bool IsConfigured { get; set; }

    internal bool UseOptimisticConcurrency { get; set; }

    internal bool UseNumericRevisions { get; set; }

    internal List<DuplicatedField> DuplicatedFields { get; } = [];

    internal List<MappedIndex> Indexes { get; } = [];

    internal string Schema => options.DatabaseSchemaName;

    internal string TableName => $"mt_doc_{Alias}";

    internal string QualifiedTableName => $"{Schema}.{TableName}";

    internal string PrimaryKeyName => $"pkey_{TableName}_id";

    internal Type IdType => MemberPath.TypeOf(Identity);

    internal JsonDocumentSerializer Serializer => options.Serializer;

    internal DocumentSql Sql => _sql ??= new DocumentSql(this);

    internal NpgsqlDbType IdDbType => DbTypes.For(IdType, Serializer.EnumStorage).DbType;

    internal string IdColumnType => DbTypes.For(IdType, Serializer.EnumStorage).Name;

    internal bool TableIsKnownToExist { get; set; }

    private MemberInfo Identity => _identity ??= FindIdentity();

    internal void UseIdentity(MemberInfo member) => _identity = member;

    internal object IdOf(object document) => Read(document) switch
    {
        null => throw new InvalidOperationException($"A {Type.Name} has no id."),
        Guid id when id == Guid.Empty => Assign(document),
        object id => id,
    };

    internal object Normalise(object id)
    {
        if (IdType == typeof(long) && id is int small)
            return (long)small;
        return id.GetType() == IdType
            ? id
            : throw new ArgumentException($"{Type.Name} has ids of type {IdType.Name}, not {id.GetType().Name}.", nameof(id));
    }

    internal static bool HasIdentity(Type type, StoreOptions options) =>
        options.Mappings.IsConfigured(type) || IdentityByConvention(type) is not null;

    private static string DefaultAlias(Type type)
    {
        var name = type.Name;
        if (type.IsGenericType)
            name = $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}_of_{string.Join('_', type.GetGenericArguments().Select(DefaultAlias))}";
        for (var outer = type.DeclaringType; outer is not null; outer = outer.DeclaringType)
            name = $"{outer.Name}_{name}";
#pragma warning disable CA1308 // table names are lower-cased by the package's documentation
        return name.ToLowerInvariant();
#pragma warning restore CA1308
    }

    private static MemberInfo? IdentityByConvention(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.Instance)
            .FirstOrDefault(m => m is PropertyInfo or FieldInfo && string.Equals(m.Name, "Id", StringComparison.OrdinalIgnoreCase));

    private MemberInfo FindIdentity() => IdentityByConvention(Type)
        ?? throw new InvalidOperationException($"{Type.FullName} has no Id; name one with Schema.For<{Type.Name}>().Identity(…).");

    private object? Read(object document) =>
        Identity is PropertyInfo property ? property.GetValue(document) : ((FieldInfo)Identity).GetValue(document);

    private Guid Assign(object document)
    {
        var id = Guid.CreateVersion7();
        if (Identity is PropertyInfo property)
            property.SetValue(document, id);
        else
            ((FieldInfo)Identity).SetValue(document, id);
        return id;
    }
}

/// <summary>A member that is also a column.</summary>
internal sealed class DuplicatedField(MemberPath member, string? pgType, NpgsqlDbType? dbType, bool notNull)
{
    internal MemberPath Member { get; } = member;

    internal string Column => Member.SnakeCase;

    internal bool NotNull { get; } = notNull;

    internal DocumentIndex Index { get; set; } = new();

    internal string ColumnType(JsonDocumentSerializer serializer) => pgType ?? DbTypes.For(Member.ValueType, serializer.EnumStorage).Name;

    internal NpgsqlDbType DbType(JsonDocumentSerializer serializer) => dbType ?? DbTypes.For(Member.ValueType, serializer.EnumStorage).DbType;

    internal object Value(object document, JsonDocumentSerializer serializer) => Member.Read(document) switch
    {
        null => DBNull.Value,
        Enum value when serializer.EnumStorage == Weasel.Core.EnumStorage.AsString => value.ToString(),
        Enum value => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture),
        DateTimeOffset value => value.ToUniversalTime(),
        object value when DbType(serializer) == NpgsqlDbType.Jsonb => serializer.ToJsonText(value),
        object value => value,
    };
}

/// <summary>An index on members inside the JSON.</summary>
internal sealed record MappedIndex(IReadOnlyList<MemberPath> Members, ComputedIndex Settings);

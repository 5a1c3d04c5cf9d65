using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Marten.Events;

namespace Marten.Documents;

/// <summary>A member of a document, or of an object inside it.</summary>
internal sealed class MemberPath
{
    private readonly Func<object, object?> _read;

    private MemberPath(IReadOnlyList<MemberInfo> members)
    {
        Members = members;
        _read = Compile(members);
    }

    internal IReadOnlyList<MemberInfo> Members { get; }

    internal MemberInfo Single => Members.Count == 1
        ? Members[0]
        : throw new ArgumentException("The identity must be a member of the document itself.");

    internal Type ValueType => TypeOf(Members[^1]);

    internal string SnakeCase => string.Join('_', Members.Select(m => EventNaming.SnakeCase(m.Name)));

    internal static MemberPath Of<T>(Expression<Func<T, object>> expression) => Of(expression.Body);

    internal static IReadOnlyList<MemberPath> ManyOf<T>(Expression<Func<T, object>> expression) =>
        expression.Body is NewExpression several ? [.. several.Arguments.Select(Of)] : [Of(expression.Body)];

    internal object? Read(object document) => _read(document);

    internal string JsonLocator(JsonDocumentSerializer serializer)
    {
        var sql = new StringBuilder("data");
        for (var i = 0; i < Members.Count; i++)
            sql.Append(i == Members.Count - 1 ? " ->> '" : " -> '").Append(serializer.MemberName(Members[i])).Append('\'');
        return sql.ToString();
    }

    internal static Type TypeOf(MemberInfo member) => member switch
    {
        PropertyInfo property => property.PropertyType,
        FieldInfo field => field.FieldType,
        _ => throw new ArgumentException($"{member.Name} is neither a property nor a field."),
    };

    private static MemberPath Of(Expression body)
    {
        var members = new List<MemberInfo>();
        for (var current = Unwrap(body); current is MemberExpression access; current = Unwrap(access.Expression!))
            members.Insert(0, access.Member);
        return members.Count > 0 ? new MemberPath(members) : throw new ArgumentException($"{body} is not a member of the document.");
    }

    private static Expression Unwrap(Expression expression) =>
        expression is UnaryExpression { NodeType: ExpressionType.Convert } conversion ? conversion.Operand : expression;

    private static Func<object, object?> Compile(IReadOnlyList<MemberInfo> members) => document =>
    {
        var value = (object?)document;
        foreach (var member in members)
        {
            if (value is null)
                return null;
            value = member is PropertyInfo property ? property.GetValue(value) : ((FieldInfo)member).GetValue(value);
        }

        return value;
    };
}

using System.Text;

namespace Marten.Events;

/// <summary>The names that types have in the database.</summary>
internal static class EventNaming
{
    internal const string DefaultTenant = "*DEFAULT*";

    internal static string AliasFor(Type type) => SnakeCase(type.Name);

    internal static string DotNetNameFor(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    internal static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var endsWord = i > 0 && char.IsUpper(name[i])
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])))
                && name[i - 1] != '_';
            if (endsWord)
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}

/// <summary>The names of one type of event, worked out once.</summary>
internal static class EventNames<T>
{
    internal static string Alias { get; } = EventNaming.AliasFor(typeof(T));

    internal static string DotNetTypeName { get; } = EventNaming.DotNetNameFor(typeof(T));
}

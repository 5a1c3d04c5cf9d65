using System.Collections;
using System.Reflection;

namespace OtPlatform.Testing;

/// <summary>Makes one full, always equal example of any record: every property set, every list and map with an entry.</summary>
public static class Examples
{
    private static readonly DateTimeOffset Time = new(2026, 11, 20, 8, 30, 15, 123, TimeSpan.Zero);

    public static object Of(Type type) => Make(type, type.Name);

    private static object Make(Type type, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(inner, name);
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        }

        return type switch
        {
            _ when type == typeof(string) => $"{char.ToLowerInvariant(name[0])}{name[1..]}",
            _ when type == typeof(Guid) => new Guid(0x019ab000, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, (byte)(name.Length % 256), (byte)name[0]),
            _ when type == typeof(DateTimeOffset) => Time.AddMinutes(name.Length),
            _ when type == typeof(DateOnly) => new DateOnly(2027, 5, 31),
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => name.Length,
            _ when type == typeof(long) => (long)name.Length,
            _ when type == typeof(decimal) => name.Length + 0.5m,
            { IsGenericType: true } when type.IsAssignableTo(typeof(IEnumerable)) => Collection(type, name),
            _ => Record(type),
        };
    }

    private static IEnumerable Collection(Type type, string name)
    {
        var arguments = type.GetGenericArguments();
        if (arguments is [var key, var value])
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, value))!;
            map.Add(Make(key, name), Make(value, name));
            return map;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments))!;
        list.Add(Make(arguments[0], name));
        return list;
    }

    private static object Record(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).OrderByDescending(candidate => candidate.GetParameters().Length).First();
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!))]);
    }
}

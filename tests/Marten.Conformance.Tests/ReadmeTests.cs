using System.Reflection;
using Marten;
using OtPlatform.Testing;

namespace OtPlatform.StoreConformance;

/// <summary>The stand-in's list of what it has is true.</summary>
[Category("StandInOnly")]
public sealed class ReadmeTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Test]
    public void Every_public_member_is_listed_and_nothing_else()
    {
        var listed = File.ReadAllLines(Path.Combine(Repository.Root, "services", "Substitutes", "Marten", "README.md"))
            .Where(line => line.StartsWith("- `", StringComparison.Ordinal) && line.LastIndexOf('`') is var end && (end == line.Length - 1 || line[(end + 1)..].StartsWith(": ", StringComparison.Ordinal)))
            .Select(line => line.Replace("`", "", StringComparison.Ordinal)[2..]);
        var there = typeof(DocumentStore).Assembly.GetExportedTypes()
            .GroupBy(type => $"{type.Namespace}.{type.Name.Split('`')[0]}")
            .Select(types => types.SelectMany(NamesOf).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } names ? $"{types.Key}: {string.Join(", ", names)}" : types.Key);
        Assert.That(listed, Is.EquivalentTo(there));
    }

    private static IEnumerable<string> NamesOf(Type type) => type.IsEnum
        ? Enum.GetNames(type)
        : type.GetMembers(Declared).Where(member => member switch
        {
            MethodInfo method => !method.IsSpecialName && IsOwn(method, type),
            PropertyInfo property => property.GetMethod is { } read && IsOwn(read, type),
            FieldInfo field => field.IsPublic,
            _ => false,
        }).Select(member => member.Name);

    private static bool IsOwn(MethodInfo method, Type type) =>
        (method.IsPublic || method.IsFamily) && (method.IsStatic || method.GetBaseDefinition().DeclaringType == type);
}

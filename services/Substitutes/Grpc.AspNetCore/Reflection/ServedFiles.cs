using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace Grpc.Reflection;

/// <summary>The proto files behind the services that are mapped, and what each declares.</summary>
internal sealed class ServedFiles
{
    private readonly ServedMethods served;
    private readonly Lazy<Index> index;

    public ServedFiles(ServedMethods served)
    {
        this.served = served;
        index = new Lazy<Index>(() => Read(served));
    }

    public IEnumerable<string> Services => served.ServiceNames.Order(StringComparer.Ordinal);

    /// <summary>The file and those it imports, or null.</summary>
    public IEnumerable<ByteString>? WithName(string name) => index.Value.Files.TryGetValue(name, out var file) ? Serialized(file) : null;

    /// <summary>The file that declares the symbol and those it imports, or null.</summary>
    public IEnumerable<ByteString>? WithSymbol(string symbol) => index.Value.Symbols.TryGetValue(symbol, out var file) ? Serialized(file) : null;

    private static IEnumerable<ByteString> Serialized(FileDescriptor file) => Closure([file]).Select(needed => needed.SerializedData);

    private static Index Read(ServedMethods served)
    {
        var files = Closure(served.ServiceTypes.Select(Describe).OfType<ServiceDescriptor>().Select(service => service.File)).ToDictionary(file => file.Name);
        var symbols = new Dictionary<string, FileDescriptor>(StringComparer.Ordinal);
        foreach (var file in files.Values)
        {
            foreach (var declared in Declared(file))
            {
                symbols.TryAdd(declared.FullName, file);
            }
        }

        return new Index(files, symbols);
    }

    private static ServiceDescriptor? Describe(Type serviceType)
    {
        for (var type = serviceType; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } bind)
            {
                return bind.BindType.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor;
            }
        }

        return null;
    }

    private static IReadOnlyList<FileDescriptor> Closure(IEnumerable<FileDescriptor> roots)
    {
        var found = new Dictionary<string, FileDescriptor>(StringComparer.Ordinal);
        var waiting = new Queue<FileDescriptor>(roots);
        while (waiting.TryDequeue(out var file))
        {
            if (found.TryAdd(file.Name, file))
            {
                foreach (var import in file.Dependencies)
                {
                    waiting.Enqueue(import);
                }
            }
        }

        return [.. found.Values];
    }

    private static IEnumerable<IDescriptor> Declared(FileDescriptor file) =>
        file.Services.SelectMany(service => service.Methods.Cast<IDescriptor>().Prepend(service))
            .Concat(file.EnumTypes.SelectMany(Declared))
            .Concat(file.MessageTypes.SelectMany(Declared));

    private static IEnumerable<IDescriptor> Declared(EnumDescriptor type) => type.Values.Cast<IDescriptor>().Prepend(type);

    private static IEnumerable<IDescriptor> Declared(MessageDescriptor type) =>
        type.Fields.InDeclarationOrder().Cast<IDescriptor>().Prepend(type)
            .Concat(type.Oneofs)
            .Concat(type.EnumTypes.SelectMany(Declared))
            .Concat(type.NestedTypes.SelectMany(Declared));

    private sealed record Index(IReadOnlyDictionary<string, FileDescriptor> Files, IReadOnlyDictionary<string, FileDescriptor> Symbols);
}

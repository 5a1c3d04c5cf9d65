using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace OtPlatform.Platform.Hosting;

/// <summary>A setting is missing or wrong; the process stops and says which.</summary>
public sealed class MissingSettingException(string key, string what) : Exception($"Setting {key}: {what}.");

/// <summary>Reads one options record per section, and refuses to start without what is required.</summary>
public static class Settings
{
    /// <exception cref="MissingSettingException">A required value is missing; the message names its environment variable.</exception>
    public static T Required<T>(this IConfiguration configuration, string section)
        where T : class
    {
        var values = configuration.GetSection(section);
        foreach (var property in typeof(T).GetProperties().Where(property => property.GetCustomAttribute<RequiredMemberAttribute>() is not null))
        {
            if (string.IsNullOrWhiteSpace(values[property.Name]))
            {
                throw new MissingSettingException($"{section}__{property.Name}", "is required");
            }
        }

        return values.Get<T>()!;
    }
}

/// <summary>Where the reference data is.</summary>
public sealed record CatalogueOptions
{
    /// <summary>Folder with the files of contracts/catalogue.</summary>
    public required string Path { get; init; }
}

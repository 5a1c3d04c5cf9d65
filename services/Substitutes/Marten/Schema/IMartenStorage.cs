using JasperFx;

namespace Marten;

/// <summary>The store's tables.</summary>
public interface IMartenStorage
{
    /// <summary>Creates what is missing; safe when several processes start at once, and nothing happens when nothing is missing.</summary>
    Task ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate? @override = default);
}

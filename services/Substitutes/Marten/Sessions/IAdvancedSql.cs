using System.Diagnostics.CodeAnalysis;

namespace Marten;

/// <summary>
/// Whole SQL statements. A scalar or JSON value is the first column; a document needs the columns id, data and, when it has one, mt_version.
/// With several types each is enclosed in row(…).
/// </summary>
[SuppressMessage("Design", "CA1068", Justification = "The order of the package's own signatures.")]
public interface IAdvancedSql
{
    Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<T>> QueryAsync<T>(char placeholder, string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<(T1, T2)>> QueryAsync<T1, T2>(string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<(T1, T2)>> QueryAsync<T1, T2>(char placeholder, string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<(T1, T2, T3)>> QueryAsync<T1, T2, T3>(string sql, CancellationToken token, params object[] parameters);

    Task<IReadOnlyList<(T1, T2, T3)>> QueryAsync<T1, T2, T3>(char placeholder, string sql, CancellationToken token, params object[] parameters);
}

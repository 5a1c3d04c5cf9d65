using System.Diagnostics;

namespace OtPlatform.Local.Faults;

/// <summary>Whether every replica says that it is ready.</summary>
internal static class Readiness
{
    /// <summary>A line for each replica that does not say so within the time.</summary>
    public static async Task<IReadOnlyList<string>> Unready(RunFolder folder, TimeSpan within, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(200, cancellation))
        {
            var replicas = (RunStateFile.Read(folder) ?? throw new LocalFailureException("The system has been stopped.")).Replicas;
            var unready = (await Task.WhenAll(replicas.Select(replica => Ask(http, replica, cancellation)))).OfType<string>().ToList();
            if (unready.Count == 0 || waited.Elapsed > within)
            {
                return unready;
            }
        }
    }

    private static async Task<string?> Ask(HttpClient http, Replica replica, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"{replica.Address}/health/ready"), cancellation);
            return answer.IsSuccessStatusCode ? null : $"{replica.Title} is not ready: {await answer.Content.ReadAsStringAsync(cancellation)}";
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return $"{replica.Title} does not answer: {failure.Message}";
        }
    }
}

namespace OtPlatform.Local;

internal static class ServerEnvironment
{
    /// <summary>Only what a server needs: settings for other servers in the caller's environment (PG…, RABBITMQ_…, ERL_…) must not reach it.</summary>
    internal static Dictionary<string, string> Of(string home) => new()
    {
        ["HOME"] = home,
        ["LANG"] = "C.UTF-8",
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };
}

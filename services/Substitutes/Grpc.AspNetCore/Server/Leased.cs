using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>An object for one call: from the container, which then keeps it, or made here and disposed after the call.</summary>
internal readonly struct Leased<T>(T value, bool isOwn) : IAsyncDisposable
    where T : class
{
    public T Value => value;

    public static Leased<T> Take(IServiceProvider services, Type type, params object[] arguments) =>
        services.GetService(type) is T registered
            ? new Leased<T>(registered, isOwn: false)
            : new Leased<T>((T)ActivatorUtilities.CreateInstance(services, type, arguments), isOwn: true);

    public async ValueTask DisposeAsync()
    {
        if (!isOwn)
        {
            return;
        }

        if (value is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else if (value is IDisposable synchronous)
        {
            synchronous.Dispose();
        }
    }
}

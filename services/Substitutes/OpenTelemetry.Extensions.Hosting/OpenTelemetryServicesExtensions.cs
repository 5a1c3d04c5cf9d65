using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes telemetry a part of the host.</summary>
public static class OpenTelemetryServicesExtensions
{
    /// <summary>May be called several times; all calls configure the same telemetry.</summary>
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        // First in the list: it starts before, and stops after, whatever else the host runs.
        if (!services.Any(s => s.ImplementationType == typeof(TelemetryHostedService)))
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());
        return new OpenTelemetryBuilder(services);
    }
}

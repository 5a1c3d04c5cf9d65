namespace OtPlatform.Intake.Narratives;

/// <summary>What the vault consists of.</summary>
public static class VaultExtensions
{
    public static IServiceCollection AddVault(this IServiceCollection services, VaultOptions options) => services
        .AddSingleton(options)
        .AddSingleton<KeyStore>()
        .AddSingleton<DataKeys>()
        .AddSingleton<DataKeyStock>()
        .AddSingleton<Vault>()
        .AddSingleton<Erasures>()
        .AddSingleton<AccessAnchors>()
        .AddHostedService(provider => provider.GetRequiredService<DataKeyStock>())
        .AddHostedService<VaultUpkeep>();
}

using OtPlatform.Contracts;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.PolicyVersions;

/// <summary>The features of the policies as data.</summary>
public static class PolicyFeatures
{
    /// <param name="folder">The catalogue's.</param>
    public static void AddPolicyVersions(this IServiceCollection services, Catalogue catalogue, string folder)
    {
        services.AddSingleton(new PolicyBook(catalogue.PolicyPages));
        services.AddSingleton(new PolicySchema(File.ReadAllText(Path.Combine(folder, "schemas", "policy.schema.json"))));
        services.AddSingleton<AreaPolicies>().AddSingleton<PolicyRules>().AddSingleton<WhatIf>().AddSingleton<KeepPolicies>();
        services.AddHostedService(provider => provider.GetRequiredService<KeepPolicies>());
    }

    public static void Documents(Marten.MartenRegistry schema) => schema.For<PolicyRecord>();
}

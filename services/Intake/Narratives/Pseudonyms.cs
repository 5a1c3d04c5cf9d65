using OtPlatform.Platform.Security;

namespace OtPlatform.Intake.Narratives;

/// <summary>The keys of Intake's keyed hashes, 32 bytes in base64 each.</summary>
public sealed record PseudonymOptions
{
    /// <summary>File with the key of matters; Intake's alone.</summary>
    public required string MatterKeyFile { get; init; }

    /// <summary>File with the key of units; the same for every service that compares units.</summary>
    public required string UnitKeyFile { get; init; }
}

/// <summary>What Intake calls partners' clients, units and bodies where their own words must not be.</summary>
public sealed class Pseudonyms(PseudonymOptions options)
{
    private readonly KeyedHash _matters = new(options.MatterKeyFile);
    private readonly KeyedHash _units = new(options.UnitKeyFile);

    /// <summary>The matter of a partner's client; the same for every request about the same client reference.</summary>
    public string Matter(string organisation, string clientRef) => _matters.Text("matter", organisation, clientRef);

    /// <summary>Stable id of a unit of an organisation.</summary>
    public Guid Unit(string organisation, string unit) => _units.Id("unit", organisation, unit);

    /// <summary>Fingerprint of the address of an organisation's webhook.</summary>
    public string Address(string organisation, string address) => _matters.Text("webhook", organisation, address);

    /// <summary>Fingerprint of a request body.</summary>
    public string Body(byte[] body) => _matters.Of("body", body);
}

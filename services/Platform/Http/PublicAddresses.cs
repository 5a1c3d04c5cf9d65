using System.Net;
using System.Net.Sockets;

namespace OtPlatform.Platform.Http;

/// <summary>
/// Which addresses belong to the public internet. Everything else, by the special-purpose registries of RFC 6890 and their updates, is
/// refused where callers name an address that we are to call.
/// </summary>
public static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),

        // A cloud's own service for its machines, on an address that looks public.
        IPNetwork.Parse("168.63.129.16/32"),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    // What carries an IPv4 address inside is here too: Teredo, 6to4.
    private static readonly IPNetwork[] NotPublic6 =
    [
        IPNetwork.Parse("2001::/23"),
        IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("2002::/16"),
        IPNetwork.Parse("3fff::/20"),
    ];

    public static bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !NotPublic4.Any(network => network.Contains(plain)),
            AddressFamily.InterNetworkV6 => Global6.Contains(plain) && !NotPublic6.Any(network => network.Contains(plain)),
            _ => false,
        };
    }
}

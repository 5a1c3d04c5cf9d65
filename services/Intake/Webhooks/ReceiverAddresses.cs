using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OtPlatform.Platform.Http;

namespace OtPlatform.Intake.Webhooks;

/// <summary>An address that a partner named leads to where we do not call.</summary>
public sealed class AddressRefusedException() : Exception("The receiver's address is refused.");

/// <summary>Where we call when a partner asks us to: only the public internet, and never by way of a name that leads elsewhere.</summary>
public sealed class ReceiverAddresses(WebhookOptions options)
{
    private const int LongestUrl = 2_000;

    /// <summary>The address as it is kept.</summary>
    /// <exception cref="InvalidInputException">It is none that we would ever call.</exception>
    public Uri Accept(string? url, string path) => url switch
    {
        null or "" => throw new InvalidInputException(path, "Required."),
        { Length: > LongestUrl } => throw new InvalidInputException(path, $"At most {LongestUrl} characters."),
        _ when IsWritten(url) && Uri.TryCreate(url, UriKind.Absolute, out var address) && MayBeCalled(address) => address,
        _ => throw new InvalidInputException(path, "An https address on the public internet, without user name, password or fragment."),
    };

    /// <summary>Whether a connection to <paramref name="to"/> may be opened for a request to <paramref name="address"/>.</summary>
    public bool Allows(Uri address, IPAddress to) => IPAddress.IsLoopback(to.IsIPv4MappedToIPv6 ? to.MapToIPv4() : to)
        ? options.AllowLoopback
        : address.Scheme == Uri.UriSchemeHttps && PublicAddresses.Contains(to);

    /// <summary>Opens a connection, to an address that has been looked at and not to a name that may lead elsewhere a moment later.</summary>
    /// <exception cref="AddressRefusedException">None of the host's addresses is allowed.</exception>
    public async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint;
        var found = IPAddress.TryParse(host.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host.Host, cancellation);
        var allowed = found.Where(address => Allows(context.InitialRequestMessage.RequestUri!, address)).ToArray();
        if (allowed.Length == 0)
        {
            throw found.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new AddressRefusedException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, host.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>As an address is sent, so that what is kept is what was meant: nothing around it, nothing left to escape.</summary>
    private static bool IsWritten(string url) => url.All(letter => letter is > ' ' and < '\x7f') && Uri.IsWellFormedUriString(url, UriKind.Absolute);

    /// <summary>A name whose encoded letters stand for none could never be looked up.</summary>
    private static bool IsName(Uri address)
    {
        try
        {
            return address.HostNameType is not UriHostNameType.Dns || new IdnMapping().GetUnicode(address.IdnHost).Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private bool MayBeCalled(Uri address)
    {
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0 || address.Port is 0 or -1)
        {
            return false;
        }

        if (address.IsLoopback)
        {
            return options.AllowLoopback && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
        }

        return address.Scheme == Uri.UriSchemeHttps && IsName(address) && (!IPAddress.TryParse(address.IdnHost, out var literal) || PublicAddresses.Contains(literal));
    }
}

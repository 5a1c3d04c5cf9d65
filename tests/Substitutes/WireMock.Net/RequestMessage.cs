using WireMock.Types;

namespace WireMock;

/// <summary>A request that the server received.</summary>
public interface IRequestMessage
{
    string Url { get; }

    DateTime DateTime { get; }

    string Path { get; }

    string Method { get; }

    IDictionary<string, WireMockList<string>>? Headers { get; }

    string? Body { get; }

    byte[]? BodyAsBytes { get; }
}

internal sealed record ReceivedRequest(string Url, DateTime DateTime, string Path, string Method, IDictionary<string, WireMockList<string>> Headers, byte[] Bytes) : IRequestMessage
{
    IDictionary<string, WireMockList<string>>? IRequestMessage.Headers => Headers;

    public string? Body => Bytes.Length == 0 ? null : System.Text.Encoding.UTF8.GetString(Bytes);

    public byte[]? BodyAsBytes => Bytes.Length == 0 ? null : Bytes;
}

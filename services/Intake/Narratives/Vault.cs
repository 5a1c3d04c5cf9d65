using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>A sealed text. Only ciphertext is stored.</summary>
public sealed record VaultText
{
    public required Guid Id { get; init; }

    /// <summary>The consultation whose data key seals it.</summary>
    public required Guid Owner { get; init; }

    /// <summary>What it is, for example <c>question</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>12 bytes, unique for the data key.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>Ciphertext followed by the 16-byte tag.</summary>
    public required byte[] Sealed { get; init; }
}

/// <summary>A text that was opened for somebody.</summary>
public sealed record OpenedText(Guid Id, string Kind, string Text);

/// <summary>All case text, sealed with AES-256-GCM under a data key per consultation. The text's place is authenticated with it, so that a sealed text cannot be moved.</summary>
public sealed class Vault(DataKeys keys, StreamStore streams, TimeProvider clock)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Seals several texts of one consultation; the caller stores them with the event that names them.</summary>
    /// <param name="texts">Text by kind.</param>
    public async Task<IReadOnlyList<VaultText>> Seal(Guid owner, IReadOnlyDictionary<string, string> texts, DateTimeOffset now, CancellationToken cancellation)
    {
        if (texts.Count == 0)
        {
            return [];
        }

        return Seal(new DataKey(owner, await keys.GetOrCreate(owner, cancellation), Stopwatch.GetTimestamp()), texts, now);
    }

    /// <summary>The same for an owner whose data key is at hand.</summary>
    public static IReadOnlyList<VaultText> Seal(DataKey key, IReadOnlyDictionary<string, string> texts, DateTimeOffset now)
    {
        using var cipher = new AesGcm(key.Key, TagLength);
        return [.. texts.Select(text => Seal(cipher, key.Owner, Ids.New(now), text.Key, text.Value))];
    }

    /// <summary>Seals a text under an id that its writer chose; the caller stores it.</summary>
    public async Task<VaultText> Seal(Guid owner, Guid id, string kind, string text, CancellationToken cancellation)
    {
        using var cipher = new AesGcm(await keys.GetOrCreate(owner, cancellation), TagLength);
        return Seal(cipher, owner, id, kind, text);
    }

    /// <summary>Whether <paramref name="text"/> is what the sealed one says. Nothing is handed out, so nothing is recorded.</summary>
    public async Task<bool> Says(VaultText known, string text, CancellationToken cancellation) =>
        await keys.Find(known.Owner, cancellation) is { } key
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Open(key, known)), Encoding.UTF8.GetBytes(text));

    /// <summary>Seals a text of one consultation for another, too, under that one's own key: each can be read and erased by itself. Nothing is handed out, so nothing is recorded.</summary>
    /// <returns>Null when there is no such text any more.</returns>
    public async Task<VaultText?> Copy(Guid textId, Guid to, Guid id, CancellationToken cancellation) =>
        await streams.Load<VaultText>(textId, cancellation) is { } text && await keys.Find(text.Owner, cancellation) is { } key
            ? await Seal(to, id, text.Kind, Open(key, text), cancellation)
            : null;

    /// <summary>Opens what the platform itself needs, such as a secret to sign with. No case text: nothing is recorded, and what is missing is left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> Use(Guid owner, IReadOnlyList<Guid> ids, CancellationToken cancellation)
    {
        var texts = await streams.Query<VaultText>("where owner = ? and id = any(?)", cancellation, owner, ids.ToArray());
        return await keys.Find(owner, cancellation) is { } key ? texts.ToDictionary(text => text.Id, text => Open(key, text)) : new Dictionary<Guid, string>();
    }

    /// <summary>Opens a text and records who read it and why, in one act: nothing is handed out unrecorded.</summary>
    /// <returns>Null when there is no such text, or when its key has been destroyed.</returns>
    public async Task<string?> Read(Guid textId, string purpose, string reader, CancellationToken cancellation) =>
        await streams.Load<VaultText>(textId, cancellation) is { } text && await Opened(text.Owner, [text], purpose, reader, cancellation) is [var opened] ? opened.Text : null;

    /// <summary>Opens the texts of one consultation in the order in which they were put, as <see cref="Read"/> does with one.</summary>
    /// <param name="wanted">Which of them, by id and kind; what is left out is neither opened nor recorded.</param>
    public async Task<IReadOnlyList<OpenedText>> ReadOf(Guid owner, Func<VaultText, bool> wanted, string purpose, string reader, CancellationToken cancellation)
    {
        var texts = await streams.Query<VaultText>("where owner = ? order by id", cancellation, owner);
        return await Opened(owner, [.. texts.Where(wanted)], purpose, reader, cancellation);
    }

    /// <summary>Whether there are sealed texts that nobody can open any more.</summary>
    public async Task<bool> IsUnreadable(Guid owner, CancellationToken cancellation) =>
        await keys.Find(owner, cancellation) is null && await streams.Query<VaultText>("where owner = ? limit 1", cancellation, owner) is { Count: > 0 };

    private async Task<IReadOnlyList<OpenedText>> Opened(Guid owner, IReadOnlyList<VaultText> texts, string purpose, string reader, CancellationToken cancellation)
    {
        if (texts.Count == 0 || await keys.Find(owner, cancellation) is not { } key)
        {
            return [];
        }

        var now = clock.GetUtcNow();
        await streams.InOneTransaction(
            new Origin(reader, owner.ToString()),
            async work =>
            {
                await AccessLog.Append(work, owner, AccessLog.LinesFor(texts), reader, purpose, now, cancellation);
                return true;
            },
            cancellation);
        return [.. texts.Select(text => new OpenedText(text.Id, text.Kind, Open(key, text)))];
    }

    private static string Open(byte[] key, VaultText text)
    {
        using var cipher = new AesGcm(key, TagLength);
        var plain = new byte[text.Sealed.Length - TagLength];
        cipher.Decrypt(text.Nonce, text.Sealed.AsSpan(0, plain.Length), text.Sealed.AsSpan(plain.Length), plain, PlaceOf(text.Owner, text.Id, text.Kind));
        return Encoding.UTF8.GetString(plain);
    }

    private static VaultText Seal(AesGcm cipher, Guid owner, Guid id, string kind, string text)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var plain = Encoding.UTF8.GetBytes(text);
        var output = new byte[plain.Length + TagLength];
        cipher.Encrypt(nonce, plain, output.AsSpan(0, plain.Length), output.AsSpan(plain.Length), PlaceOf(owner, id, kind));
        return new VaultText { Id = id, Owner = owner, Kind = kind, Nonce = nonce, Sealed = output };
    }

    private static byte[] PlaceOf(Guid owner, Guid id, string kind) => Encoding.UTF8.GetBytes($"{owner:N}:{id:N}:{kind}");
}

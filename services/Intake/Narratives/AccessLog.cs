using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Narratives;

/// <summary>One line of a consultation's access log: who read which text, when and what for. Each holds the hash of the one before it.</summary>
public sealed record TextAccess
{
    public required Guid Id { get; init; }

    public required Guid Owner { get; init; }

    /// <summary>From 1, without a gap, within the consultation.</summary>
    public required long Number { get; init; }

    /// <summary>The text; empty when it was about several.</summary>
    public required Guid TextId { get; init; }

    /// <summary>What the text is or was, for example <c>question</c>.</summary>
    public required string Kind { get; init; }

    public required string Reader { get; init; }

    /// <summary>Code of the purpose.</summary>
    public required string Purpose { get; init; }

    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>Hash of the line before; empty in the first.</summary>
    public required string Previous { get; init; }

    /// <summary>SHA-256 over all the rest, 64 hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The hash that the line has to have.</summary>
    public string Seal()
    {
        string[] parts =
        [
            Owner.ToString("N"), Number.ToString(CultureInfo.InvariantCulture), Id.ToString("N"), TextId.ToString("N"), Kind, Reader, Purpose,
            ReadAt.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture), Previous,
        ];
        return AccessHash.Of(parts);
    }
}

/// <summary>The last line of a consultation's access log.</summary>
public sealed record AccessHead
{
    /// <summary>The consultation.</summary>
    public required Guid Id { get; init; }

    public required long Number { get; init; }

    public required string Hash { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>Hashes of the access log and its anchors.</summary>
internal static class AccessHash
{
    /// <summary>Each part with its length, so that no two lists of parts read alike.</summary>
    public static string Of(IEnumerable<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part};");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

/// <summary>Writes the access log. It holds no words, and it stays when they are erased.</summary>
public static class AccessLog
{
    public const string Erasure = "erasure";

    /// <summary>Every text of the consultation at once.</summary>
    public const string All = "all";

    /// <summary>All messages that were there, read in one act: a line each would drown whoever else has read.</summary>
    public const string Messages = "messages";

    // Of these there are more and more, and they are read together each time.
    private static readonly Dictionary<string, string> Together = new()
    {
        [SendMessage.Text] = Messages,
        [HoldAbsenceMeeting.NoteText] = "absenceMeetings",
        [RecordAbsenceHours.ReasonText] = "absenceCorrections",
    };

    /// <summary>What is to be noted of one act of reading.</summary>
    internal static IEnumerable<(Guid TextId, string Kind)> LinesFor(IReadOnlyList<VaultText> texts)
    {
        var together = texts.Where(text => Together.ContainsKey(text.Kind)).GroupBy(text => text.Kind).Where(same => same.Count() > 1).Select(same => same.Key).ToList();
        return texts.Where(text => !together.Contains(text.Kind)).Select(text => (text.Id, text.Kind))
            .Concat(together.Select(kind => (Guid.Empty, Together[kind])));
    }

    /// <summary>Adds a line for each text, in the transaction of <paramref name="work"/>; writers of one consultation's log wait for each other.</summary>
    public static async Task Append(Work work, Guid owner, IEnumerable<(Guid TextId, string Kind)> texts, string reader, string purpose, DateTimeOffset now, CancellationToken cancellation)
    {
        await work.Lock($"access-log:{owner}", cancellation);
        var head = await work.Load<AccessHead>(owner, cancellation);
        var (number, previous) = (head?.Number ?? 0, head?.Hash ?? string.Empty);
        foreach (var (textId, kind) in texts)
        {
            var line = new TextAccess
            {
                Id = Ids.New(now),
                Owner = owner,
                Number = ++number,
                TextId = textId,
                Kind = kind,
                Reader = reader,
                Purpose = purpose,
                ReadAt = now,
                Previous = previous,
                Hash = string.Empty,
            };
            previous = line.Seal();
            work.Insert(line with { Hash = previous });
        }

        work.Store(new AccessHead { Id = owner, Number = number, Hash = previous, ChangedAt = now });
    }
}

using System.Globalization;

namespace Fwknop.Protocol;

/// <summary>
/// The fields of a packet as the reference prints them (client.md 14.1, server.md 10); scripts match these lines. Shows what was in
/// the packet and how it was sealed, never a key.
/// </summary>
public sealed class MessageDump
{
    private const int LabelWidth = 15;
    private const string Absent = "<NULL>";

    private static readonly string[] TypeNames =
    [
        "Command msg", "Access msg", "NAT access msg", "Client timeout access msg", "Client timeout NAT access msg",
        "Local NAT access msg", "Client timeout local NAT access msg",
    ];

    private MessageDump(IReadOnlyList<string> lines) => Lines = lines;

    /// <summary>One line a field, below a heading. A field may hold control characters: a log must not print them as they are.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>A packet that was made.</summary>
    /// <param name="message">What went into it.</param>
    /// <param name="digestType">Its inner digest.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="keys">What it was sealed with.</param>
    public static MessageDump Of(SpaMessage message, DigestType digestType, SpaPacket packet, PacketKeys keys)
    {
        ArgumentNullException.ThrowIfNull(packet);
        return Create(message, digestType, keys, packet.EncodedMessage, packet.Digest, packet.Hmac, packet.ToString());
    }

    /// <summary>A packet that was opened. The HMAC is no longer part of its data.</summary>
    /// <param name="opened">What was in it.</param>
    /// <param name="keys">What it was opened with.</param>
    public static MessageDump Of(AuthenticMessage opened, PacketKeys keys)
    {
        ArgumentNullException.ThrowIfNull(opened);
        return Create(opened.Message, opened.DigestType, keys, opened.EncodedMessage, opened.Digest, opened.Hmac, opened.CipherText);
    }

    /// <summary>The lines, each with its newline; shown with another newline they end in an empty line, as in the reference.</summary>
    public override string ToString() => string.Concat(Lines.Select(line => line + '\n'));

    private static MessageDump Create(
        SpaMessage message, DigestType digestType, PacketKeys keys, FieldText encoded, string digest, string? hmac, string finalData)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(keys);
        return new(
        [
            "SPA Field Values:",
            "=================",
            Line("Random Value", message.RandomValue.ToString()),
            Line("Username", message.Username.ToString()),
            Line("Timestamp", message.Timestamp.ToString(CultureInfo.InvariantCulture)),
            Line("FKO Version", message.Version.ToString()),
            Line("Message Type", $"{(int)message.Type} ({TypeNames[(int)message.Type]})"),
            Line("Message String", message.Message.ToString()),
            Line("Nat Access", message.NatAccess?.ToString()),
            Line("Server Auth", message.ServerAuth?.ToString()),
            Line("Client Timeout", message.ClientTimeout.ToString(CultureInfo.InvariantCulture)),
            Line("Digest Type", $"{(int)digestType} ({AlgorithmNames.GetName(digestType)})"),
            Line("HMAC Type", $"{(int)keys.HmacType} ({AlgorithmNames.GetName(keys.HmacType)})"),
            Line("Encryption Type", "1 (Rijndael)"),
            Line("Encryption Mode", $"{(int)keys.Mode} ({AlgorithmNames.GetName(keys.Mode)})"),
            Line("Encoded Data", encoded.ToString()),
            Line("SPA Data Digest", digest),
            Line("HMAC", hmac),
            Line("Final SPA Data", finalData),
        ]);

        static string Line(string label, string? value) => $"{label.PadLeft(LabelWidth)}: {value ?? Absent}";
    }
}

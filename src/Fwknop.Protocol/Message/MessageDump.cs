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
        ArgumentNullException.ThrowIfNull(keys);
        IReadOnlyList<string> openPgp = OpenPgpLines(keys, keys.OpenPgp?.Names, null);
        return Create(message, digestType, keys, openPgp, packet.EncodedMessage, packet.Digest, packet.Hmac, packet.ToString());
    }

    /// <summary>A packet that was opened. The HMAC is no longer part of its data.</summary>
    /// <param name="opened">What was in it.</param>
    /// <param name="keys">What it was opened with.</param>
    public static MessageDump Of(AuthenticMessage opened, PacketKeys keys)
    {
        ArgumentNullException.ThrowIfNull(opened);
        ArgumentNullException.ThrowIfNull(keys);

        // Who a packet was made for and by is not known from its text; the signature is.
        OpenPgpNames? names = keys.OpenPgp?.Names is { } known ? known with { Recipient = null, Signer = null } : null;
        IReadOnlyList<string> openPgp = OpenPgpLines(keys, names, opened.Signature);
        return Create(
            opened.Message, opened.DigestType, keys, openPgp, opened.EncodedMessage, opened.Digest, opened.Hmac, opened.CipherText);
    }

    /// <summary>The lines, each with its newline; shown with another newline they end in an empty line, as in the reference.</summary>
    public override string ToString() => string.Concat(Lines.Select(line => line + '\n'));

    private static MessageDump Create(
        SpaMessage message,
        DigestType digestType,
        PacketKeys keys,
        IReadOnlyList<string> openPgp,
        FieldText encoded,
        string digest,
        string? hmac,
        string finalData)
    {
        ArgumentNullException.ThrowIfNull(message);
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
            Line("Encryption Type", keys.OpenPgp is null ? "1 (Rijndael)" : "2 (GPG)"),
            Line("Encryption Mode", $"{(int)keys.Mode} ({AlgorithmNames.GetName(keys.Mode)})"),
            .. openPgp,
            Line("Encoded Data", encoded.ToString()),
            Line("SPA Data Digest", digest),
            Line("HMAC", hmac),
            Line("Final SPA Data", finalData),
        ]);
    }

    // None unless the packet is an OpenPGP one.
    private static IReadOnlyList<string> OpenPgpLines(PacketKeys keys, OpenPgpNames? names, OpenPgpSignature? signature) => names is null ? [] :
    [
        Line("GPG signer", names.Signer),
        Line("GPG recipient", names.Recipient),
        Line("GPG sig verify", keys.SignaturePolicy.IsRequired ? "Yes" : "No"),
        Line("GPG ignore sig", keys.SignaturePolicy.IgnoresErrors ? "Yes" : "No"),
        Line("GPG sig ID", signature?.Id),
        Line("GPG sig fpr", signature?.Fingerprint),
        Line("GPG sig summary", Number(signature?.Summary)),
        Line("GPG sig status", Number(signature?.StatusCode)),
        Line("GPG home dir", names.HomeDirectory),
        Line("GPG exe", names.Executable),
    ];

    private static string Number(int? value) => (value ?? -1).ToString(CultureInfo.InvariantCulture);

    private static string Line(string label, string? value) => $"{label.PadLeft(LabelWidth)}: {value ?? Absent}";
}

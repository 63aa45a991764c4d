using System.Globalization;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The fields of a packet as the reference prints them (client.md 14.1); scripts match these lines.</summary>
internal sealed record FieldDump(
    SpaMessage Message,
    DigestType Digest,
    HmacType HmacType,
    EncryptionMode Mode,
    FieldText EncodedData,
    string DigestText,
    string? Hmac,
    string FinalData)
{
    private const int LabelWidth = 15;
    private const string Absent = "<NULL>";

    private static readonly string[] TypeNames =
    [
        "Command msg", "Access msg", "NAT access msg", "Client timeout access msg", "Client timeout NAT access msg",
        "Local NAT access msg", "Client timeout local NAT access msg",
    ];

    /// <summary>The whole dump with its empty last line, without the last newline.</summary>
    public override string ToString()
    {
        StringBuilder text = new("SPA Field Values:\n=================\n");
        Line("Random Value", Message.RandomValue.ToString());
        Line("Username", Message.Username.ToString());
        Line("Timestamp", Message.Timestamp.ToString(CultureInfo.InvariantCulture));
        Line("FKO Version", Message.Version.ToString());
        Line("Message Type", $"{(int)Message.Type} ({TypeNames[(int)Message.Type]})");
        Line("Message String", Message.Message.ToString());
        Line("Nat Access", Message.NatAccess?.ToString());
        Line("Server Auth", Message.ServerAuth?.ToString());
        Line("Client Timeout", Message.ClientTimeout.ToString(CultureInfo.InvariantCulture));
        Line("Digest Type", $"{(int)Digest} ({AlgorithmNames.GetName(Digest)})");
        Line("HMAC Type", $"{(int)HmacType} ({AlgorithmNames.GetName(HmacType)})");
        Line("Encryption Type", "1 (Rijndael)");
        Line("Encryption Mode", $"{(int)Mode} ({AlgorithmNames.GetName(Mode)})");
        Line("Encoded Data", EncodedData.ToString());
        Line("SPA Data Digest", DigestText);
        Line("HMAC", Hmac);
        Line("Final SPA Data", FinalData);
        return text.ToString();

        void Line(string label, string? value) => text.Append(label.PadLeft(LabelWidth)).Append(": ").Append(value ?? Absent).Append('\n');
    }
}

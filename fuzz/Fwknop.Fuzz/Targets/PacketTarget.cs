using System.Text;
using System.Text.Json;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Fuzz.Targets;

/// <summary>
/// Input: two bytes that choose a vector's keys, then a packet. Who does not know the keys can make no packet: what is accepted is, byte by
/// byte, one that the reference made with them.
/// </summary>
internal static class PacketTarget
{
    private static readonly Lazy<IReadOnlyList<Vector>> Vectors = new(Load);

    public static IReadOnlyList<byte[]> Corpus() =>
        [.. Vectors.Value.Select((vector, i) => (byte[])[(byte)(i >> 8), (byte)i, .. Encoding.ASCII.GetBytes(vector.Packet)])];

    public static void Check(byte[] input)
    {
        if (input.Length < 2)
        {
            return;
        }

        Vector vector = Vectors.Value[((input[0] << 8) | input[1]) % Vectors.Value.Count];
        bool opened = SpaPacket.TryOpen(input.AsSpan(2), vector.Keys, out AuthenticMessage? message, out Rejection why);
        Promise.Require(opened == (why == Rejection.None) && opened == message is not null, "the reason contradicts the result");
        if (opened)
        {
            string text = Encoding.Latin1.GetString(input.AsSpan(2));
            Promise.Require(Vectors.Value.Any(known => known.Packet == text), "a packet was accepted that nobody made");
        }
    }

    private static List<Vector> Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(VectorFiles.PathOf("classic.json")));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray().Select(Read)];
    }

    private static Vector Read(JsonElement vector)
    {
        HmacKey? hmacKey = vector.GetProperty("hmac_key_b64").GetString() is { Length: > 0 } text ? HmacKey.FromBytes(Convert.FromBase64String(text)) : null;
        HmacType hmacType = hmacKey is null ? HmacType.Sha256 : (HmacType)vector.GetProperty("hmac_type").GetInt32();
        EncryptionKey key = EncryptionKey.FromBytes(vector.GetProperty("enc_key_b64").GetBytesFromBase64());
        return new Vector(
            vector.GetProperty("packet").GetString()!,
            new PacketKeys(key, hmacKey, hmacType, (EncryptionMode)vector.GetProperty("encryption_mode").GetInt32()));
    }

    private sealed record Vector(string Packet, PacketKeys Keys);
}

using System.Net;
using System.Text;

namespace Fwknop.Protocol.Tests;

/// <summary>Any message that the encoder makes is opened by the decoder to the same fields.</summary>
public sealed class RoundTripTests
{
    private const int Count = 3000;
    private const string UserLetters = "abcXYZ019 _-.@$~(){}!#%&'^`";

    private static readonly EncryptionMode[] Modes =
        [EncryptionMode.Cbc, EncryptionMode.Ecb, EncryptionMode.Cfb, EncryptionMode.Ofb, EncryptionMode.Ctr, EncryptionMode.Legacy];

    [Fact]
    public void What_is_sealed_opens_to_the_same_fields()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        HashSet<MessageType> seen = [];
        for (int number = 0; number < Count; number++)
        {
            SpaMessage message = NewMessage(random);
            DigestType digest = Pick(random, Enum.GetValues<DigestType>());
            using PacketKeys keys = NewKeys(random);
            string call = $"seed {seed}, message {number}: {message}, {digest}, {keys.Mode}, {keys.HmacType}";
            Assert.True(SpaPacket.TrySeal(message, keys, digest, out SpaPacket? packet, out Rejection why), $"{why}, {call}");
            Assert.True(SpaPacket.TryOpen(packet.Bytes.Span, keys, out AuthenticMessage? opened, out why), $"{why}, {call}");
            Assert.True(message == opened.Message && digest == opened.DigestType, $"{opened.Message}, {opened.DigestType}, {call}");
            seen.Add(message.Type);
        }

        Assert.Equal(Enum.GetValues<MessageType>().Order(), seen.Order());
    }

    private static SpaMessage NewMessage(Random random)
    {
        MessageType type = Pick(random, Enum.GetValues<MessageType>());
        bool isNat = type is MessageType.NatAccess or MessageType.ClientTimeoutNatAccess or MessageType.LocalNatAccess
            or MessageType.ClientTimeoutLocalNatAccess;
        bool hasTimeout = type is MessageType.ClientTimeoutAccess or MessageType.ClientTimeoutNatAccess or MessageType.ClientTimeoutLocalNatAccess;
        bool isIPv6 = type == MessageType.Access && random.Next(3) == 0;
        int ports = isIPv6 ? 1 : random.Next(1, 4);
        string request = type == MessageType.Command
            ? Word(random, "abc |>&;=:,./'\"", 20) + "x"
            : string.Join(',', Enumerable.Range(0, ports).Select(_ => $"{(random.Next(2) == 0 ? "tcp" : "udp")}/{random.Next(1, 65536)}"));
        return new SpaMessage
        {
            Username = "u" + Word(random, UserLetters, 10),
            Timestamp = random.Next(),
            Type = type,
            Message = $"{(isIPv6 ? new IPAddress(Bytes(random, 16)).ToString() : Address(random))},{request}",
            NatAccess = isNat ? (FieldText?)FieldText.FromString($"{NatHost(random)},{random.Next(1, 65536)}") : null,
            ServerAuth = random.Next(3) == 0 ? OneTimeField(random) : default(FieldText?),
            ClientTimeout = hasTimeout ? random.Next(1, 65537) : 0,
        };
    }

    private static PacketKeys NewKeys(Random random)
    {
        EncryptionMode mode = Pick(random, Modes);
        bool isLegacy = mode == EncryptionMode.Legacy;
        byte[] key = Bytes(random, random.Next(1, isLegacy ? 17 : 33));
        HmacKey? hmac = isLegacy || random.Next(4) == 0 ? null : HmacKey.FromBytes(Bytes(random, random.Next(1, 129)));
        HmacType[] types = [.. Enum.GetValues<HmacType>().Where(type => type != HmacType.None)];
        return new PacketKeys(EncryptionKey.FromBytes(key), hmac, Pick(random, types), mode);
    }

    private static T Pick<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Address(Random random) => string.Join('.', Bytes(random, 4));

    private static string NatHost(Random random) => random.Next(2) == 0 ? Address(random) : "h" + Word(random, "abcxyz019", 8) + ".net";

    private static FieldText? OneTimeField(Random random)
    {
        Assert.True(OneTimePassword.TryMakeField(random.Next(100_000, 99_999_999).ToString("D6", null), out FieldText field));
        return field;
    }

    private static string Word(Random random, string letters, int longest)
    {
        StringBuilder word = new();
        for (int left = random.Next(longest + 1); left > 0; left--)
        {
            word.Append(letters[random.Next(letters.Length)]);
        }

        return word.ToString();
    }
}

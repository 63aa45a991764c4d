using System.Text;
using System.Text.Json;

namespace Fwknop.Protocol.Tests;

/// <summary>What the reference's setters and library functions answered, where this library has a counterpart.</summary>
public sealed class ApiVectorTests
{
    private const string Api = "api.json";

    /// <summary>Where we refuse on purpose what the reference takes, and why.</summary>
    private static readonly Dictionary<string, string> StricterThanTheReference = new()
    {
        ["longer names are cut to 63 bytes"] = "a name is never cut in silence",
        ["letters are accepted by the setter although no symmetric decoder takes them"] = "no decoder takes them",
        ["empty HMAC key"] = "decoders skip the check with an empty key",
        ["local NAT type without NAT data: the encoder does not notice"] = "no decoder takes it",
        ["type 4 set, no timeout, no NAT: falls back to type 2 after the check"] = "no decoder takes it",
    };

    public static TheoryData<string, string> Rows => Vectors.Rows(Api);

    [Theory]
    [MemberData(nameof(Rows))]
    public void Answers_as_the_reference_does(string id, string description)
    {
        JsonElement row = Vectors.Row(Api, id);
        Assert.NotEmpty(description);
        switch (row.Text("function"))
        {
            case "set_username":
                AssertCode(row, MessageRules.CheckUsername(Argument(row, 0)));
                break;
            case "set_rand_value":
                AssertCode(row, SealWith(message => message with { RandomValue = new FieldText(Argument(row, 0)) }));
                break;
            case "set_message":
                AssertMessageCode(row, MessageRules.CheckMessage(Given(row), Argument(row, 0)));
                break;
            case "set_nat_access":
                AssertCode(row, MessageRules.CheckNatAccess(Argument(row, 0)));
                AssertForcedTypes(row, hasNatAccess: true);
                break;
            case "set_client_timeout":
                AssertCode(row, MessageRules.CheckClientTimeout(row.GetProperty("args")[0].GetInt32()));
                AssertForcedTypes(row, hasNatAccess: false);
                break;
            case "set_server_auth":
                AssertCode(row, MessageRules.CheckServerAuth(Argument(row, 0)));
                break;
            case "set_message_type":
                AssertCode(row, Enum.IsDefined((MessageType)unchecked((byte)row.GetProperty("args")[0].GetInt32()))
                    ? Rejection.None
                    : Rejection.MessageTypeInvalid);
                break;
            case "base64_decode":
                AssertBase64(row);
                break;
            case "key_gen":
                AssertKeyGeneration(row);
                break;
            case "spa_data_final":
                AssertSeal(row);
                break;
            default:
                // Setters of a context object that has no counterpart: types are enumerations here.
                Assert.Contains(row.Text("function"), new[]
                {
                    "set_digest_type", "set_hmac_type", "set_encryption_type", "set_encryption_mode", "encryption_type", "set_spa_data",
                });
                break;
        }
    }

    private static void AssertCode(JsonElement row, Rejection actual)
    {
        if (row.Text("note") is { } note && StricterThanTheReference.ContainsKey(note))
        {
            Assert.NotEqual(Rejection.None, actual);
            return;
        }

        JsonElement real = row.GetProperty("real");
        Assert.Equal((Rejection)real.Int("error_code"), actual);
        Assert.Equal(real.Text("error_name"), actual.GetName());
        Assert.Equal(real.Text("error_text"), actual.GetText());
    }

    // Our one extension of access texts without IPv6: the ports are left to the server.
    private static void AssertMessageCode(JsonElement row, Rejection actual)
    {
        if (Encoding.UTF8.GetString(Argument(row, 0)) == "1.2.3.4,none/0" && Given(row) == MessageType.Access)
        {
            Assert.Equal(Rejection.None, actual);
            return;
        }

        AssertCode(row, actual);
    }

    private static void AssertForcedTypes(JsonElement row, bool hasNatAccess)
    {
        if (!row.TryGetProperty("result", out JsonElement result))
        {
            return;
        }

        JsonElement given = row.GetProperty("given");
        int timeout = hasNatAccess ? given.Int("client_timeout_set_after_type") : row.GetProperty("args")[0].GetInt32();
        MessageType asked = Given(row);
        int expected = hasNatAccess ? result.Int("message_type_after_nat") : result.Int("message_type");
        Assert.Equal((MessageType)expected, MessageRules.ForcedType(asked, hasNatAccess, timeout));
        if (hasNatAccess)
        {
            Assert.Equal((MessageType)result.Int("message_type_after_timeout"), MessageRules.ForcedType(asked, false, timeout));
        }
    }

    private static void AssertBase64(JsonElement row)
    {
        JsonElement result = row.GetProperty("result");
        byte[] decoded = new byte[64];
        bool valid = SpaBase64.TryDecodeLenient(Argument(row, 0), decoded, out int length);
        Assert.Equal(result.Int("length"), valid ? length : -1);
        if (valid)
        {
            Assert.Equal(result.Text("bytes_hex"), Convert.ToHexStringLower(decoded.AsSpan(0, length)));
        }
    }

    private static void AssertKeyGeneration(JsonElement row)
    {
        int[] args = [.. row.GetProperty("args").EnumerateArray().Select(arg => arg.GetInt32())];
        if (row.GetProperty("real").Int("error_code") == 0 && args[0] != 0)
        {
            using EncryptionKey key = EncryptionKey.Generate(args[0]);
            using HmacKey hmacKey = HmacKey.Generate(args[1]);
            Assert.Equal(row.GetProperty("result").Int("key_bytes"), key.Length);
            Assert.Equal(row.GetProperty("result").Int("hmac_key_bytes"), hmacKey.Length);
        }
        else if (args[0] is not 0 && args[0] is < 1 or > 32)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => EncryptionKey.Generate(args[0]));
        }
    }

    private static void AssertSeal(JsonElement row)
    {
        JsonElement given = row.GetProperty("given");
        bool hasCounterpart = given.Int("encryption_type") == 1 && given.Text("message") is not null
            && row.GetProperty("args")[0].ValueKind != JsonValueKind.Null
            && (given.Int("hmac_type") == 0 || row.GetProperty("args")[1].ValueKind != JsonValueKind.Null);
        if (!hasCounterpart)
        {
            return; // null keys, OpenPGP, unset fields: not expressible
        }

        int hmacType = given.Int("hmac_type");
        byte[]? hmac = hmacType == 0 ? null : Argument(row, 1);
        HmacKey? hmacKey = null;
        Rejection why = !EncryptionKey.TryFromBytes(Argument(row, 0), out EncryptionKey? key) ? Rejection.InvalidKeyLength
            : hmac is not null && !HmacKey.TryFromBytes(hmac, out hmacKey) ? Rejection.InvalidHmacKeyLength
            : hmac is { Length: 0 } ? Rejection.InvalidHmacKeyLength
            : Rejection.None;
        if (why == Rejection.None)
        {
            using PacketKeys keys = new(key!, hmacKey, (HmacType)hmacType);
            SpaMessage message = Message() with { Type = Given(row), Message = given.Text("message")! };
            SpaPacket.TrySeal(message, keys, DigestType.Sha256, out _, out why);
        }

        AssertCode(row, why);
    }

    private static Rejection SealWith(Func<SpaMessage, SpaMessage> change)
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        SpaPacket.TrySeal(change(Message()), keys, DigestType.Sha256, out _, out Rejection why);
        return why;
    }

    private static SpaMessage Message() => new()
    {
        Username = "alice",
        Timestamp = 1_700_000_000,
        Type = MessageType.Access,
        Message = "1.2.3.4,tcp/22",
    };

    private static MessageType Given(JsonElement row) => (MessageType)row.GetProperty("given").Int("message_type");

    private static byte[] Argument(JsonElement row, int index)
    {
        JsonElement argument = row.GetProperty("args")[index];
        return argument.TryGetProperty("text", out JsonElement text) ? Encoding.UTF8.GetBytes(text.GetString()!)
            : argument.TryGetProperty("b64", out JsonElement base64) ? base64.GetBytesFromBase64()
            : Encoding.UTF8.GetBytes(new string(argument.Text("repeat")![0], argument.Int("count")));
    }
}

using System.Text;

namespace Fwknop.Protocol.Tests;

public sealed class SpaKeyTests
{
    [Fact]
    public void Never_shows_its_bytes_and_is_gone_after_dispose()
    {
        EncryptionKey key = EncryptionKey.FromBytes("secret"u8);
        Assert.Equal("EncryptionKey", key.ToString());
        ReadOnlySpan<byte> bytes = key.Bytes;
        key.Dispose();
        Assert.Equal(new byte[6], bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => key.CopyTo(new byte[6]));
    }

    [Theory]
    [InlineData("empty", "", true, 0)]
    [InlineData("padded", "c2VjcmV0MQ==", true, 7)]
    [InlineData("without padding", "c2VjcmV0MQ", true, 7)]
    [InlineData("text after the padding is ignored", "c2VjcmV0MQ==junk", true, 7)]
    [InlineData("other alphabet", "c2Vj-cmV0", false, 0)]
    [InlineData("blank", "c2Vj cmV0", false, 0)]
    [InlineData("33 bytes", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", false, 0)]
    public void Reads_base64_as_settings_carry_it(string what, string text, bool valid, int length)
    {
        Assert.True(EncryptionKey.TryFromBase64(Encoding.ASCII.GetBytes(text), out EncryptionKey? key) == valid, what);
        Assert.Equal(length, key?.Length ?? 0);
    }

    [Fact]
    public void Writes_the_base64_it_reads()
    {
        using HmacKey key = HmacKey.Generate(64);
        byte[] text = new byte[88];
        Assert.Equal(88, key.WriteBase64(text));
        using HmacKey again = HmacKey.FromBase64(text);
        Assert.True(again.HasSameBytesAs(key));
    }

    [Fact]
    public void Refuses_an_HMAC_key_that_decoders_would_skip()
    {
        using EncryptionKey key = EncryptionKey.Generate();
        Assert.Throws<ArgumentException>(() => new PacketKeys(key, HmacKey.FromBytes([])));
        Assert.Throws<ArgumentException>(() => new PacketKeys(key, HmacKey.Generate(), HmacType.None));
    }
}

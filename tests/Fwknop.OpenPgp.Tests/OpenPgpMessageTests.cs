namespace Fwknop.OpenPgp.Tests;

/// <summary>Packet headers of RFC 4880, 4.2: for how many an encrypted message is.</summary>
public sealed class OpenPgpMessageTests
{
    [Theory]
    [InlineData("old format, one byte of length", "84 01 AA | D2 01 BB", 1)]
    [InlineData("old format, two bytes", "85 0001 AA | D2 01 BB", 1)]
    [InlineData("old format, four bytes", "86 00000001 AA | D2 01 BB", 1)]
    [InlineData("new format", "C1 01 AA | D2 01 BB", 1)]
    [InlineData("new format, five bytes of length", "C1 FF00000001 AA | D2 FF00000001 BB", 1)]
    [InlineData("two keys, both formats", "84 01 AA | C1 01 AA | D2 01 BB", 2)]
    [InlineData("a passphrase counts as well", "84 01 AA | C3 01 AA | 8C 01 AA | D2 01 BB", 3)]
    [InlineData("empty packets", "84 00 | D2 00", 1)]
    [InlineData("data in old format up to the end", "84 01 AA | A7 BB CC DD", 1)]
    [InlineData("data in parts", "84 01 AA | D2 E1 BBBB E0 BB 01 BB", 1)]
    [InlineData("data in parts, the last one empty", "84 01 AA | D2 E0 BB 00", 1)]
    [InlineData("data without protection", "84 01 AA | C9 01 BB", 1)]
    [InlineData("data of RFC 9580", "84 01 AA | D4 01 BB", 1)]
    public void Counts_who_can_read_it(string what, string hex, int expected)
    {
        Assert.True(OpenPgpMessage.TryCountReaders(Bytes(hex), out int count), what);
        Assert.Equal(expected, count);
    }

    [Theory]
    [InlineData("nothing", "")]
    [InlineData("no packet", "04 01 AA | D2 01 BB")]
    [InlineData("text", "2D2D2D2D2D424547494E")]
    [InlineData("no key", "D2 01 BB")]
    [InlineData("no data", "84 01 AA")]
    [InlineData("a header without length", "84")]
    [InlineData("a header without length, new format", "84 01 AA | D2")]
    [InlineData("half a length of two bytes", "85 00")]
    [InlineData("half a length of two bytes, new format", "84 01 AA | D2 C0")]
    [InlineData("half a length of four bytes", "86 000000")]
    [InlineData("half a length of four bytes, new format", "84 01 AA | D2 FF 000000")]
    [InlineData("a key that is cut off", "84 02 AA")]
    [InlineData("data that are cut off", "84 01 AA | D2 02 BB")]
    [InlineData("a length of 4 GiB", "86 FFFFFFFF AA | D2 01 BB")]
    [InlineData("a length of 4 GiB, new format", "C1 FF FFFFFFFF AA | D2 01 BB")]
    [InlineData("a length of 2 GiB", "86 80000000 AA | D2 01 BB")]
    [InlineData("a key up to the end", "87 AA D2 01 BB")]
    [InlineData("a key in parts", "C1 E0 AA 01 AA | D2 01 BB")]
    [InlineData("parts that do not end", "84 01 AA | D2 E0 BB")]
    [InlineData("a part of 1 GiB", "84 01 AA | D2 FE BB")]
    [InlineData("a key after the data", "84 01 AA | D2 01 BB | 84 01 AA")]
    [InlineData("a second message", "84 01 AA | D2 01 BB | 84 01 AA | D2 01 BB")]
    [InlineData("a packet of another kind before the data", "84 01 AA | CA 03 504750 | D2 01 BB")]
    [InlineData("tag 0", "80 01 AA | D2 01 BB")]
    public void Anything_else_is_no_encrypted_message(string what, string hex) =>
        Assert.False(OpenPgpMessage.TryCountReaders(Bytes(hex), out _), what);

    [Fact]
    public void Length_of_two_bytes_in_the_new_format()
    {
        byte[] data = [.. Bytes("84 01 AA | D2 C505"), .. new byte[((0xC5 - 192) << 8) + 0x05 + 192]];
        Assert.True(OpenPgpMessage.TryCountReaders(data, out int count));
        Assert.Equal(1, count);
        Assert.False(OpenPgpMessage.TryCountReaders(data.AsSpan(..^1), out _));
        Assert.False(OpenPgpMessage.TryCountReaders([.. data, 0], out _));
    }

    [Fact]
    public void Any_bytes_at_all_are_counted_or_refused()
    {
        Random random = new(Seed: 1);
        byte[] lead = Bytes("8401AA85000184D2E0BB01C1FF00000000C3");
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(24)];
            random.NextBytes(bytes);
            lead.AsSpan(0, random.Next(Math.Min(lead.Length, bytes.Length) + 1)).CopyTo(bytes);
            bool isMessage = OpenPgpMessage.TryCountReaders(bytes, out int count);
            Assert.True(!isMessage || count is > 0 and < 24);
        }
    }

    private static byte[] Bytes(string hex) =>
        Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal).Replace("|", "", StringComparison.Ordinal));
}

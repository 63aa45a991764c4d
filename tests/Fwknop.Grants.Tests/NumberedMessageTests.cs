namespace Fwknop.Grants.Tests;

/// <summary>The number in front of what listener and decryptor say to each other.</summary>
public sealed class NumberedMessageTests
{
    [Fact]
    public void Arrives_with_its_number()
    {
        Assert.True(NumberedMessage.TryRead(NumberedMessage.Write(0x01020304, [5, 6]), out uint number, out ReadOnlySpan<byte> content));
        Assert.Equal((0x01020304u, "0506"), (number, Convert.ToHexString(content)));
    }

    [Fact]
    public void Ready_is_number_0_and_nothing_else()
    {
        Assert.True(NumberedMessage.TryRead(NumberedMessage.Ready, out uint number, out ReadOnlySpan<byte> content));
        Assert.Equal((0u, true), (number, content.IsEmpty));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000000")]
    [InlineData("00000001")]
    [InlineData("0000000005")]
    public void Nothing_else_is_one(string bytes) => Assert.False(NumberedMessage.TryRead(Convert.FromHexString(bytes), out _, out _));
}

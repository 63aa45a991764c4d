using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

public sealed class AccountsTests
{
    [Fact]
    public void Root_is_found_by_name_and_number()
    {
        var root = Accounts.FindUser("root");

        Assert.Equal((0u, 0u, "/root"), (root!.Uid, root.Gid, root.HomeDirectory));
        Assert.Equal(root, Accounts.FindUser(0));
    }

    [Theory]
    [InlineData("no-such-user")]
    [InlineData("")]
    [InlineData("root:x")]
    [InlineData("ROOT")]
    public void An_unknown_name_is_nobody(string name) => Assert.Null(Accounts.FindUser(name));

    [Fact]
    public void An_unknown_number_is_nobody() => Assert.Null(Accounts.FindUser(3_999_999_999));

    [Fact]
    public void A_group_is_found_by_name() => Assert.Equal(0u, Accounts.FindGroup("root"));

    [Theory]
    [InlineData("no-such-group")]
    [InlineData("")]
    [InlineData("ROOT")]
    public void An_unknown_group_is_none(string name) => Assert.Null(Accounts.FindGroup(name));

    [Fact]
    public void A_name_with_a_zero_byte_is_misuse() => Assert.Throws<ArgumentException>(() => Accounts.FindUser("root\0x"));
}

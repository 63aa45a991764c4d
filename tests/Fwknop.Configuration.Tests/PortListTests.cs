using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests;

/// <summary>Port lists of server.md 4.3.</summary>
public class PortListTests
{
    [Theory]
    [InlineData("tcp/22", "tcp/22")]
    [InlineData("TCP/22,Udp/53", "tcp/22 udp/53")]
    [InlineData(" tcp/22 ,\tudp/53 ", "tcp/22 udp/53")]
    [InlineData("tcp/22,tcp/22", "tcp/22")]
    [InlineData("tcp/1,tcp/65535", "tcp/1 tcp/65535")]
    [InlineData("tcp/00022", "tcp/22")]
    [InlineData("tcp/8000-8003", "tcp/8000 tcp/8001 tcp/8002 tcp/8003")]
    [InlineData("UDP/7-7, tcp/1", "udp/7 tcp/1")]
    [InlineData("tcp/5-7, tcp/6-8", "tcp/5 tcp/6 tcp/7 tcp/8")]
    [InlineData("*/80", "tcp/80 udp/80")]
    [InlineData("*/8000-8001, tcp/22", "tcp/8000 tcp/8001 udp/8000 udp/8001 tcp/22")]
    [InlineData("udp/80, */80, tcp/80", "udp/80 tcp/80")]
    public void Accepts(string text, string expected)
    {
        Assert.True(PortList.TryParse(text, out PortList? list, out _));
        Assert.Equal(expected, string.Join(' ', list!.Items));
        Assert.Equal(text, list.ToString());
    }

    [Theory]
    [InlineData("", "[*] Parse error on access port entry: ")]
    [InlineData("tcp/22,", "[*] Parse error on access port entry: ")]
    [InlineData("tcp/22,,udp/1", "[*] Parse error on access port entry: ")]
    [InlineData("tcp22", "[*] Parse error on access port entry: tcp22")]
    [InlineData("22", "[*] Parse error on access port entry: 22")]
    [InlineData("icmp/1", "[*] Invalid protocol in access port entry: icmp/1")]
    [InlineData("/22", "[*] Invalid protocol in access port entry: /22")]
    [InlineData("tcp /22", "[*] Invalid protocol in access port entry: tcp /22")]
    [InlineData("tcp/0", "[*] Invalid port 'tcp/0' in access request, must be in [1,65535]")]
    [InlineData("tcp/65536", "[*] Invalid port 'tcp/65536' in access request, must be in [1,65535]")]
    [InlineData("tcp/", "[*] Invalid port 'tcp/' in access request, must be in [1,65535]")]
    [InlineData("tcp/22x", "[*] Invalid port 'tcp/22x' in access request, must be in [1,65535]")]
    [InlineData("tcp/-22", "[*] Invalid port 'tcp/-22' in access request, must be in [1,65535]")]
    [InlineData("tcp/25-22", "[*] Invalid port 'tcp/25-22' in access request, must be in [1,65535]")]
    [InlineData("tcp/0-22", "[*] Invalid port 'tcp/0-22' in access request, must be in [1,65535]")]
    [InlineData("tcp/1-65536", "[*] Invalid port 'tcp/1-65536' in access request, must be in [1,65535]")]
    [InlineData("tcp/22-", "[*] Invalid port 'tcp/22-' in access request, must be in [1,65535]")]
    [InlineData("tcp/1-2-3", "[*] Invalid port 'tcp/1-2-3' in access request, must be in [1,65535]")]
    [InlineData("tcp/1 - 2", "[*] Invalid port 'tcp/1 - 2' in access request, must be in [1,65535]")]
    [InlineData("**/22", "[*] Invalid protocol in access port entry: **/22")]
    [InlineData("* /22", "[*] Invalid protocol in access port entry: * /22")]
    [InlineData("*/", "[*] Invalid port '*/' in access request, must be in [1,65535]")]
    [InlineData("*/0", "[*] Invalid port '*/0' in access request, must be in [1,65535]")]
    [InlineData("*/8010-8000", "[*] Invalid port '*/8010-8000' in access request, must be in [1,65535]")]
    [InlineData("*/**", "[*] Invalid port '*/**' in access request, must be in [1,65535]")]
    [InlineData("*/*/80", "[*] Invalid port '*/*/80' in access request, must be in [1,65535]")]
    [InlineData("**", "[*] Parse error on access port entry: **")]
    [InlineData("tcp/**", "[*] Invalid port 'tcp/**' in access request, must be in [1,65535]")]
    [InlineData("tcp/22 tcp/23", "[*] Invalid port 'tcp/22 tcp/23' in access request, must be in [1,65535]")]
    [InlineData("tcp/99999999999999999999", "[*] Invalid port 'tcp/99999999999999999999' in access request, must be in [1,65535]")]
    public void Refuses(string text, string expected)
    {
        Assert.False(PortList.TryParse(text, out PortList? list, out IReadOnlyList<string> errors));
        Assert.Equal([expected], errors);
        Assert.Null(list);
    }

    [Theory]
    [InlineData("tcp/8000-8010", "tcp/8000", true)]
    [InlineData("tcp/8000-8010", "tcp/8010", true)]
    [InlineData("tcp/8000-8010", "tcp/7999", false)]
    [InlineData("tcp/8000-8010", "tcp/8011", false)]
    [InlineData("tcp/8000-8010", "udp/8005", false)]
    [InlineData("tcp/*", "tcp/1", true)]
    [InlineData("tcp/*", "tcp/65535", true)]
    [InlineData("tcp/*", "udp/1", false)]
    [InlineData("udp/*", "udp/1", true)]
    [InlineData("*", "tcp/22", true)]
    [InlineData("*", "udp/22", true)]
    [InlineData("*/80", "tcp/80", true)]
    [InlineData("*/80", "udp/80", true)]
    [InlineData("*/80", "tcp/81", false)]
    [InlineData("*/8000-8010", "tcp/8010", true)]
    [InlineData("*/8000-8010", "udp/8000", true)]
    [InlineData("*/8000-8010", "udp/8011", false)]
    [InlineData("*/*", "tcp/65535", true)]
    [InlineData("*/*", "udp/1", true)]
    public void ContainsWhatIsInARange(string text, string port, bool expected)
    {
        Assert.True(PortList.TryParse(text, out PortList? list, out _));
        Assert.True(PortSpec.TryParse(System.Text.Encoding.ASCII.GetBytes(port), out PortSpec spec));

        Assert.Equal(expected, list.Contains(spec));
        Assert.False(list.Contains(default));
    }

    [Theory]
    [InlineData("tcp/22, udp/53", null, "tcp/22 udp/53")]
    [InlineData("tcp/22, tcp/20-30", null, "tcp/22 tcp/20-21 tcp/23-30")]
    [InlineData("tcp/20-30, tcp/22, tcp/25-40", null, "tcp/20-30 tcp/31-40")]
    [InlineData("tcp/8000-8010", "tcp/8005", "tcp/8000-8004 tcp/8006-8010")]
    [InlineData("tcp/8000-8010", "tcp/8000, tcp/8010", "tcp/8001-8009")]
    [InlineData("tcp/8000-8010", "udp/*", "tcp/8000-8010")]
    [InlineData("*", "tcp/22, tcp/1-10", "tcp/11-21 tcp/23-65535 udp/*")]
    [InlineData("*/80", "tcp/80", "udp/80")]
    [InlineData("*", "*/80", "tcp/1-79 tcp/81-65535 udp/1-79 udp/81-65535")]
    [InlineData("tcp/22", "tcp/20-30", "")]
    [InlineData("tcp/*", "*", "")]
    public void LeavesOutAnotherList(string text, string? other, string expected)
    {
        Assert.True(PortList.TryParse(text, out PortList? list, out _));
        PortList? taken = null;
        Assert.True(other is null || PortList.TryParse(other, out taken, out _));

        Assert.Equal(expected, string.Join(' ', list.Without(taken)));
    }

    [Theory]
    [InlineData(TransportProtocol.Tcp, 0, 1)]
    [InlineData(TransportProtocol.Tcp, 2, 1)]
    [InlineData(TransportProtocol.Udp, 1, 65536)]
    [InlineData((TransportProtocol)1, 1, 2)]
    public void ARangeHoldsPorts(TransportProtocol protocol, int first, int last) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PortRange(protocol, first, last));

    [Fact]
    public void RangesAreCanonical()
    {
        Assert.True(PortList.TryParse("*, tcp/*, TCP/5-5, tcp/5", out PortList? list, out _));

        Assert.Equal(["tcp/*", "udp/*", "tcp/5"], list.Ranges.Select(range => range.ToString()));
        Assert.Equal(2 * 65535, list.Items.Count);
    }

    [Fact]
    public void ContainsWhatWasListed()
    {
        PortList list = PortList.Of(PortSpec.Tcp(22), PortSpec.Udp(53));

        Assert.True(list.Contains(PortSpec.Tcp(22)));
        Assert.False(list.Contains(PortSpec.Udp(22)));
        Assert.False(list.Contains(default));
        Assert.Equal("tcp/22, udp/53", list.Text);
    }
}

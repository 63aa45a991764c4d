using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>NAT_TARGETS.</summary>
public sealed class NatTargetListTests
{
    /// <summary>The list, the host, its port ("all" for every one), and whether the list has it.</summary>
    [Theory]
    [InlineData("192.168.1.7", "192.168.1.7", "tcp/22", true)]
    [InlineData("192.168.1.7", "192.168.1.7", "all", true)]
    [InlineData("192.168.1.7", "192.168.1.8", "tcp/22", false)]
    [InlineData("192.168.1.7/24", "192.168.1.8", "udp/1", true)]
    [InlineData("192.168.1.0/24 tcp/22", "192.168.1.8", "tcp/22", true)]
    [InlineData("192.168.1.0/24 tcp/22", "192.168.1.8", "tcp/23", false)]
    [InlineData("192.168.1.0/24 tcp/22", "192.168.1.8", "udp/22", false)]
    [InlineData("192.168.1.0/24 tcp/22", "192.168.1.8", "all", false)]
    [InlineData("192.168.1.0/24 tcp/22 */80-90", "192.168.1.8", "udp/85", true)]
    [InlineData("192.168.1.0/24 tcp/22,10.0.0.5\ttcp/80 ,  2001:db8::/32", "10.0.0.5", "tcp/80", true)]
    [InlineData("192.168.1.0/24 tcp/22,10.0.0.5\ttcp/80 ,  2001:db8::/32", "10.0.0.5", "tcp/22", false)]
    [InlineData("192.168.1.0/24 tcp/22,10.0.0.5\ttcp/80 ,  2001:db8::/32", "2001:db8::5", "all", true)]
    [InlineData("10.0.0.5 tcp/22, 10.0.0.5 tcp/80", "10.0.0.5", "tcp/80", true)]
    [InlineData("ANY tcp/443", "2001:db8::5", "tcp/443", true)]
    [InlineData("ANY tcp/443", "2001:db8::5", "tcp/444", false)]
    public void Has_what_one_of_its_items_has(string text, string host, string port, bool expected)
    {
        Assert.True(NatTargetList.TryParse(text, out NatTargetList? list, out _));
        PortSpec? asked = port == "all" ? null
            : PortSpec.TryParse(Encoding.ASCII.GetBytes(port), out PortSpec one) ? one
            : throw new FormatException(port);

        Assert.Equal(expected, list.Contains(IPAddress.Parse(host), asked));
        Assert.Equal(text, list.ToString());
    }

    [Theory]
    [InlineData("host", "[*] Fatal error parsing IP to int for: host")]
    [InlineData("10.0.0.5,", "[*] Fatal error parsing IP to int for: ")]
    [InlineData("10.0.0.0/33", "[*] Invalid IP mask str '33'.")]
    [InlineData("10.0.0.5:22", "[*] Fatal error parsing IP to int for: 10.0.0.5:22")]
    [InlineData("10.0.0.5 22", "[*] Parse error on access port entry: 22")]
    [InlineData("10.0.0.5 icmp/22", "[*] Invalid protocol in access port entry: icmp/22")]
    [InlineData("10.0.0.5 tcp/22 10.0.0.6", "[*] Parse error on access port entry: 10.0.0.6")]
    [InlineData("tcp/22", "[*] Fatal error parsing IP to int for: tcp")]
    [InlineData("10.0.0.5 tcp/0, host", "[*] Invalid port 'tcp/0' in access request, must be in [1,65535]", "[*] Fatal error parsing IP to int for: host")]
    public void What_is_wrong_is_told_of_each_item(string text, params string[] expected)
    {
        Assert.False(NatTargetList.TryParse(text, out NatTargetList? list, out IReadOnlyList<string> errors));
        Assert.Null(list);
        Assert.Equal(expected, errors);
    }

    /// <summary>A limit that cannot be read must not become none.</summary>
    [Fact]
    public void A_faulty_list_ends_the_start()
    {
        Loaded<AccessPolicy> loaded = AccessFileTests.Parse("SOURCE ANY\nKEY k\nHMAC_KEY h\nNAT_TARGETS 10.0.0.5 22\n");

        Assert.Null(loaded.Value);
        Assert.Contains(loaded.Diagnostics, item => item is { Severity: ConfigSeverity.Error, Line: 4 } && item.Text.Contains("22", StringComparison.Ordinal));
    }
}

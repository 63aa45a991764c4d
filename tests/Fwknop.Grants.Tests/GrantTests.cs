using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>The last word on a request, spoken by both processes: every way to ask for too much, and the order of the checks.</summary>
public sealed class GrantTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    /// <summary>What, the lines behind SOURCE, source, destination, allow, ports, user name, refusal.</summary>
    public static TheoryData<string, string, string, string, string, string, string, GrantRefusal> Rows => new()
    {
        { "all is allowed", "SOURCE ANY", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.None },
        { "IPv6", "SOURCE 2001:db8::/32", "2001:db8::1", "2001:db8::9", "2001:db8::1", "tcp/22", "a", GrantRefusal.None },
        { "listed source", "SOURCE 10.0.0.0/24", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.None },
        { "source beside the list", "SOURCE 10.0.0.0/24", "10.0.1.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.AddressFiltered },
        { "IPv6 source, IPv4 list", "SOURCE 0.0.0.0/0", "2001:db8::1", "2001:db8::9", "1.2.3.4", "tcp/22", "a", GrantRefusal.AddressFiltered },
        { "destination beside the list", "SOURCE ANY\nDESTINATION 10.0.0.8", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.AddressFiltered },
        { "listed destination", "SOURCE ANY\nDESTINATION 10.0.0.9", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.None },
        { "expired", "SOURCE ANY\nACCESS_EXPIRE_EPOCH 1799999999", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.StanzaExpired },
        { "last second", "SOURCE ANY\nACCESS_EXPIRE_EPOCH 1800000000", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.None },
        { "other user", "SOURCE ANY\nREQUIRE_USERNAME b", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.WrongUsername },
        { "user in other case", "SOURCE ANY\nREQUIRE_USERNAME A", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.WrongUsername },
        { "beginning of the user's name", "SOURCE ANY\nREQUIRE_USERNAME alice", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "al", GrantRefusal.WrongUsername },
        { "no user", "SOURCE ANY\nREQUIRE_USERNAME a", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "", GrantRefusal.WrongUsername },
        { "the user", "SOURCE ANY\nREQUIRE_USERNAME a", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.None },
        { "port that is not open", "SOURCE ANY\nOPEN_PORTS tcp/80", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.PortDenied },
        { "one port of two", "SOURCE ANY\nOPEN_PORTS tcp/80", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/80,tcp/81", "a", GrantRefusal.PortDenied },
        { "other protocol", "SOURCE ANY\nOPEN_PORTS tcp/53", "10.0.0.1", "10.0.0.9", "1.2.3.4", "udp/53", "a", GrantRefusal.PortDenied },
        { "restricted port", "SOURCE ANY\nRESTRICT_PORTS tcp/22", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.PortDenied },
        { "restricted and open", "SOURCE ANY\nRESTRICT_PORTS tcp/22\nOPEN_PORTS tcp/22", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.PortDenied },
        { "nothing, where the stanza decides", "SOURCE ANY\nOPEN_PORTS tcp/22\nALLOW_NO_PORTS Y", "10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", GrantRefusal.None },
        { "nothing, for a command of one port", "SOURCE ANY\nOPEN_PORTS tcp/22\nALLOW_NO_PORTS Y\nCMD_CYCLE_OPEN x\nCMD_CYCLE_CLOSE NONE", "10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", GrantRefusal.None },
        { "a port, where the stanza may decide", "SOURCE ANY\nOPEN_PORTS tcp/80\nALLOW_NO_PORTS Y", "10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", GrantRefusal.PortDenied },
        { "nothing, where ports are listed", "SOURCE ANY\nOPEN_PORTS tcp/22", "10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", GrantRefusal.PortDenied },
        { "nothing, by another user", "SOURCE ANY\nOPEN_PORTS tcp/22\nALLOW_NO_PORTS Y\nREQUIRE_USERNAME b", "10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", GrantRefusal.WrongUsername },
        { "nothing", "SOURCE ANY", "10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", GrantRefusal.PortDenied },
        { "everybody, IPv4", "SOURCE ANY", "10.0.0.1", "10.0.0.9", "0.0.0.0", "tcp/22", "a", GrantRefusal.NoHost },
        { "everybody, IPv6", "SOURCE ANY", "10.0.0.1", "10.0.0.9", "::", "tcp/22", "a", GrantRefusal.NoHost },
        { "everybody, mapped", "SOURCE ANY", "10.0.0.1", "10.0.0.9", "::ffff:0.0.0.0", "tcp/22", "a", GrantRefusal.NoHost },
        { "the address is told first", "SOURCE 10.9.9.9\nACCESS_EXPIRE_EPOCH 1\nOPEN_PORTS tcp/80", "10.0.0.1", "10.0.0.9", "0.0.0.0", "tcp/22", "a", GrantRefusal.AddressFiltered },
        { "then the end", "SOURCE ANY\nACCESS_EXPIRE_EPOCH 1\nREQUIRE_USERNAME b\nOPEN_PORTS tcp/80", "10.0.0.1", "10.0.0.9", "0.0.0.0", "tcp/22", "a", GrantRefusal.StanzaExpired },
        { "then the user", "SOURCE ANY\nREQUIRE_USERNAME b\nOPEN_PORTS tcp/80", "10.0.0.1", "10.0.0.9", "0.0.0.0", "tcp/22", "a", GrantRefusal.WrongUsername },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Is_made_only_within_the_limits(
        string what, string access, string source, string destination, string allow, string ports, string user, GrantRefusal expected)
    {
        using AccessPolicy policy = Policy(access);
        GrantRequest request = Request(source, destination, allow, ports, user, clientTimeout: 0);

        GrantRefusal refusal = Grant.TryMake(policy.Stanzas[0], request, NatSettings.Off, Now, out Grant? grant);

        Assert.True(expected == refusal, $"{what}: {refusal}");
        Assert.Equal(expected == GrantRefusal.None, grant is not null);
    }

    [Theory]
    [InlineData("", 0, 30)]
    [InlineData("FW_ACCESS_TIMEOUT 10", 0, 10)]
    [InlineData("FW_ACCESS_TIMEOUT 10", 60, 60)]
    [InlineData("FW_ACCESS_TIMEOUT 10", 301, 300)]
    [InlineData("FW_ACCESS_TIMEOUT 10\nMAX_FW_TIMEOUT 20", 60, 20)]
    [InlineData("FW_ACCESS_TIMEOUT 10\nMAX_FW_TIMEOUT 20", 65536, 20)]
    [InlineData("FW_ACCESS_TIMEOUT 10\nMAX_FW_TIMEOUT 20", 1, 1)]
    public void Lasts_as_long_as_the_stanza_says(string access, int asked, int seconds)
    {
        using AccessPolicy policy = Policy("SOURCE ANY\n" + access);
        Grant.TryMake(policy.Stanzas[0], Request("10.0.0.1", "10.0.0.9", "1.2.3.4", "tcp/22", "a", asked), NatSettings.Off, Now, out Grant? grant);

        Assert.Equal(TimeSpan.FromSeconds(seconds), grant!.Duration);
        Assert.Equal("1.2.3.4", grant.Allow.ToString());
        Assert.Equal([PortRange.Of(PortSpec.Tcp(22))], grant.Ports);
        Assert.Same(policy.Stanzas[0], grant.Stanza);
    }

    [Theory]
    [InlineData("OPEN_PORTS tcp/22, udp/60000-61000", "", "tcp/22 udp/60000-61000")]
    [InlineData("OPEN_PORTS tcp/22, udp/60000-61000", "udp/60001", "udp/60001")]
    [InlineData("OPEN_PORTS tcp/8000-8010\nRESTRICT_PORTS tcp/8005", "", "tcp/8000-8004 tcp/8006-8010")]
    [InlineData("OPEN_PORTS *", "", "tcp/* udp/*")]
    public void Opens_what_the_stanza_lists_where_no_port_is_named(string access, string ports, string expected)
    {
        using AccessPolicy policy = Policy($"SOURCE ANY\nALLOW_NO_PORTS Y\n{access}");
        Grant.TryMake(policy.Stanzas[0], Request("10.0.0.1", "10.0.0.9", "1.2.3.4", ports, "a", 0), NatSettings.Off, Now, out Grant? grant);

        Assert.Equal(expected, string.Join(' ', grant!.Ports));
    }

    [Theory]
    [InlineData("GRANT_PREFIX 24", "192.0.2.7", "192.0.2.0/24")]
    [InlineData("GRANT_PREFIX 24", "2001:db8::7", "2001:db8::7/128")]
    [InlineData("GRANT_PREFIX 32,64", "2001:db8::7", "2001:db8::/64")]
    [InlineData("GRANT_PREFIX 8,32", "10.1.2.3", "10.0.0.0/8")]
    [InlineData("", "192.0.2.7", "192.0.2.7/32")]
    public void Is_for_the_network_that_the_stanza_makes_of_the_address(string access, string allow, string expected)
    {
        using AccessPolicy policy = Policy($"SOURCE ANY\n{access}");
        Grant.TryMake(policy.Stanzas[0], Request("10.0.0.1", "10.0.0.9", allow, "tcp/22", "a", 0), NatSettings.Off, Now, out Grant? grant);

        Assert.Equal(expected, grant!.Network.ToString());
        Assert.Equal(allow, grant.Allow.ToString());
    }

    [Fact]
    public void Names_one_port_for_a_command()
    {
        using AccessPolicy policy = Policy("SOURCE ANY\nCMD_CYCLE_OPEN x\nCMD_CYCLE_CLOSE NONE");
        using AccessStanza stanza = new()
        {
            Number = 1,
            File = "a",
            Line = 1,
            Source = policy.Stanzas[0].Source,
            Keys = policy.Stanzas[0].Keys,
            Cycle = policy.Stanzas[0].Cycle,
            AllowsNoPorts = true,
            OpenPorts = PortList.Of(PortSpec.Tcp(22), PortSpec.Tcp(23)),
        };
        Assert.Equal(
            GrantRefusal.CycleWithoutPort, Grant.TryMake(stanza, Request("10.0.0.1", "10.0.0.9", "1.2.3.4", "", "a", 0), NatSettings.Off, Now, out Grant? grant));
        Assert.Null(grant);
    }

    private static AccessPolicy Policy(string access) =>
        AccessFile.Parse(Encoding.UTF8.GetBytes(access + "\nKEY k\nHMAC_KEY h\n"), "access.conf", TimeZoneInfo.Utc).Value
        ?? throw new InvalidOperationException(access);

    private static GrantRequest Request(string source, string destination, string allow, string ports, string user, int clientTimeout) => new(
        1,
        new SeenPacket(
            default,
            new PacketOrigin(17, PackedAddress.From(IPAddress.Parse(source)), 1, PackedAddress.From(IPAddress.Parse(destination)), 62201),
            Now.ToUnixTimeSeconds()),
        IPAddress.Parse(allow) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : IPAddress.Parse(allow),
        [.. ports.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Port)],
        clientTimeout,
        user);

    private static PortSpec Port(string text) =>
        PortSpec.TryParse(Encoding.ASCII.GetBytes(text), out PortSpec port) ? port : throw new FormatException(text);
}

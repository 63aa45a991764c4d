using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>Where grants lead, by stanza and packet (server.md 6 step 22, 9.2.3; 13, Q26).</summary>
public sealed class GrantRoutingTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly NatSettings Forwards = NatSettings.Off with { Forwards = true, ResolvesNames = true };
    private static readonly NatSettings Locally = NatSettings.Off with { ForwardsLocally = true };

    /// <summary>The lines of the stanza, ports, kind and target of the packet, and the parts: ports, kind, host and port.</summary>
    public static TheoryData<string, string, NatKind?, string, string> Ways => new()
    {
        { "", "tcp/22", null, "", "tcp/22" },
        { "", "tcp/22,tcp/80", null, "", "tcp/22,tcp/80" },
        { "", "tcp/22", NatKind.Forward, "192.168.1.2,2222", "tcp/22>Forward 192.168.1.2 2222" },
        { "", "tcp/22,tcp/23", NatKind.Forward, "192.168.1.2,2222", "tcp/22>Forward 192.168.1.2 2222" },
        { "", "tcp/22", NatKind.Forward, "ssh.example.com,22", "tcp/22>Forward ssh.example.com 22" },
        { "FORCE_NAT 192.168.1.9 22", "tcp/80", null, "", "tcp/80>Forward 192.168.1.9 22" },
        { "FORCE_NAT 192.168.1.9 22", "tcp/80", NatKind.Forward, "192.168.1.2,2222", "tcp/80>Forward 192.168.1.9 22" },
        { "FORCE_NAT 192.168.1.9 22", "tcp/80", NatKind.Forward, "not a host,2222", "tcp/80>Forward 192.168.1.9 22" },
        { "FORCE_NAT 192.168.1.9 22 tcp/80\nFORCE_NAT 192.168.1.8 22 tcp/81", "tcp/80,tcp/81,tcp/82", null, "", "tcp/80>Forward 192.168.1.9 22|tcp/81>Forward 192.168.1.8 22|tcp/82" },
        { "FORCE_NAT 192.168.1.9 22 tcp/80", "tcp/81", null, "", "tcp/81" },
        { "FORWARD_ALL Y", "tcp/80", null, "", "tcp/80" },
        { "FORWARD_ALL Y\nFORCE_MASQUERADE Y", "tcp/80", null, "", "tcp/80>Forward  0" },
        { "FORWARD_ALL Y\nFORCE_SNAT 192.0.2.1", "tcp/80", null, "", "tcp/80>Forward  0" },
        { "FORWARD_ALL Y", "tcp/80", NatKind.Forward, "192.168.1.2,2222", "tcp/80>Forward 192.168.1.2 2222" },
        { "OPEN_PORTS tcp/22\nALLOW_NO_PORTS Y\nFORCE_NAT 192.168.1.9 22", "", null, "", "tcp/22>Forward 192.168.1.9 22" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Ports_lead_where_the_stanza_or_else_the_packet_says(string lines, string ports, NatKind? kind, string target, string expected)
    {
        Assert.Equal(GrantRefusal.None, Make(lines, "1.2.3.4", ports, kind, target, Forwards, out string parts));
        Assert.Equal(expected, parts);
    }

    [Theory]
    [InlineData("", "1.2.3.4", "tcp/22", "192.168.1.2,70000", GrantRefusal.NatPortInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "192.168.1.2", GrantRefusal.NatPortInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "0.0.0.0,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "127.0.0.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "127.8.8.8,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "0.1.2.3,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "169.254.169.254,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "224.0.0.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "239.1.1.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "240.0.0.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "255.255.255.255,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "::,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "::ffff:102:304,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "fe80::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "febf::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "fec0::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "ff02::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "FE80::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "192.168.1.2,22", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "192.168.1.2,8005", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "udp/80", "10.0.0.5,1", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "ssh.example.com,1", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "192.168.1.2,23", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "udp/80", "192.168.1.2,22", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5", "1.2.3.4", "tcp/80", "10.0.0.4,22", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.168.1.0/24", "2001:db8::9", "tcp/80", "2001:db8::1,22", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS ANY", "1.2.3.4", "tcp/80", "127.0.0.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("NAT_TARGETS ANY tcp/22", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22\nFORWARD_ALL Y", "1.2.3.4", "tcp/80", "192.168.1.2,22", GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.168.1.0/24\nFORWARD_ALL Y", "1.2.3.4", "tcp/80", "192.168.1.2,22", GrantRefusal.None)]
    [InlineData("NAT_TARGETS 192.168.1.0/24\nFORCE_NAT 10.0.0.1 22", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.None)]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/2222", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.NatPortInvalid)]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/2222", "1.2.3.4", "tcp/2222,tcp/80", "192.168.2.2,22", GrantRefusal.NatPortInvalid)]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/2222\nFORWARD_ALL Y", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.NatPortInvalid)]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/2222", "1.2.3.4", "tcp/2222", "192.168.2.2,22", GrantRefusal.None)]
    [InlineData("RESTRICT_PORTS tcp/22", "1.2.3.4", "tcp/80", "192.168.2.2,22", GrantRefusal.None)]
    [InlineData("", "1.2.3.4", "tcp/22", "1.2.3,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "010.0.0.1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "2001:db8::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "192.168.1.2,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("", "2001:db8::9", "tcp/22", "2001:db8::1,22", GrantRefusal.None)]
    [InlineData("", "1.2.3.4", "tcp/22", "host;reboot,22", GrantRefusal.NatNameInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "-h.example,22", GrantRefusal.NatNameInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "h..example,22", GrantRefusal.NatNameInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "$(x),22", GrantRefusal.NatNameInvalid)]
    [InlineData("", "1.2.3.4", "tcp/22", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b,22", GrantRefusal.NatNameInvalid)]
    [InlineData("FORCE_NAT 192.168.1.9 22", "2001:db8::9", "tcp/22", "2001:db8::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("OPEN_PORTS tcp/80", "1.2.3.4", "tcp/22", "0.0.0.0,22", GrantRefusal.PortDenied)]
    [InlineData("OPEN_PORTS tcp/80-90\nALLOW_NO_PORTS Y\nFORCE_NAT 192.168.1.9 22", "1.2.3.4", "", "192.168.1.9,22", GrantRefusal.NatPortInvalid)]
    [InlineData("OPEN_PORTS tcp/80-90\nALLOW_NO_PORTS Y\nFORCE_NAT 192.168.1.9 22 tcp/85", "1.2.3.4", "", "192.168.1.9,22", GrantRefusal.NatPortInvalid)]
    [InlineData("FORCE_NAT 192.168.1.9 22 tcp/22\nFORCE_NAT 2001:db8::1 22 tcp/23", "2001:db8::9", "tcp/22", "2001:db8::1,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("FORCE_NAT 2001:db8::1 22", "1.2.3.4", "tcp/22", "192.168.1.9,22", GrantRefusal.NatAddressInvalid)]
    [InlineData("FORCE_NAT 192.168.1.9 22\nFORWARD_ALL Y\nFORCE_MASQUERADE Y", "2001:db8::9", "tcp/22", "2001:db8::1,22", GrantRefusal.NatAddressInvalid)]
    public void What_is_no_host_or_port_is_refused(string lines, string allow, string ports, string target, GrantRefusal expected) =>
        Assert.Equal(expected, Make(lines, allow, ports, NatKind.Forward, target, Forwards, out _));

    /// <summary>Whoever names no port gets all of OPEN_PORTS, but never of the gateway what leads inside.</summary>
    [Theory]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp/85", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp/80", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp/90", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/22,tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp/85", GrantRefusal.NatPortInvalid)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 tcp/91", GrantRefusal.None)]
    [InlineData("tcp/80-90", "FORCE_NAT 192.168.1.9 22 udp/85", GrantRefusal.None)]
    [InlineData("tcp/80-90,tcp/22", "FORCE_NAT 192.168.1.9 22 tcp/22", GrantRefusal.None)]
    public void A_range_has_no_port_that_leads_elsewhere(string open, string line, GrantRefusal expected) => Assert.Equal(
        expected, Make($"OPEN_PORTS {open}\nALLOW_NO_PORTS Y\n{line}", "1.2.3.4", "", null, "", Forwards, out _));

    [Fact]
    public void Names_are_refused_where_they_are_not_looked_up() => Assert.Equal(
        GrantRefusal.NatNameDisabled,
        Make("", "1.2.3.4", "tcp/22", NatKind.Forward, "ssh.example.com,22", Forwards with { ResolvesNames = false }, out _));

    /// <summary>A client cannot get out of its stanza's FORCE_NAT by having an address of the other family.</summary>
    [Theory]
    [InlineData("FORCE_NAT 192.168.1.9 22", "2001:db8::9", GrantRefusal.NatAddressInvalid, "")]
    [InlineData("FORCE_NAT 2001:db8::1 22", "1.2.3.4", GrantRefusal.NatAddressInvalid, "")]
    [InlineData("FORCE_NAT 192.168.1.9 22\nFORCE_NAT 2001:db8::1 22", "1.2.3.4", GrantRefusal.None, "tcp/80>Forward 192.168.1.9 22")]
    [InlineData("FORCE_NAT 192.168.1.9 22\nFORCE_NAT 2001:db8::1 22", "2001:db8::9", GrantRefusal.None, "tcp/80>Forward 2001:db8::1 22")]
    [InlineData("FORCE_NAT 192.168.1.9 22\nFORCE_NAT 192.168.1.8 23\nFORCE_NAT 2001:db8::1 24", "1.2.3.4", GrantRefusal.None, "tcp/80>Forward 192.168.1.8 23")]
    [InlineData("FORCE_NAT 192.168.1.9 22 tcp/80\nFORCE_NAT 2001:db8::1 23\nFORCE_NAT 192.168.1.8 24", "1.2.3.4", GrantRefusal.None, "tcp/80>Forward 192.168.1.9 22")]
    [InlineData("FORCE_NAT 192.168.1.9 22 tcp/80\nFORCE_NAT 2001:db8::1 23\nFORCE_NAT 192.168.1.8 24", "2001:db8::9", GrantRefusal.None, "tcp/80>Forward 2001:db8::1 23")]
    [InlineData("FORCE_NAT 192.168.1.9 22 tcp/81\nFORCE_NAT 2001:db8::1 23 tcp/82", "2001:db8::9", GrantRefusal.None, "tcp/80")]
    public void The_family_of_the_client_chooses_where_a_stanza_leads(string lines, string allow, GrantRefusal expected, string parts)
    {
        Assert.Equal(expected, Make(lines, allow, "tcp/80", null, "", Forwards, out string found));
        Assert.Equal(parts, found);
    }

    /// <summary>Step 22 comes before the ports.</summary>
    [Fact]
    public void Each_kind_has_its_own_switch()
    {
        const string Restricted = "RESTRICT_PORTS tcp/22";

        Assert.Equal(GrantRefusal.NatDisabled, Make(Restricted, "1.2.3.4", "tcp/22", NatKind.Forward, "192.168.1.2,22", Locally, out _));
        Assert.Equal(GrantRefusal.NatDisabled, Make(Restricted, "1.2.3.4", "tcp/22", NatKind.Local, "192.168.1.2,22", Forwards, out _));
        Assert.Equal(GrantRefusal.PortDenied, Make(Restricted, "1.2.3.4", "tcp/22", NatKind.Local, "192.168.1.2,22", Locally, out _));
        Assert.Equal(GrantRefusal.None, Make("", "1.2.3.4", "tcp/22", NatKind.Local, "192.168.1.2,2222", Locally, out string parts));
        Assert.Equal("tcp/22>Local 192.168.1.2 2222", parts);
    }

    /// <summary>The lines of the stanza, who may connect, what is asked for and where it leads; the daemon asks again for the address of a name.</summary>
    [Theory]
    [InlineData("RESTRICT_PORTS tcp/22", "1.2.3.4", "tcp/80", "192.0.2.1,22", GrantRefusal.PortDenied, "")]
    [InlineData("RESTRICT_PORTS tcp/22", "1.2.3.4", "tcp/80", "127.0.0.1,22", GrantRefusal.PortDenied, "")]
    [InlineData("RESTRICT_PORTS tcp/20-30", "1.2.3.4", "tcp/80", "self.example,22", GrantRefusal.PortDenied, "")]
    [InlineData("RESTRICT_PORTS tcp/22\nFORWARD_ALL Y", "1.2.3.4", "tcp/80", "192.0.2.1,22", GrantRefusal.PortDenied, "")]
    [InlineData("RESTRICT_PORTS tcp/22", "1.2.3.4", "udp/80", "192.0.2.1,22", GrantRefusal.None, "udp/80>Local 192.0.2.1 22")]
    [InlineData("OPEN_PORTS tcp/80", "1.2.3.4", "tcp/80", "192.0.2.1,22", GrantRefusal.None, "tcp/80>Local 192.0.2.1 22")]
    [InlineData("NAT_TARGETS 10.0.0.1", "1.2.3.4", "tcp/80", "192.0.2.1,22", GrantRefusal.None, "tcp/80>Local 192.0.2.1 22")]
    [InlineData("RESTRICT_PORTS tcp/22\nFORCE_NAT 10.0.0.1 22", "1.2.3.4", "tcp/80", "192.0.2.1,22", GrantRefusal.None, "tcp/80>Forward 10.0.0.1 22")]
    [InlineData("", "1.2.3.4", "tcp/80", "127.0.0.1,22", GrantRefusal.None, "tcp/80>Local  22")]
    [InlineData("", "2001:db8::9", "tcp/80", "::1,22", GrantRefusal.None, "tcp/80>Local  22")]
    [InlineData("", "2001:db8::9", "tcp/80", "127.0.0.1,22", GrantRefusal.NatAddressInvalid, "")]
    [InlineData("", "1.2.3.4", "tcp/80", "0.0.0.0,22", GrantRefusal.NatAddressInvalid, "")]
    [InlineData("", "1.2.3.4", "tcp/80", "169.254.169.254,22", GrantRefusal.NatAddressInvalid, "")]
    public void Another_port_of_this_host_must_not_be_restricted(
        string lines, string allow, string ports, string target, GrantRefusal expected, string parts)
    {
        Assert.Equal(expected, Make(lines, allow, ports, NatKind.Local, target, Locally with { ResolvesNames = true }, out string found));
        Assert.Equal(parts, found);
    }

    /// <summary>As the reference does: what a stanza says goes there, and not to a port of this host.</summary>
    [Fact]
    public void FORCE_NAT_leads_to_its_host_also_where_packets_may_ask_for_ports_of_this_host_alone()
    {
        Assert.Equal(GrantRefusal.None, Make("FORCE_NAT 192.168.1.9 22", "1.2.3.4", "tcp/80", null, "", Locally, out string parts));
        Assert.Equal("tcp/80>Forward 192.168.1.9 22", parts);
    }

    private static GrantRefusal Make(
        string lines, string allow, string ports, NatKind? kind, string target, NatSettings settings, out string parts)
    {
        using AccessPolicy policy = AccessFile.Parse(Encoding.UTF8.GetBytes($"SOURCE ANY\nKEY k\nHMAC_KEY h\n{lines}"), "access.conf", TimeZoneInfo.Utc).Value
            ?? throw new InvalidOperationException(lines);
        PacketOrigin origin = new(17, PackedAddress.From(IPAddress.Parse("10.0.0.1")), 1, PackedAddress.From(IPAddress.Parse("10.0.0.9")), 2);
        GrantRequest request = new(
            1,
            new SeenPacket(default, origin, 0),
            IPAddress.Parse(allow),
            [.. ports.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Port)],
            0,
            "alice")
        {
            Nat = kind is { } asked ? new NatRequest(asked, target) : null,
        };
        GrantRefusal refusal = Grant.TryMake(policy.Stanzas[0], request, settings, Now, out Grant? grant);
        parts = string.Join('|', grant?.Parts.Select(Text) ?? []);
        return refusal;
    }

    private static PortSpec Port(string text) =>
        PortSpec.TryParse(Encoding.ASCII.GetBytes(text), out PortSpec port) ? port : throw new FormatException(text);

    private static string Text(GrantPart part) => string.Join(',', part.Ports)
        + (part.Route is { } route ? $">{route.Kind} {route.Address?.ToString() ?? route.Name} {route.Port}" : "");
}

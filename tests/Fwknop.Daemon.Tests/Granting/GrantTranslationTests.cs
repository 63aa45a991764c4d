using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Granting;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Granting;

/// <summary>How grants are forwarded, and where the daemon refuses what the listener could not know.</summary>
public sealed class GrantTranslationTests
{
    private const string Own = "192.0.2.9";

    /// <summary>The lines of the stanza, what is asked for, and what becomes of it; "own" is an address of this host.</summary>
    [Theory]
    [InlineData("", NatKind.Local, "own", NatKind.Local, "own:22")]
    [InlineData("", NatKind.Local, "127.0.0.1", NatKind.Local, ":22")]
    [InlineData("", NatKind.Local, "192.0.2.1", NatKind.Local, ":22")]
    [InlineData("", NatKind.Forward, "192.0.2.1", NatKind.Forward, "192.0.2.1:22")]
    [InlineData("", NatKind.Forward, "own", NatKind.Local, "own:22")]
    [InlineData("FORCE_NAT 192.0.2.1 22", NatKind.Forward, "!192.0.2.1", NatKind.Forward, "192.0.2.1:22")]
    [InlineData("FORCE_NAT 192.0.2.1 22\nRESTRICT_PORTS tcp/22\nNAT_TARGETS 10.0.0.0/8", NatKind.Forward, "!own", NatKind.Local, "own:22")]
    [InlineData("FORCE_NAT 192.0.2.1 22\nFORWARD_ALL Y", NatKind.Forward, "!own", NatKind.Forward, "own")]
    [InlineData("FORWARD_ALL Y", NatKind.Forward, "192.0.2.1", NatKind.Forward, "192.0.2.1")]
    [InlineData("FORWARD_ALL Y", NatKind.Forward, "own", NatKind.Local, "own:22")]
    [InlineData("FORWARD_ALL Y", NatKind.Local, "own", NatKind.Local, "own:22")]
    public void What_goes_to_this_host_is_no_way_through_it(string lines, NatKind asked, string address, NatKind kind, string way)
    {
        Assert.Equal(GrantRefusal.None, TryMake(lines, asked, address, NatSettings.All, out Translation? translation));

        Assert.Equal((kind, way.Replace("own", Own, StringComparison.Ordinal)), (translation!.Kind, translation.ToString()));
        Assert.Equal(!way.Contains(':', StringComparison.Ordinal), translation.IsForAll);
    }

    [Theory]
    [InlineData("", "own", false, GrantRefusal.NatDisabled)]
    [InlineData("RESTRICT_PORTS tcp/20-30", "own", true, GrantRefusal.PortDenied)]
    [InlineData("RESTRICT_PORTS udp/22, tcp/80", "own", true, GrantRefusal.None)]
    [InlineData("", "127.0.0.1", true, GrantRefusal.NatAddressInvalid)]
    [InlineData("", "169.254.169.254", true, GrantRefusal.NatAddressInvalid)]
    [InlineData("NAT_TARGETS 192.0.2.2", "192.0.2.1", true, GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.0.2.2", "own", true, GrantRefusal.NatTargetDenied)]
    [InlineData("NAT_TARGETS 192.0.2.0/30 tcp/22", "192.0.2.1", false, GrantRefusal.None)]
    public void What_names_turn_out_to_be_is_held_to_the_limits(string lines, string address, bool allowsLocal, GrantRefusal expected)
    {
        GrantRefusal refusal = TryMake(lines, NatKind.Forward, address, NatSettings.All with { ForwardsLocally = allowsLocal }, out Translation? translation);

        Assert.Equal(expected, refusal);
        Assert.Equal(expected == GrantRefusal.None, translation is not null);
    }

    /// <summary>The lines of the stanza, those of fwknopd.conf, and the source address for IPv4 and for IPv6: none, one, or that of the interface.</summary>
    [Theory]
    [InlineData("", "off 10.0.0.1", "", "")]
    [InlineData("", "on", "interface", "interface")]
    [InlineData("", "on 10.0.0.1", "10.0.0.1", "interface")]
    [InlineData("", "on 2001:db8::1", "interface", "2001:db8::1")]
    [InlineData("", "on 10.0.0.1 2001:db8::1", "10.0.0.1", "2001:db8::1")]
    [InlineData("FORCE_SNAT 10.0.0.7", "on 10.0.0.1 2001:db8::1", "10.0.0.7", "2001:db8::1")]
    [InlineData("FORCE_SNAT 2001:db8::7", "on 10.0.0.1 2001:db8::1", "10.0.0.1", "2001:db8::7")]
    [InlineData("FORCE_SNAT 10.0.0.7\nFORCE_SNAT 2001:db8::7", "on 10.0.0.1 2001:db8::1", "10.0.0.7", "2001:db8::7")]
    [InlineData("FORCE_SNAT 10.0.0.7", "on 10.0.0.1", "10.0.0.7", "interface")]
    [InlineData("FORCE_MASQUERADE Y", "on 10.0.0.1 2001:db8::1", "interface", "interface")]
    [InlineData("FORCE_SNAT 10.0.0.7\nFORCE_MASQUERADE Y", "on 10.0.0.1 2001:db8::1", "10.0.0.7", "interface")]
    [InlineData("FORCE_MASQUERADE Y\nFORWARD_ALL Y", "on 10.0.0.1", "10.0.0.1", "interface")]
    [InlineData("FORCE_SNAT 10.0.0.7\nFORCE_MASQUERADE Y\nFORWARD_ALL Y", "on 10.0.0.1 2001:db8::1", "10.0.0.7", "2001:db8::1")]
    public void The_source_address_is_that_of_the_stanza_or_else_of_the_configuration(string lines, string translates, string ipv4, string ipv6)
    {
        IPAddress[] addresses = [.. translates.Split(' ')[1..].Select(IPAddress.Parse)];
        NatSettings settings = NatSettings.All with { TranslatesSource = translates.StartsWith("on", StringComparison.Ordinal), SourceAddresses = addresses };
        string stanza = $"FORCE_NAT 192.0.2.1 22\nFORCE_NAT 2001:db8::2 22\n{lines}";

        Assert.Equal(GrantRefusal.None, TryMake(stanza, NatKind.Forward, "!192.0.2.1", settings, out Translation? first));
        Assert.Equal(GrantRefusal.None, TryMake(stanza, NatKind.Forward, "!2001:db8::2", settings, out Translation? second));

        Assert.Equal((ipv4, ipv6), (Text(first!.Source), Text(second!.Source)));

        static string Text(SourceTranslation? source) => source is null ? "" : source.Address?.ToString() ?? "interface";
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData(null, false)]
    public void This_host_knows_its_addresses(string? address, bool expected) =>
        Assert.Equal(expected, GrantTranslation.IsOfThisHost(address is null ? null : IPAddress.Parse(address)));

    /// <param name="lines">Of the stanza.</param>
    /// <param name="kind">What is asked for.</param>
    /// <param name="address">Where to; with a mark of exclamation by FORCE_NAT, else by a name that has this address; "own" is one of this host.</param>
    /// <param name="settings">What may be forwarded.</param>
    /// <param name="translation">What becomes of it.</param>
    private static GrantRefusal TryMake(string lines, NatKind kind, string address, NatSettings settings, out Translation? translation)
    {
        using AccessPolicy policy = AccessFile.Parse(
            Encoding.UTF8.GetBytes($"SOURCE ANY\nKEY k\nHMAC_KEY h\n{lines}\n"), "access.conf", TimeZoneInfo.Utc).Value!;
        string host = address.TrimStart('!');
        IPAddress target = IPAddress.Parse(host == "own" ? Own : host);
        NatRoute route = new NatRoute(kind, null, "host.example", 22, IsForced: host != address).To(target);
        return GrantTranslation.TryMake(policy.Stanzas[0], route, host == "own", TransportProtocol.Tcp, target.AddressFamily, settings, out translation);
    }
}

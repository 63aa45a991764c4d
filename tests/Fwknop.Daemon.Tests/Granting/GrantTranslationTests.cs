using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Granting;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Granting;

/// <summary>How grants are forwarded; 127.0.0.1 is an address of this host, and 192.0.2.1 is none.</summary>
public sealed class GrantTranslationTests
{
    [Theory]
    [InlineData("", NatKind.Local, "127.0.0.1", NatKind.Local, "127.0.0.1:22")]
    [InlineData("", NatKind.Local, "192.0.2.1", NatKind.Local, ":22")]
    [InlineData("", NatKind.Forward, "192.0.2.1", NatKind.Forward, "192.0.2.1:22")]
    [InlineData("", NatKind.Forward, "127.0.0.1", NatKind.Forward, "127.0.0.1:22")]
    [InlineData("FORCE_NAT 192.0.2.1 22", NatKind.Forward, "192.0.2.1", NatKind.Forward, "192.0.2.1:22")]
    [InlineData("FORCE_NAT 127.0.0.1 22", NatKind.Forward, "127.0.0.1", NatKind.Local, "127.0.0.1:22")]
    [InlineData("FORCE_NAT 127.0.0.1 23", NatKind.Forward, "127.0.0.1", NatKind.Forward, "127.0.0.1:22")]
    [InlineData("FORWARD_ALL Y", NatKind.Forward, "192.0.2.1", NatKind.Forward, "192.0.2.1")]
    [InlineData("FORWARD_ALL Y", NatKind.Local, "127.0.0.1", NatKind.Local, "127.0.0.1:22")]
    public void What_goes_to_this_host_is_no_way_through_it(string lines, NatKind asked, string address, NatKind kind, string way)
    {
        using AccessPolicy policy = AccessFile.Parse(
            Encoding.UTF8.GetBytes($"SOURCE ANY\nKEY k\nHMAC_KEY h\n{lines}\n"), "access.conf", TimeZoneInfo.Utc).Value!;
        NatRoute route = new(asked, IPAddress.Parse(address), null, 22, IsForced: lines == $"FORCE_NAT {address} 22");

        Translation translation = GrantTranslation.Of(policy.Stanzas[0], route, AddressFamily.InterNetwork, NatSettings.All);

        Assert.Equal((kind, way), (translation.Kind, translation.ToString()));
        Assert.Equal(way == "192.0.2.1", translation.IsForAll);
    }
}

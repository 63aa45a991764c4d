using System.Text.Json;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>LOG_FORMAT json in a daemon that works (docs/log.md).</summary>
public sealed class JsonLogTests
{
    private const string Ready = "Starting fwknopd main event loop.";

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.Iptables)]
    public void Every_line_is_an_object_with_what_it_is_about(Firewall firewall)
    {
        using var site = new Site(firewall, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 2\nOPEN_PORTS tcp/22\nSTANZA_NAME admins\n", "LOG_FORMAT json\n", "-v");
        daemon.LogAfter("Added access rule", () => site.Knock());
        daemon.LogAfter("ports was denied", () => site.Knock("tcp/80"));
        daemon.WaitForLog("Removed rule ");
        Assert.Equal(0, daemon.Stop());

        JsonElement[] objects = [.. daemon.Log.Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.All(objects, item => Assert.Equal(["time", "level", "event"], item.EnumerateObject().Take(3).Select(property => property.Name)));
        Assert.All(objects, item => Assert.Equal("message", item.EnumerateObject().Last().Name));
        Assert.All(objects, item => Assert.InRange(item.GetProperty("time").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow));

        string client = $"{site.Network.ClientAddress}";
        JsonElement opened = Single(objects, "grant.opened");
        Assert.Equal(
            (client, 1, "admins", "tester", client, "tcp/22", 2),
            (Text(opened, "source"), opened.GetProperty("stanza").GetInt32(), Text(opened, "stanza_name"), Text(opened, "user"), Text(opened, "allow"),
                Assert.Single(opened.GetProperty("ports").EnumerateArray()).GetString(), opened.GetProperty("seconds").GetInt32()));
        Assert.Equal("info", Text(opened, "level"));
        JsonElement refused = Single(objects, "packet.refused");
        Assert.Equal((client, "port", "tester"), (Text(refused, "source"), Text(refused, "reason"), Text(refused, "user")));
        JsonElement added = Single(objects, "rule.added");
        JsonElement closed = Single(objects, "grant.closed");
        Assert.Equal(Text(added, "expires"), Text(closed, "expires"));
        Assert.Equal((client, "FWKNOP_INPUT"), (Text(closed, "allow"), Text(closed, "chain")));
        string[] life = ["daemon.starting", "daemon.started", "daemon.stopping", "daemon.stopped"];
        Assert.Equal(life, objects.Select(item => Text(item, "event")).Where(name => name.StartsWith("daemon.", StringComparison.Ordinal)));
    }

    [RootFact("nft")]
    public void What_is_revoked_is_told()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\nSTANZA_NAME admins\n", "LOG_FORMAT json\n");
        daemon.LogAfter("Added access rule", () => site.Knock());

        string line = daemon.LogAfter(
            "Revoked", () => site.Network.Server.RunChecked(Programs.Daemon, "-c", daemon.PathOf("fwknopd.conf"), "--revoke", $"{site.Network.ClientAddress}"));

        JsonElement revoked = JsonDocument.Parse(line).RootElement;
        Assert.Equal(
            ("grant.revoked", 1, "admins", "tester", $"{site.Network.ClientAddress}", "tcp/22", 0),
            (Text(revoked, "event"), revoked.GetProperty("stanza").GetInt32(), Text(revoked, "stanza_name"), Text(revoked, "user"), Text(revoked, "allow"),
                Assert.Single(revoked.GetProperty("ports").EnumerateArray()).GetString(), revoked.GetProperty("uid").GetInt32()));
    }

    [RootFact("nft")]
    public void A_hangup_changes_the_format()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon();
        daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));
        string configuration = File.ReadAllText(daemon.PathOf("fwknopd.conf"));

        daemon.Write("fwknopd.conf", $"{configuration}LOG_FORMAT json\n");
        string line = daemon.LogAfter(Ready, () => daemon.Process.Send(Signal.Hangup));
        Assert.Equal("daemon.started", Text(JsonDocument.Parse(line).RootElement, "event"));
        string added = daemon.LogAfter("Added access rule", () => site.Send(site.Seal(PortSpec.Tcp(Site.Web))));
        Assert.Equal("rule.added", Text(JsonDocument.Parse(added).RootElement, "event"));

        daemon.Write("fwknopd.conf", configuration);
        daemon.LogAfter($"^{Ready}", () => daemon.Process.Send(Signal.Hangup));
        daemon.LogAfter("^Added access rule", () => site.Send(site.Seal(PortSpec.Tcp(443))));
    }

    private static JsonElement Single(JsonElement[] objects, string name) => Assert.Single(objects, item => Text(item, "event") == name);

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}

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

        JsonElement[] objects = Objects(daemon);
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
    public void What_goes_on_beside_a_first_grant_is_told()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon("OPEN_PORTS tcp/22\nFW_ACCESS_TIMEOUT 60\n", "LOG_FORMAT json\n");
        string client = $"{site.Network.ClientAddress}";
        daemon.LogAfter("grant.opened", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));

        JsonElement extended = After(daemon, "grant.extended", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh), seconds: 90)));
        Assert.Equal((client, 90), (Text(extended, "allow"), extended.GetProperty("seconds").GetInt32()));
        Assert.Equal(client, Text(Single(Objects(daemon), "rule.extended"), "allow"));

        JsonElement repaired = After(daemon, "firewall.repaired", () => site.Network.Server.RunChecked("nft", "delete", "table", "inet", "fwknop"));
        Assert.Equal("warning", Text(repaired, "level"));

        JsonElement ended = After(daemon, "connections.ended", () => site.Network.Server.Run(
            Programs.Daemon, "-c", daemon.PathOf("fwknopd.conf"), "--revoke", $"{client},tcp/22", "--cut"));
        Assert.Equal((client, 0, 0), (Text(ended, "allow").Split('/', ',')[0], ended.GetProperty("count").GetInt32(), ended.GetProperty("uid").GetInt32()));

        daemon.Write("access.conf", "SOURCE nowhere\n");
        JsonElement failed = After(daemon, "daemon.reload_failed", () => daemon.Process.Send(Signal.Hangup));
        Assert.Equal("err", Text(failed, "level"));
        Assert.Equal(0, daemon.Stop());
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

    private static JsonElement After(SpaDaemon daemon, string name, Action action)
    {
        JsonElement item = JsonDocument.Parse(daemon.LogAfter($"\"event\":\"{name}\"", action)).RootElement;
        Assert.Equal(name, Text(item, "event"));
        return item;
    }

    private static JsonElement[] Objects(SpaDaemon daemon) =>
        [.. daemon.Log.Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];

    private static JsonElement Single(JsonElement[] objects, string name) => Assert.Single(objects, item => Text(item, "event") == name);

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}

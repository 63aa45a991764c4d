using System.Text;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>Commands of clients and in place of the firewall, server.md 4.2, 4.4 steps 6 and 7, 8.</summary>
public class CommandTests
{
    private const string Keys = "SOURCE ANY\nKEY abc\nREQUIRE_SOURCE Y\n";
    private const string Cycle = "CMD_CYCLE_OPEN /bin/open\nCMD_CYCLE_CLOSE /bin/close\nCMD_CYCLE_TIMER 5\n";

    private static readonly AccessSystem System = new()
    {
        FindUser = name => name switch
        {
            "root" => new CommandUser(name, 0, 0),
            "rootless" => new CommandUser(name, 1001, 1002),
            "broken" => throw new IOException("account database: No route to host"),
            _ => null,
        },
        FindGroup = name => name == "wheel" ? new CommandGroup(name, 10) : null,
    };

    [Fact]
    public void WithoutPermissionThereAreNoCommands() => Assert.Null(One("CMD_EXEC_USER root\nENABLE_CMD_SUDO_EXEC Y\n").Commands);

    [Fact]
    public void PermissionAloneMeansTheDaemonsUser() =>
        Assert.Equal(new CommandRules(), One("ENABLE_CMD_EXEC Y\n").Commands);

    [Fact]
    public void FindsUsersAndGroups()
    {
        CommandRules rules = One(
            "ENABLE_CMD_EXEC Y\nCMD_EXEC_USER rootless\nCMD_EXEC_GROUP wheel\nENABLE_CMD_SUDO_EXEC Y\nCMD_SUDO_EXEC_USER root\nCMD_SUDO_EXEC_GROUP rootless\n").Commands!;

        Assert.Equal(new CommandUser("rootless", 1001, 1002), rules.User);
        Assert.False(rules.User!.IsRoot);
        Assert.Equal(new CommandGroup("wheel", 10), rules.Group);
        Assert.True(rules.Sudo!.User!.IsRoot);

        // server.md 13, Q12: a user's primary group where there is no group of that name.
        Assert.Equal(new CommandGroup("rootless", 1002), rules.Sudo.Group);
    }

    [Theory]
    [InlineData("CMD_EXEC_USER Root", "[*] Unable to determine UID for CMD_EXEC_USER: Not a user on this system.")]
    [InlineData("CMD_EXEC_USER broken", "[*] Unable to determine UID for CMD_EXEC_USER: account database: No route to host.")]
    [InlineData("CMD_EXEC_USER wheel", "[*] Unable to determine UID for CMD_EXEC_USER: Not a user on this system.")]
    [InlineData("CMD_EXEC_USER nobody.here\nCMD_EXEC_GROUP wheel", "[*] Unable to determine UID for CMD_EXEC_USER: Not a user on this system.")]
    [InlineData("CMD_EXEC_GROUP broken", "[*] Unable to determine GID for CMD_EXEC_GROUP: account database: No route to host.")]
    [InlineData("CMD_SUDO_EXEC_GROUP none", "[*] Unable to determine GID for CMD_SUDO_EXEC_GROUP: Not a group on this system.")]
    public void RefusesUnknownAccounts(string line, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse(line);

        Assert.True(loaded.HasErrors);
        Assert.Equal([expected], loaded.Diagnostics.Select(item => item.Text));
    }

    [Theory]
    [InlineData("CMD_EXEC_USER rootless", "Setting gid to group associated with CMD_EXEC_USER 'rootless' for setgid() execution in stanza source: 'ANY'")]
    [InlineData("CMD_SUDO_EXEC_USER rootless", "Setting gid to group associated with CMD_SUDO_EXEC_USER 'rootless' in stanza source: 'ANY'")]
    [InlineData("CMD_EXEC_USER rootless\nCMD_EXEC_GROUP wheel", null)]
    [InlineData("CMD_SUDO_EXEC_USER rootless\nCMD_SUDO_EXEC_GROUP wheel", null)]
    [InlineData("CMD_EXEC_GROUP wheel", "[*] CMD_EXEC_GROUP has no effect without CMD_EXEC_USER in stanza source 'ANY'")]
    public void SaysWhichGroupIsTaken(string lines, string? expected)
    {
        Loaded<AccessPolicy> loaded = Parse(lines);

        Assert.False(loaded.HasErrors);
        string[] wanted = expected is null ? [] : [expected];
        Assert.Equal(wanted, loaded.Diagnostics.Select(item => item.Text));
    }

    [Fact]
    public void SplitsCommandsAtWhiteSpace()
    {
        CommandCycle cycle = One(
            "CMD_CYCLE_OPEN ipset  add\tfwknop_allow $SRC,$PROTO:$PORT timeout $CLIENT_TIMEOUT\nCMD_CYCLE_CLOSE /bin/echo \"a b\" ' $IP\nCMD_CYCLE_TIMER 8388608\n").Cycle!;

        Assert.Equal(["ipset", "add", "fwknop_allow", "$SRC,$PROTO:$PORT", "timeout", "$CLIENT_TIMEOUT"], cycle.Open);
        Assert.Equal(["/bin/echo", "\"a", "b\"", "'", "$IP"], cycle.Close!);
        Assert.Equal(8388608, cycle.Timer);
    }

    [Theory]
    [InlineData("CMD_CYCLE_OPEN /bin/open\nCMD_CYCLE_CLOSE NONE\n", 0)]
    [InlineData("CMD_CYCLE_OPEN /bin/open\nCMD_CYCLE_CLOSE NONE\nCMD_CYCLE_TIMER 7\n", 7)]
    public void NoneMeansNoClose(string lines, int timer)
    {
        CommandCycle cycle = One(lines).Cycle!;

        Assert.Equal((null, timer), (cycle.Close, cycle.Timer));
    }

    [Theory]
    [InlineData("open alone", "CMD_CYCLE_OPEN /bin/true", "[*] Cannot set CMD_CYCLE_OPEN without also setting CMD_CYCLE_CLOSE: 'ANY'")]
    [InlineData("close alone", "CMD_CYCLE_CLOSE /bin/true", "[*] Cannot set CMD_CYCLE_CLOSE without also setting CMD_CYCLE_OPEN: 'ANY'")]
    [InlineData("none alone", "CMD_CYCLE_CLOSE NONE", "[*] Cannot set CMD_CYCLE_CLOSE without also setting CMD_CYCLE_OPEN: 'ANY'")]
    [InlineData("no timer", "CMD_CYCLE_OPEN /bin/a\nCMD_CYCLE_CLOSE /bin/b", "[*] Must set the CMD_CYCLE_TIMER for command cycle functionality: 'ANY'")]
    [InlineData("packet names the program", Cycle + "CMD_CYCLE_OPEN /bin/$PORT x", "[*] CMD_CYCLE_OPEN command must begin with a program, not with a variable: 'ANY'")]
    [InlineData("packet names the program of the close", Cycle + "CMD_CYCLE_CLOSE $IP", "[*] CMD_CYCLE_CLOSE command must begin with a program, not with a variable: 'ANY'")]
    [InlineData("packet names the program of the hook", "NOTIFY_CMD $IP", "[*] NOTIFY_CMD command must begin with a program, not with a variable: 'ANY'")]
    public void RefusesCommands(string name, string lines, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse(lines);

        Assert.Equal((name, true), (name, loaded.HasErrors));
        Assert.Equal(
            new[] { expected, "[*] Data error in access file: 'a.conf'" }.Order(StringComparer.Ordinal),
            loaded.Diagnostics.Select(item => item.Text).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("CMD_CYCLE_OPEN")]
    [InlineData("CMD_CYCLE_CLOSE")]
    [InlineData("NOTIFY_CMD")]
    public void RefusesLongCommands(string keyword)
    {
        Assert.False(Parse($"{Cycle}{keyword} /{new string('a', 254)}").HasErrors);
        Assert.Contains($"[*] {keyword} command is too long: 'ANY'", Texts($"{Cycle}{keyword} /{new string('a', 255)}"));
        Assert.Contains($"[*] {keyword} command is too long: 'ANY'", Texts($"{Cycle}{keyword} /{new string('ä', 128)}"));
        Assert.False(Parse($"{Cycle}{keyword} {Words(28)}").HasErrors);
        Assert.Contains($"[*] {keyword} command has more than 28 words: 'ANY'", Texts($"{Cycle}{keyword} {Words(29)}"));
    }

    [Fact]
    public void ReadsTheHook() => Assert.Equal(["/usr/local/bin/tell", "$IP", "x"], One("NOTIFY_CMD /usr/local/bin/tell $IP  x\n").NotifyCommand!);

    private static string Words(int count) => string.Join(' ', Enumerable.Repeat("w", count));

    private static IEnumerable<string> Texts(string lines) => Parse(lines).Diagnostics.Select(item => item.Text);

    private static AccessStanza One(string lines)
    {
        Loaded<AccessPolicy> loaded = Parse(lines);
        Assert.False(loaded.HasErrors, string.Join('\n', loaded.Diagnostics));
        return Assert.Single(loaded.Value!.Stanzas);
    }

    private static Loaded<AccessPolicy> Parse(string lines) => AccessFile.Parse(
        Encoding.UTF8.GetBytes(Keys + lines), "a.conf", TimeZoneInfo.Utc, System, new AccessFilesInMemory(new Dictionary<string, byte[]>()));
}

using System.Globalization;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>What both daemons make of the same requests: the same rules in the same chains, and the same lines about them.</summary>
public sealed partial class NatTests(NatDaemons daemons) : IClassFixture<NatDaemons>
{
    [InteropTheory]
    [InlineData(NatPair.Nothing, "-A tcp/8001", "OUTPUT")]
    [InlineData(NatPair.Nothing, "-A tcp/8002 -N 10.5.5.1:22", "SNAT")]
    [InlineData(NatPair.Nothing, "-A udp/8003 -N 10.5.5.2:53", "SNAT")]
    [InlineData(NatPair.Nothing, "-A tcp/8004 --nat-local --nat-port 22", "SNAT")]
    [InlineData(NatPair.Forced, "-A tcp/8005", "SNAT")]
    [InlineData(NatPair.ForcedSource, "-A tcp/8006", "SNAT")]
    [InlineData(NatPair.Masquerade, "-A tcp/8007", "SNAT")]
    [InlineData(NatPair.Kept, "-A tcp/8008", "SNAT")]
    [InlineData(NatPair.Everything, "-A tcp/8009", "SNAT ALL")]
    [InlineData(NatPair.Nothing, "-A tcp/8010,udp/8110", "OUTPUT", 2)]
    [InlineData(NatPair.KeptGateway, "-A tcp/8012", "SNAT ALL")]
    [InlineData(NatPair.KeptMasqueradeGateway, "-A tcp/8013", "SNAT ALL")]
    public void Rules_and_lines_are_the_same(string stanza, string arguments, string last, int times = 1) =>
        AssertSame(daemons.Ours, daemons.Reference, stanza, arguments, last, times);

    /// <summary>Of several ports NAT is for the first. The reference's lines name all of them as if they were open; ours name what is.</summary>
    [InteropFact]
    public void Forwarding_is_for_the_first_port() => AssertSame(
        daemons.Ours, daemons.Reference, NatPair.Nothing, "-A tcp/8011,udp/8111 -N 10.5.5.8:22", "SNAT",
        expected: line => WithOther(line, " tcp/8011,udp/8111, ", " tcp/8011, "));

    /// <summary>
    /// ENABLE_DESTINATION_RULE, ENABLE_RULE_PREPEND and SNAT_TRANSLATE_IP, which FORCE_SNAT and, for single ports, FORCE_MASQUERADE come before. Where
    /// rules have no destination, and with FORWARD_ALL where they have one, the reference's lines tell none; ours tell that of the grant, in each of its lines.
    /// </summary>
    [InteropTheory]
    [InlineData(NatPair.Nothing, "-A tcp/8001,udp/8101", "OUTPUT", 2)]
    [InlineData(NatPair.Nothing, "-A tcp/8002 -N 10.5.5.1:22", "SNAT")]
    [InlineData(NatPair.Nothing, "-A tcp/8004 --nat-local --nat-port 22", "SNAT")]
    [InlineData(NatPair.ForcedSource, "-A tcp/8006", "SNAT")]
    [InlineData(NatPair.Masquerade, "-A tcp/8007", "SNAT")]
    [InlineData(NatPair.Everything, "-A tcp/8009", "SNAT ALL")]
    [InlineData(NatPair.KeptMasqueradeGateway, "-A tcp/8013", "SNAT ALL")]
    public void Rules_and_lines_are_the_same_in_particular(string stanza, string arguments, string last, int times = 1)
    {
        IReadOnlyList<string> commands = AssertSame(daemons.OursInParticular, daemons.ReferenceInParticular, stanza, arguments, last, times, OfTheGrant);
        Assert.All(commands, command => Assert.Contains(" -I FWKNOP_", command, StringComparison.Ordinal));
    }

    /// <summary>
    /// Without FORCE_NAT (server.md 4.4) the reference has all connections of the client lead to 0.0.0.0, which is no host, so that it reaches neither what is
    /// behind the daemon's host nor this, unless DISABLE_DNAT is set. Ours leaves their destination as it is.
    /// </summary>
    [InteropTheory]
    [InlineData(NatPair.Gateway, "-A tcp/8014")]
    [InlineData(NatPair.MasqueradeGateway, "-A tcp/8015")]
    public void Nothing_is_sent_to_no_host(string stanza, string arguments)
    {
        string address = AddressFor(arguments);
        daemons.Ours.Knock(stanza, address, arguments, "SNAT ALL");
        daemons.Reference.Knock(stanza, address, arguments, "SNAT ALL");

        IReadOnlyList<string> commands = Commands(daemons.Reference, stanza, address);
        string toNoHost = Assert.Single(commands, command => command.Contains("DNAT", StringComparison.Ordinal));
        Assert.Equal($"nat -A FWKNOP_PREROUTING -s {address} -d 0.0.0.0/0 -m comment --comment _exp_EXP -j DNAT --to-destination 0.0.0.0", toNoHost);
        Assert.Contains(
            $"-A FWKNOP_PREROUTING -s {address}/32 -m comment --comment _exp_EXP -j DNAT --to-destination 0.0.0.0", Rules(daemons.Reference, stanza, address));
        Assert.Equal(commands.Except([toNoHost]), Commands(daemons.Ours, stanza, address));
        Assert.Equal(
            Lines(daemons.Reference, address).Where(line => !line.StartsWith("Added DNAT ALL rule", StringComparison.Ordinal)), Lines(daemons.Ours, address));
    }

    /// <summary>The reference checks and repeats; what comes of it is each change once.</summary>
    [InteropFact]
    public void What_is_done_at_the_start_and_at_the_stop_is_the_same()
    {
        IReadOnlyList<string>[] changes = [StartAndStop(Implementation.Reference), StartAndStop(Implementation.Ours)];

        Assert.Equal(6 * 2, changes[0].Count(change => change.Contains(" -N ", StringComparison.Ordinal) || change.Contains(" -I ", StringComparison.Ordinal)));
        Assert.Equal(changes[0], changes[1]);

        static IReadOnlyList<string> StartAndStop(Implementation implementation)
        {
            using NatPair pair = new(implementation);
            Assert.Equal(0, pair.Daemon.Stop());
            return [.. pair.Recorder.Changes().Distinct().Order(StringComparer.Ordinal)];
        }
    }

    [InteropFact]
    public void Chains_and_jumps_are_the_same() => Assert.Equal(Chains(daemons.Reference), Chains(daemons.Ours));

    /// <summary>Each line of theirs has its rule, and ours are the same.</summary>
    /// <param name="ours">The daemon that is tested.</param>
    /// <param name="reference">The one that knows.</param>
    /// <param name="stanza">Whose keys.</param>
    /// <param name="arguments">The request.</param>
    /// <param name="last">Of what rule the last line is.</param>
    /// <param name="times">How many such lines there are.</param>
    /// <param name="expected">A line of theirs in our words, where these differ; null: nowhere.</param>
    /// <returns>The commands.</returns>
    private static IReadOnlyList<string> AssertSame(
        NatPair ours, NatPair reference, string stanza, string arguments, string last, int times = 1, Func<string, string>? expected = null)
    {
        string address = AddressFor(arguments);
        ours.Knock(stanza, address, arguments, last, times);
        reference.Knock(stanza, address, arguments, last, times);

        IReadOnlyList<string> lines = Lines(reference, address);
        Assert.NotEmpty(lines);
        Assert.Equal(lines.Select(line => expected?.Invoke(line) ?? line), Lines(ours, address));
        IReadOnlyList<string> rules = Rules(reference, stanza, address);
        Assert.Equal(lines.Count, rules.Count);
        Assert.Equal(rules, Rules(ours, stanza, address));
        IReadOnlyList<string> commands = Commands(reference, stanza, address);
        Assert.Equal(rules.Count, commands.Count);
        Assert.Equal(commands, Commands(ours, stanza, address));
        return commands;
    }

    private static string OfTheGrant(string line) => LineWithoutDestination().IsMatch(line) ? WithOther(line, " -> 0.0.0.0/0 ", " -> 10.77.0.1 ") : line;

    /// <summary>A line of the reference in the words of ours: it must have the words that differ.</summary>
    private static string WithOther(string line, string theirs, string ours)
    {
        Assert.Contains(theirs, line, StringComparison.Ordinal);
        return line.Replace(theirs, ours, StringComparison.Ordinal);
    }

    /// <summary>One for each first port, so that a row's rules can be told from those of the others.</summary>
    private static string AddressFor(string arguments) => $"10.9.9.{int.Parse(FirstPort().Match(arguments).ValueSpan, CultureInfo.InvariantCulture) - 8000}";

    private static IReadOnlyList<string> Lines(NatPair pair, string address) =>
    [
        .. pair.Daemon.Log.Split('\n').Where(line => line.StartsWith("Added ", StringComparison.Ordinal) && line.Contains($" {address} ", StringComparison.Ordinal))
            .Select(line => Time().Replace(line, "EXP")),
    ];

    private static IReadOnlyList<string> Rules(NatPair pair, string stanza, string address) =>
        About(Saved(pair).Where(line => line.StartsWith("-A FWKNOP_", StringComparison.Ordinal)), stanza, address);

    /// <summary>The commands that made them, as they were given. Ours are given table by table, that which accepts last.</summary>
    private static IReadOnlyList<string> Commands(NatPair pair, string stanza, string address) =>
        About(pair.Recorder.Changes().Where(change => Addition().IsMatch(change)), stanza, address);

    /// <summary>Those that have to do with the address, or with the host of which all that is forwarded there gets another source address.</summary>
    private static IReadOnlyList<string> About(IEnumerable<string> rules, string stanza, string address)
    {
        string[] all = [.. rules];
        string[] own = [.. all.Where(rule => Names(rule, address))];
        string[] hosts = [.. own.Select(rule => Target().Match(rule).Groups["host"].Value).Append(NatPair.HostOf(stanza)).Where(host => host.Length > 0)];
        return
        [
            .. own.Concat(all.Where(rule => !rule.Contains(" -s ", StringComparison.Ordinal) && hosts.Any(host => Names(rule, host)))).Distinct()
                .Select(rule => SourcePort().Replace(Time().Replace(rule, "EXP"), "")).Order(StringComparer.Ordinal),
        ];

        static bool Names(string rule, string host) => Regex.IsMatch(rule, $" -[sd] {Regex.Escape(host)}(/32)? ");
    }

    private static IReadOnlyList<string> Chains(NatPair pair) =>
    [
        .. Saved(pair).Where(line => line.StartsWith(":FWKNOP_", StringComparison.Ordinal) || line.Contains(" -j FWKNOP_", StringComparison.Ordinal)),
    ];

    private static string[] Saved(NatPair pair)
    {
        _ = pair.Daemon;
        return pair.Network.Server.RunChecked("iptables-save").Output.Split('\n');
    }

    [GeneratedRegex("(?<=^-A [a-z]+/)[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex FirstPort();

    [GeneratedRegex("^Added (DNAT ALL |(FORWARD|SNAT) (ALL )?)rule", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LineWithoutDestination();

    [GeneratedRegex(" -[AI] FWKNOP_", RegexOptions.CultureInvariant)]
    private static partial Regex Addition();

    [GeneratedRegex("(?<=_exp_|expires at )[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex("--to-destination (?<host>[0-9.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Target();

    /// <summary>The reference lets all connections leave from one port, so that only one can be made at a time; ours does not.</summary>
    [GeneratedRegex("(?<=-j MASQUERADE) --to-ports [0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex SourcePort();
}

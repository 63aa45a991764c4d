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
    public void Rules_and_lines_are_the_same(string stanza, string arguments, string last)
    {
        string address = $"10.9.9.{arguments.Split(' ')[1][^1]}";
        foreach (NatPair pair in new[] { daemons.Ours, daemons.Reference })
        {
            pair.Knock(stanza, address, arguments, last);
        }

        IReadOnlyList<string> expected = Lines(daemons.Reference, address);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Lines(daemons.Ours, address));
        IReadOnlyList<string> rules = Rules(daemons.Reference, address);
        Assert.NotEmpty(rules);
        Assert.Equal(rules, Rules(daemons.Ours, address));
        IReadOnlyList<string> commands = Commands(daemons.Reference, address);
        Assert.Equal(rules.Count, commands.Count);
        Assert.Equal(commands, Commands(daemons.Ours, address));
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

    private static IReadOnlyList<string> Lines(NatPair pair, string address) =>
    [
        .. pair.Daemon.Log.Split('\n').Where(line => line.StartsWith("Added ", StringComparison.Ordinal) && line.Contains($" {address} ", StringComparison.Ordinal))
            .Select(line => Time().Replace(line, "EXP")),
    ];

    /// <summary>Rules that have to do with the address, or with the host of which all that is forwarded there gets another source address.</summary>
    private static IReadOnlyList<string> Rules(NatPair pair, string address)
    {
        string[] saved = [.. Saved(pair).Where(line => line.StartsWith("-A FWKNOP_", StringComparison.Ordinal))];
        string[] targets = [.. saved.Where(line => line.Contains($"-s {address}/32", StringComparison.Ordinal))
            .Select(line => Target().Match(line).Groups["host"].Value).Where(host => host.Length > 0)];
        return
        [
            .. saved.Where(line => line.Contains($" {address}/32 ", StringComparison.Ordinal) || targets.Any(host => line.Contains($"-d {host}/32 ", StringComparison.Ordinal)))
                .Select(line => SourcePort().Replace(Time().Replace(line, "EXP"), "")).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The commands that made them, as they were given. Ours are given table by table, that which accepts last.</summary>
    private static IReadOnlyList<string> Commands(NatPair pair, string address)
    {
        string[] added = [.. pair.Recorder.Changes().Where(change => change.Contains(" -A FWKNOP_", StringComparison.Ordinal))];
        string[] targets = [.. added.Where(line => line.Contains($"-s {address} ", StringComparison.Ordinal))
            .Select(line => Target().Match(line).Groups["host"].Value).Where(host => host.Length > 0)];
        return
        [
            .. added.Where(line => line.Contains($" {address} ", StringComparison.Ordinal) || targets.Any(host => line.Contains($"-d {host} ", StringComparison.Ordinal)))
                .Select(line => SourcePort().Replace(Time().Replace(line, "EXP"), "")).Order(StringComparer.Ordinal),
        ];
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

    [GeneratedRegex("(?<=_exp_|expires at )[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex("--to-destination (?<host>[0-9.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Target();

    /// <summary>The reference lets all connections leave from one port, so that only one can be made at a time; ours does not.</summary>
    [GeneratedRegex("(?<=-j MASQUERADE) --to-ports [0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex SourcePort();
}

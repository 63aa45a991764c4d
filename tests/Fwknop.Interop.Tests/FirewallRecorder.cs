using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>An iptables that writes down what it is asked to do, and does it.</summary>
public sealed partial class FirewallRecorder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FirewallRecorder()
    {
        string record = _folder.FilePath("record");
        foreach (string name in (string[])["iptables", "ip6tables"])
        {
            Write(name, $"printf '%s\\n' \"{name} $*\" >>'{record}'\nexec {Requirement.FindProgram(name)} \"$@\"");
            Write($"{name}-restore", $"input=$(cat)\nprintf '%s\\n' '{name}-restore' \"$input\" >>'{record}'\nprintf '%s\\n' \"$input\" | {Requirement.FindProgram($"{name}-restore")} \"$@\"");
        }
    }

    /// <summary>FIREWALL_EXE.</summary>
    public string Executable => _folder.FilePath("iptables");

    /// <summary>
    /// What has been asked for of IPv4, in order and in one form, whether by a command or by a script: the table, then the change. Questions and the reference's
    /// trials are left out.
    /// </summary>
    public IReadOnlyList<string> Changes()
    {
        List<string> changes = [];
        string? table = null;
        bool isIPv6 = false;
        foreach (string line in File.ReadAllLines(_folder.FilePath("record")))
        {
            Match program = Program().Match(line);
            isIPv6 = program.Success ? line.StartsWith("ip6", StringComparison.Ordinal) : isIPv6;
            table = program.Success ? null : line.StartsWith('*') ? line[1..] : table;
            string command = program.Groups["arguments"].Success ? program.Groups["arguments"].Value : table is null ? "" : $"-t {table} {line}";
            if (!isIPv6 && Change().IsMatch(command) && !Trial().IsMatch(command))
            {
                changes.Add(InOneForm(command));
            }
        }

        return changes;
    }

    public void Dispose() => _folder.Dispose();

    private static string InOneForm(string command)
    {
        string table = Table().Match(command).Groups["table"].Value;
        return $"{table} {NewChain().Replace(Table().Replace(command, "").Trim(), "-N ${chain}")}";
    }

    /// <summary>Written by another process: one that this process has had open cannot be run while a fork of another test has it, too.</summary>
    private void Write(string name, string script)
    {
        string text = _folder.Write($"{name}.txt", $"#!/bin/sh\n{script}\n");
        ProcessRun.RunChecked(new ProcessCommand("install", "-m", "755", text, _folder.FilePath(name)));
    }

    [GeneratedRegex("^ip6?tables(-restore$| (?<arguments>.*))", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Program();

    [GeneratedRegex("(^| )(-[AIDNFX] |:)", RegexOptions.CultureInvariant)]
    private static partial Regex Change();

    [GeneratedRegex("__TMPCOMMENT__|127\\.0\\.0\\.2|-D INPUT 1$", RegexOptions.CultureInvariant)]
    private static partial Regex Trial();

    [GeneratedRegex("-t (?<table>[a-z]+) ?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Table();

    [GeneratedRegex("^:(?<chain>\\S+) - \\[0:0\\]$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NewChain();
}

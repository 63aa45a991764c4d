using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A folder with stand-ins for the iptables programs: they call the real ones, until one is told to fail.</summary>
internal sealed class FakeIptables : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _variant;

    /// <param name="variant">The real ones: <c>iptables-nft</c>.</param>
    public FakeIptables(string variant)
    {
        _variant = variant["iptables".Length..];
        foreach (string name in new[] { "iptables", "iptables-restore", "ip6tables", "ip6tables-restore" })
        {
            Restore(name);
        }
    }

    public string Executable => _folder.FilePath("iptables");

    public void Restore(string name) => Write(name, $"exec {Real(name)} \"$@\"");

    public void Remove(string name) => File.Delete(_folder.FilePath(name));

    public void Fail(string name, string reason) => Write(name, $"cat >/dev/null\necho '{reason}' >&2\nexit 1");

    /// <summary>Fails if the input has the word in it.</summary>
    public void FailOn(string name, string word, string reason) => Write(
        name,
        $"""
        input=$(cat)
        case $input in *{word}*) echo "{reason}" >&2; exit 2;; esac
        echo "$input" | {Real(name)} "$@"
        """);

    /// <summary>Does not know some options.</summary>
    /// <param name="name">Which program.</param>
    /// <param name="options">They, as a pattern of the shell.</param>
    /// <param name="reason">What it says about each.</param>
    /// <param name="status">Its exit status then.</param>
    public void Refuse(string name, string options, string reason, int status) => Write(
        name,
        $"""
        for word; do
          case $word in {options}) echo "{reason}" >&2; exit {status};; esac
        done
        exec {Real(name)} "$@"
        """);

    /// <summary>If the input has the word in it, what is before is done and the rest fails.</summary>
    /// <param name="name">Which program.</param>
    /// <param name="word">The word; no pattern characters but <c>*</c>.</param>
    /// <param name="reason">What it says.</param>
    /// <param name="never">Another word, with which nothing at all is done.</param>
    public void FailFrom(string name, string word, string reason, string never = "nothing like this") => Write(
        name,
        $"""
        input=$(cat)
        case $input in *"{never}"*) echo "{reason}" >&2; exit 2;; esac
        echo "${"{"}input%%"{word}"*{"}"}" | {Real(name)} "$@" || exit
        case $input in *"{word}"*) echo "{reason}" >&2; exit 2;; esac
        """);

    /// <summary>Works, with a lock of its own in place of the machine's.</summary>
    /// <returns>The lock file, and a file that is there as soon as the program has been started.</returns>
    public (string Lock, string Started) LockApart(string name)
    {
        (string file, string started) = (_folder.FilePath("lock"), _folder.FilePath("started"));
        Write(name, $"touch {started}\nXTABLES_LOCKFILE={file} exec {Real(name)} \"$@\"");
        return (file, started);
    }

    /// <summary>Works, and keeps its name, its options and its input for <see cref="TakeRecorded"/>.</summary>
    public void Record(string name) => Write(
        name,
        $"""
        echo "{name} $*" >>{_folder.FilePath("recorded")}
        tee -a {_folder.FilePath("recorded")} | {Real(name)} "$@"
        """);

    /// <summary>What has been recorded since the last time that this was asked.</summary>
    public IReadOnlyList<string> TakeRecorded()
    {
        string file = _folder.FilePath("recorded");
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        File.Delete(file);
        return lines;
    }

    public void Dispose() => _folder.Dispose();

    private string Real(string name)
    {
        if (name == "ipset")
        {
            return Requirement.FindProgram(name)!;
        }

        string family = name.Split('-')[0];
        return Requirement.FindProgram(family + _variant + name[family.Length..])!;
    }

    /// <summary>
    /// The program file is written by another process: while this one had it open for writing, a fork of another test would
    /// inherit that, and the kernel would refuse to run it ("text file busy").
    /// </summary>
    public void Write(string name, string script)
    {
        string text = _folder.Write($"{name}.txt", $"#!/bin/sh\n{script}\n");
        ProcessRun.RunChecked(new ProcessCommand("install", ["-m", "700", text, _folder.FilePath(name)]));
    }
}

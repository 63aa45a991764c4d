using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>Stand-ins for the iptables programs that call the real ones, but fail at chosen calls.</summary>
internal sealed class FaultyIptables : IDisposable
{
    private static readonly string[] Modes = ["before", "after", "half"];

    private readonly TemporaryFolder _folder = new();

    /// <param name="variant"><c>iptables-nft</c>.</param>
    public FaultyIptables(string variant)
    {
        Variant = variant;
        Work();
        foreach (string name in (string[])["iptables", "iptables-restore", "ip6tables", "ip6tables-restore"])
        {
            string family = name.Split('-')[0];
            string real = Requirement.FindProgram($"{family}{variant["iptables".Length..]}{name[family.Length..]}")!;
            Write(name, real);
        }

        if (Requirement.FindProgram("ipset") is { } ipset)
        {
            Write("ipset", ipset);
        }
    }

    public string Variant { get; }

    public string Executable => _folder.FilePath("iptables");

    /// <summary>From now on they work.</summary>
    public void Work() => FailAt(0, 0, 0);

    /// <summary>How many calls there have been since it was told what to do.</summary>
    public int Calls => int.Parse(File.ReadAllText(_folder.FilePath("calls")), CultureInfo.InvariantCulture);

    /// <summary>Lets some of the next calls fail.</summary>
    /// <param name="first">The first of them, from 1.</param>
    /// <param name="count">How many.</param>
    /// <param name="mode">Nothing is done, all is done, or only what is for the first table, or all but the last element.</param>
    public void FailAt(int first, int count, int mode)
    {
        File.WriteAllText(_folder.FilePath("plan"), string.Create(CultureInfo.InvariantCulture, $"{first} {first + count - 1} {Modes[mode]}\n"));
        File.WriteAllText(_folder.FilePath("calls"), "0\n");
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string real)
    {
        string script = $$"""
            #!/bin/sh
            read -r first last mode < {{_folder.FilePath("plan")}}
            read -r calls < {{_folder.FilePath("calls")}}
            calls=$((calls + 1))
            echo $calls > {{_folder.FilePath("calls")}}
            if [ $calls -lt $first ] || [ $calls -gt $last ]; then exec {{real}} "$@"; fi
            input=$(cat)
            case $mode in
                after) echo "$input" | {{real}} "$@" ;;
                half) case $input in
                    *COMMIT*COMMIT*) echo "${input%%COMMIT*}COMMIT" | {{real}} "$@" ;;
                    add*add*) echo "${input%add*}" | {{real}} "$@" ;;
                    del*del*) echo "${input%del*}" | {{real}} "$@" ;;
                esac ;;
            esac
            echo "does not work" >&2
            exit 4

            """;

        // The file is written by another process: see FakeIptables.
        string text = _folder.Write($"{name}.txt", script);
        ProcessRun.RunChecked(new ProcessCommand("install", ["-m", "700", text, _folder.FilePath(name)]));
    }
}

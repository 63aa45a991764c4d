using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>
/// A stand-in for firewall-cmd that answers as the real one does, which takes a third of a second, until it is told to fail. It keeps the rich rules of the
/// zones <c>outside</c>, the default one, and <c>inside</c> in files, without ending them, and runs iptables for direct rules.
/// </summary>
internal sealed class FakeFirewallCmd : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _works;

    public FakeFirewallCmd()
    {
        foreach (string name in new[] { "runtime-outside", "runtime-inside", "permanent-outside", "permanent-inside" })
        {
            _folder.Write(name, "");
        }

        _works = _folder.WriteProgram("imitation", $$"""
            #!/bin/sh
            cd {{_folder.Path}} || exit
            if [ "$1" = --direct ]; then
                program=iptables
                [ "$3" = ipv4 ] || program=ip6tables
                shift 3
                output=$("$program" -w10 "$@" 2>errors) || { echo "Error: COMMAND_FAILED: '$program -w10 $*' failed: $(cat errors)" >&2; exit 13; }
                printf '%s\n\nsuccess\n' "$output"
                exit
            fi
            kind=runtime zone=outside many=
            for argument; do
                case $argument in
                    --permanent) kind=permanent ;;
                    --zone=*) zone=${argument#--zone=} ;;
                    --get-default-zone) echo outside; exit ;;
                    --get-active-zones) printf 'outside\n  interfaces: eth0\n'; exit ;;
                esac
            done
            rules=$kind-$zone
            [ -e "$rules" ] || { echo "Error: INVALID_ZONE: $zone" >&2; exit 112; }
            for argument; do
                rule=${argument#--*-rich-rule=}
                case $argument in
                    --list-rich-rules) cat "$rules"; exit ;;
                    --list-all) printf '%s\n  rich rules:\n%s\n' "$zone" "$(cat "$rules")"; exit ;;
                    --add-*) grep -qxF "$rule" "$rules" && echo "Warning: ALREADY_ENABLED: '$rule' already in '$zone'" >&2 || echo "$rule" >>"$rules" ;;
                    --remove-*)
                        grep -qxF "$rule" "$rules" || echo "Warning: NOT_ENABLED: '$rule' not in '$zone'" >&2
                        grep -vxF "$rule" "$rules" >others
                        cp others "$rules" ;;
                esac
            done
            echo success

            """);
        Restore();
    }

    public string Executable => _folder.FilePath("firewall-cmd");

    /// <summary>The rich rules of a zone.</summary>
    public IReadOnlyList<string> RichRules(string zone = "outside") => File.ReadAllLines(_folder.FilePath($"runtime-{zone}"));

    /// <summary>Somebody else adds one.</summary>
    public void AddRichRule(string rule) => File.AppendAllText(_folder.FilePath("runtime-outside"), $"{rule}\n");

    public void Restore() => Write($"exec {_works} \"$@\"");

    public void Remove() => File.Delete(Executable);

    /// <summary>Fails if one of its arguments has a word in it.</summary>
    public void FailOn(string word, string reason) => Write($"case \"$*\" in *{word}*) echo '{reason}' >&2; exit 13;; esac\nexec {_works} \"$@\"");

    /// <summary>Leaves out the arguments that have a word in them, and says that all went well.</summary>
    public void PassOver(string word) => Write($"""
        for argument; do
            shift
            case $argument in *"{word}"*) ;; *) set -- "$@" "$argument";; esac
        done
        {_works} "$@"
        exit 0
        """);

    /// <summary>Never ends when one of its arguments has a word in it.</summary>
    public void HangOn(string word) => Write($"case \"$*\" in *{word}*) exec sleep 600;; esac\nexec {_works} \"$@\"");

    /// <summary>Prints this for a listing.</summary>
    public void List(string text) => Write($"case \"$*\" in *--list-rich*) echo '{text}'; exit 0;; esac\nexec {_works} \"$@\"");

    /// <summary>Prints without an end.</summary>
    public void Flood() => Write("exec yes 'rule priority=\"-20000\" family=\"ipv4\"'");

    public void Dispose() => _folder.Dispose();

    /// <summary>By another process: while this one had it open for writing, a fork of another test would inherit that ("text file busy").</summary>
    private void Write(string script)
    {
        string text = _folder.Write("firewall-cmd.txt", $"#!/bin/sh\n{script}\n");
        ProcessRun.RunChecked(new ProcessCommand("install", ["-m", "700", text, Executable]));
    }
}

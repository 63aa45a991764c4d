namespace Fwknop.TestSupport;

/// <summary>
/// Stands in for ipfw of FreeBSD: rules with numbers in sets, sets that can be disabled, and connections that hold on to rules. It takes the commands that are
/// used and refuses others, and prints as the real one does (ipfw(8); since FreeBSD 11 with names of states).
/// </summary>
public sealed class FakeIpfw : StandInProgram
{
    /// <summary>Files: <c>rules</c> with lines "set number text", <c>disabled</c> with sets, <c>dynamic</c> with lines "number text".</summary>
    private const string Work = """
        S=0 d=0 use=
        while :; do
            case $1 in -S) S=1 ;; -d) d=1 ;; -T) ;; *) break ;; esac
            shift
        done
        case $1$2 in set[0-9]*) use=$2; shift 2 ;; esac
        command=$1
        shift
        case $command in
        list)
            [ $# -eq 0 ] || { echo "ipfw: unexpected $*" >&2; return 64; }
            awk -v S=$S -v d=$d -v use=$use '
                FILENAME == "disabled" { off[$1] = 1; next }
                { text = $0 }
                FILENAME == "rules" {
                    set[$2] = $1; sub(/^[0-9]+ [0-9]+ /, "", text)
                    if ((use == "" || use == $1) && (S || !($1 in off)))
                        printf "%s%05d %s%s\n", $1 in off ? "# DISABLED " : "", $2, S ? "set " $1 " " : "", text
                    next
                }
                d { held++; sub(/^[0-9]+ /, "", text); if (use == "" || use == set[$1]) lines = lines sprintf("%05d %s\n", $1, text) }
                END { if (held) printf "## Dynamic rules (%d %d):\n%s", held, held * 128, lines }
            ' disabled rules dynamic ;;
        add)
            number=$1
            [ "$2" = set ] && [ "$number" -ge 1 ] && [ "$number" -le 65534 ] && [ "$3" -le 31 ] || { echo "ipfw: bad rule $*" >&2; return 64; }
            set=$3
            shift 3
            text=$(echo "$*" | sed -n -E \
                -e 's/^check-state$/check-state :any/p' \
                -e '/^pass (6|17) from [0-9a-f.:]+(\/[0-9]+)? to (me|me6|[0-9a-f.:]+) dst-port [0-9]+(-[0-9]+)? (setup )?keep-state \/\/ [^ ]+$/{
                    s/^pass 6 /allow tcp /; s/^pass 17 /allow udp /; s/ keep-state / keep-state :default /; p }')
            [ -n "$text" ] || { echo "ipfw: unrecognised option [$*]" >&2; return 64; }
            echo "$set $number $text" >>rules
            sort -s -n -k 2,2 -o rules rules
            printf '%05d %s\n' "$number" "$text" ;;
        delete)
            [ "$1" = set ] && { use=$2; awk -v s="$use" '$1 == s { print $2 }' rules; } >deleted || echo "$1" >deleted
            [ "$1" = set ] || grep -q "^$use $1 " rules || { echo "ipfw: no rules rule $1" >&2; return 69; }
            awk -v s="$use" 'FILENAME == "deleted" { gone[$1] = 1; next } !($1 == s && $2 in gone)' deleted rules >rules.new
            awk 'FILENAME == "deleted" { gone[$1] = 1; next } !($1 in gone)' deleted dynamic >dynamic.new
            mv rules.new rules
            mv dynamic.new dynamic ;;
        set)
            case $1 in
            move)
                [ "$2" = rule ] && [ "$4" = to ] || { echo "ipfw: syntax: set move [rule] X to Y" >&2; return 64; }
                awk -v n="$3" -v s="$5" '$2 == n { $1 = s } { print }' rules >rules.new
                mv rules.new rules ;;
            disable) echo "$2" >>disabled ;;
            enable) sed -i "/^$2$/d" disabled ;;
            *) echo "ipfw: invalid set command $1" >&2; return 64 ;;
            esac ;;
        *) echo "ipfw: bad command $command" >&2; return 64 ;;
        esac
        """;

    public FakeIpfw()
        : base("ipfw", Work)
    {
        Write("rules", "31 65535 deny ip from any to any\n");
        Write("disabled", "");
        Write("dynamic", "");
    }

    /// <summary>The rules, each as set, number and text; without the last one, which ipfw always has.</summary>
    public IReadOnlyList<string> Rules => [.. Lines("rules").Where(line => !line.StartsWith("31 ", StringComparison.Ordinal))];

    /// <summary>The sets that are not in force.</summary>
    public IReadOnlyList<string> Disabled => [.. Lines("disabled").Distinct()];

    /// <summary>The connections that live.</summary>
    public IReadOnlyList<string> Connections => Lines("dynamic");

    /// <summary>The rules whose packets pass now.</summary>
    public IReadOnlyList<string> InForce => [.. Rules.Where(rule => !Disabled.Contains(rule.Split(' ')[0])).Select(rule => rule.Split(' ', 3)[2])];

    /// <summary>What another program does: <c>add 10000 set 0 pass …</c>.</summary>
    public void Administrate(params string[] arguments)
    {
        IReadOnlyList<string> calls = TakeCalls();
        ProcessRun.RunChecked(new ProcessCommand(Executable, arguments));
        Write("calls", string.Concat(calls.Select(call => $"{call}\n")));
    }

    /// <summary>A rule of somebody, as ipfw prints it.</summary>
    public void Have(int set, int number, string text) => Write("rules", string.Concat(Lines("rules").Append($"{set} {number} {text}").OrderBy(line => int.Parse(line.Split(' ')[1], provider: null)).Select(line => $"{line}\n")));

    /// <summary>A connection that a rule has let in.</summary>
    public void Connect(int number) => Write("dynamic", string.Concat(Connections.Append($"{number} STATE tcp 192.0.2.1 40000 <-> 192.0.2.2 22 :default").Select(line => $"{line}\n")));

    /// <summary>All connections of a rule have ended.</summary>
    public void Disconnect(int number) => Write("dynamic", string.Concat(Connections.Where(line => !line.StartsWith($"{number} ", StringComparison.Ordinal)).Select(line => $"{line}\n")));

    /// <summary>The machine starts again: no rules, no disabled sets.</summary>
    public void Reboot()
    {
        Write("rules", "31 65535 deny ip from any to any\n");
        Write("disabled", "");
        Write("dynamic", "");
    }
}

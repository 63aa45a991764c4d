namespace Fwknop.TestSupport;

/// <summary>
/// Stands in for pfctl: the rules of one anchor, replaced as a whole or not at all, and printed as the real one does: services and protocols by name, with what
/// is implied (flags), labels in quotes; and with warnings on standard error, as FreeBSD's has them without ALTQ.
/// </summary>
public sealed class FakePfctl : StandInProgram
{
    public const string Anchor = "fwknop";

    private const string Work = """
        echo 'No ALTQ support in kernel' >&2
        echo 'ALTQ related functions disabled' >&2
        if [ "$*" = '-s Anchor' ]; then
            sed 's/^/  /' anchors
            return 0
        fi
        [ "$1" = -a ] && [ "$2" = fwknop ] || { echo "pfctl: unexpected $*" >&2; return 1; }
        shift 2
        case "$*" in
        '-s rules') cat rules ;;
        '-F all') : >rules; echo 'rules cleared' >&2 ;;
        '-f -')
            cat >loaded
            awk '
                BEGIN { split("22 ssh 53 domain 80 http 443 https", names); for (i = 1; i < 9; i += 2) service[names[i]] = names[i + 1] }
                $1 == "block" || $1 == "anchor" { print; next }
                $1 != "pass" { printf "stdin:%d: syntax error\n", NR > "/dev/stderr"; bad = 1; next }
                {
                    quick = family = proto = port = label = from = to = ""
                    for (i = 2; i <= NF; i++) {
                        if ($i == "quick") quick = " quick"
                        else if ($i == "proto") proto = $++i
                        else if ($i == "from") from = $++i
                        else if ($i == "to") to = $++i
                        else if ($i == "port") port = $(i + 1) == "=" ? $(i += 2) : $++i
                        else if ($i == "label") label = $++i
                        else if ($i == "flags" || $i == "keep") i++
                        else if ($i != "in" && $i != "inet" && $i != "inet6") { printf "stdin:%d: syntax error\n", NR > "/dev/stderr"; bad = 1 }
                    }
                    gsub(/"/, "", label)
                    if (proto == "6") proto = "tcp"; else if (proto == "17") proto = "udp"
                    if (port in service) port = service[port]
                    printf "pass in%s %s proto %s from %s to %s port%s%s%s keep state label \"%s\"\n", quick, from ~ /:/ ? "inet6" : "inet", proto, from, to,
                        port ~ /:/ ? " " : " = ", port, proto == "tcp" ? " flags S/SA" : "", label
                }
                END { exit bad }
            ' loaded >rules.new || { echo 'pfctl: Syntax error in config file: pf rules not loaded' >&2; return 1; }
            mv rules.new rules ;;
        *) echo "pfctl: unexpected $*" >&2; return 1 ;;
        esac
        """;

    public FakePfctl()
        : base("pfctl", Work)
    {
        Write("anchors", $"ftp-proxy\n{Anchor}\n");
        Write("rules", "");
    }

    /// <summary>The anchor, as pfctl shows it.</summary>
    public IReadOnlyList<string> Rules => Lines("rules");

    /// <summary>What was loaded last.</summary>
    public IReadOnlyList<string> Loaded => Lines("loaded");

    /// <summary>The anchors that pf.conf has.</summary>
    public void HaveAnchors(params string[] names) => Write("anchors", string.Concat(names.Select(name => $"{name}\n")));

    /// <summary>Another program changes the anchor.</summary>
    public void Have(params string[] rules) => Write("rules", string.Concat(rules.Select(rule => $"{rule}\n")));
}

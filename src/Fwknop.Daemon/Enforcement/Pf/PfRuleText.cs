using System.Globalization;
using System.Text.RegularExpressions;

namespace Fwknop.Daemon.Enforcement.Pf;

/// <summary>Rules of grants as pfctl takes them, and what is read of them again (server.md 9.5).</summary>
internal static partial class PfRuleText
{
    /// <summary><c>pass in quick proto 6 from S to any port PORT keep state label _exp_EXP</c></summary>
    public static string Of(GrantKey key, long epoch)
    {
        string family = key.IsIPv6 ? "inet6 " : "";
        string ports = key.Ports.IsSingle ? $"{key.Ports.First}" : $"{key.Ports.First}:{key.Ports.Last}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pass in quick {family}proto {(int)key.Ports.Protocol} from {key.SourceText} to {key.Destination?.ToString() ?? "any"} port {ports} keep state label _exp_{epoch}");
    }

    /// <summary>
    /// EXP in the label of a rule as pfctl shows it, or null. Nothing else of it has to be understood: pfctl writes services by name, and adds what is implied.
    /// </summary>
    public static long? EpochOf(string line) =>
        Label().Match(line) is { Success: true } match ? long.Parse(match.Groups["exp"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\Apass [ -~]* label (""_exp_(?<exp>[0-9]{1,15})""|_exp_(?<exp>[0-9]{1,15}))( |\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}

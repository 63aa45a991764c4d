using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Fwknop.Configuration.CommandLine;

namespace Fwknop.Configuration.Server;

/// <summary>An iptables chain of fwknop and where it is jumped to from (server.md 9.2.1).</summary>
/// <param name="Target">What grants do, <c>ACCEPT</c>.</param>
/// <param name="Table">The table, <c>filter</c>.</param>
/// <param name="FromChain">The chain that jumps, <c>INPUT</c>.</param>
/// <param name="JumpPosition">Where the jump stands in it, 0 to 65536.</param>
/// <param name="ToChain">fwknop's own chain, <c>FWKNOP_INPUT</c>.</param>
/// <param name="RulePosition">Parsed and unused, as in the reference.</param>
public sealed record ChainSpec(string Target, string Table, string FromChain, int JumpPosition, string ToChain, int RulePosition)
{
    private const int Fields = 6;
    private const int MaxPosition = 65536;

    /// <summary>Of iptables(8): XT_EXTENSION_MAXNAMELEN without the zero byte.</summary>
    private const int MaxName = 28;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>The usual one: the jump and its rules come first.</summary>
    internal static ChainSpec Of(string target, string table, string from, string to) => new(target, table, from, 1, to, 1);

    /// <summary>
    /// Reads <c>Target, Table, From_chain, Jump_position, To_chain, Rule_position</c>; blanks are ignored. Beyond the reference From_chain may have a <c>-</c>, as
    /// chains of other programs do (<c>DOCKER-USER</c>), but not in front, where it would be an option of iptables. To_chain may not: such a chain is
    /// somebody else's, and ours are emptied.
    /// </summary>
    /// <param name="keyword">The variable, for messages.</param>
    /// <param name="text">Its value.</param>
    /// <param name="spec">The specification, or null.</param>
    /// <param name="errors">What is wrong with the value.</param>
    public static bool TryParse(string keyword, string text, [NotNullWhen(true)] out ChainSpec? spec, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        spec = null;
        string[] fields = text.Replace(" ", "", StringComparison.Ordinal).Split(',');
        if (fields.Length != Fields || !Enumerable.Range(0, Fields).All(i => IsName(fields[i], mayHaveHyphen: i == 2)))
        {
            errors = [$"Invalid {keyword} specification, see fwknopd.conf comments"];
            return false;
        }

        List<string> problems = [];
        if (!StrictNumber.TryParse(fields[3], 0, MaxPosition, out int jump))
        {
            problems.Add($"[*] invalid jump rule position in Line: {text}");
        }

        if (!StrictNumber.TryParse(fields[5], 0, MaxPosition, out int rule))
        {
            problems.Add($"[*] invalid to_chain rule position in Line: {text}");
        }

        errors = problems;
        spec = problems.Count == 0 ? new ChainSpec(fields[0], fields[1], fields[2], jump, fields[4], rule) : null;
        return spec is not null;
    }

    private static bool IsName(string text, bool mayHaveHyphen)
    {
        string letters = mayHaveHyphen && !text.StartsWith('-') ? text.Replace("-", "", StringComparison.Ordinal) : text;
        return text.Length is > 0 and <= MaxName && !letters.AsSpan().ContainsAnyExcept(Allowed);
    }

    /// <summary>As it is written in fwknopd.conf.</summary>
    public override string ToString() => FormattableString.Invariant($"{Target}, {Table}, {FromChain}, {JumpPosition}, {ToChain}, {RulePosition}");
}

namespace Fwknop.OpenPgp;

/// <summary>One key of a keyring.</summary>
/// <param name="Fingerprint">Of the primary key: upper-case hexadecimal digits.</param>
/// <param name="Subkeys">The fingerprints of its subkeys.</param>
public sealed record GpgKey(string Fingerprint, IReadOnlyList<string> Subkeys)
{
    /// <summary>
    /// What to name to gpg so that it takes this key and no other: the fingerprint; where the pattern insists on one (sub)key
    /// (<c>KEYID!</c>), the fingerprint of that one, insisting as well.
    /// </summary>
    /// <param name="pattern">What the user named the key by.</param>
    internal string NameFor(string pattern)
    {
        if (!pattern.EndsWith('!'))
        {
            return Fingerprint;
        }

        string id = pattern[..^1].Replace(" ", "", StringComparison.Ordinal);
        id = id.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? id[2..] : id;
        string[] exact = [.. Subkeys.Prepend(Fingerprint).Where(one => id.Length > 0 && one.EndsWith(id, StringComparison.OrdinalIgnoreCase))];
        return exact is [string only] ? only + "!" : pattern;
    }
}

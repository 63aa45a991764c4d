using System.Buffers;
using System.Text;

namespace Fwknop.OpenPgp;

/// <summary>
/// Reads what <c>gpg --with-colons --list-keys</c> prints (GnuPG's DETAILS, "Format of the colon listings").
/// <code>
/// pub:u:2048:1:C2A0CC1FBC7379BD:1704164645:::u:::scESC:       or sec: a key begins
/// fpr:::::::::84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BD:       of the line before
/// sub:u:2048:1:5002ABEAE69D73BC:1704164645::::::e:            or ssb: a subkey
/// </code>
/// </summary>
internal static class KeyListing
{
    private const int FingerprintField = 9;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789ABCDEF");

    public static IReadOnlyList<GpgKey> Parse(ReadOnlySpan<byte> listing)
    {
        List<GpgKey> keys = [];
        List<string> subkeys = [];
        string? primary = null;
        bool isPrimary = false;
        foreach (string line in Encoding.UTF8.GetString(listing).Split('\n'))
        {
            string[] fields = line.Split(':');
            switch (fields[0])
            {
                case "pub" or "sec":
                    Add(keys, primary, subkeys);
                    (primary, subkeys, isPrimary) = (null, [], true);
                    break;
                case "sub" or "ssb":
                    isPrimary = false;
                    break;
                case "fpr" when fields.Length > FingerprintField && IsFingerprint(fields[FingerprintField]):
                    if (isPrimary)
                    {
                        primary = fields[FingerprintField];
                    }
                    else
                    {
                        subkeys.Add(fields[FingerprintField]);
                    }

                    break;
            }
        }

        Add(keys, primary, subkeys);
        return keys;
    }

    /// <summary>Version 4 keys have 40 digits, later ones 64.</summary>
    public static bool IsFingerprint(string text) =>
        text.Length is 40 or 64 && !text.AsSpan().ContainsAnyExcept(Digits);

    private static void Add(List<GpgKey> keys, string? primary, List<string> subkeys)
    {
        if (primary is not null)
        {
            keys.Add(new GpgKey(primary, subkeys));
        }
    }
}

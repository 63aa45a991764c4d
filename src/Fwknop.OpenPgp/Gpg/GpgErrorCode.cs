using System.Globalization;

namespace Fwknop.OpenPgp;

/// <summary>The codes of libgpg-error that gpg reports in status lines, and their texts as far as they are likely here.</summary>
internal static class GpgErrorCode
{
    public const int BadPassphrase = 11;
    public const int NoPassphrase = 177;

    // The upper bits name the program that reports.
    private const int CodeMask = 0xffff;

    private static readonly Dictionary<int, string> Texts = new()
    {
        [1] = "General error",
        [9] = "No public key",
        [BadPassphrase] = "Bad passphrase",
        [17] = "No secret key",
        [53] = "Unusable public key",
        [54] = "Unusable secret key",
        [58] = "No data",
        [62] = "Timeout",
        [77] = "No agent running",
        [84] = "Unsupported algorithm",
        [85] = "No pinentry",
        [86] = "pinentry error",
        [87] = "Bad PIN",
        [94] = "Certificate revoked",
        [99] = "Operation cancelled",
        [125] = "Wrong key usage",
        [152] = "Decryption failed",
        [153] = "Key expired",
        [NoPassphrase] = "No passphrase given",
        [198] = "Operation fully cancelled",
        [0x8066] = "Inappropriate ioctl for device",
    };

    public static string Text(int code) =>
        Texts.GetValueOrDefault(code) ?? string.Create(CultureInfo.InvariantCulture, $"gpg error code {code}");

    /// <summary>The code of the last line that reports a failure; 0 when there is none.</summary>
    public static int Last(IReadOnlyList<StatusLine> status)
    {
        int code = 0;
        foreach (StatusLine line in status)
        {
            bool isFailure = line.Keyword is "FAILURE" or "ERROR"
                && int.TryParse(line.Argument(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && (number & CodeMask) != 0;
            code = isFailure ? int.Parse(line.Argument(1), CultureInfo.InvariantCulture) & CodeMask : code;
        }

        return code;
    }
}

using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Whose name goes into the packet (client.md 16); only the name that is used is checked.</summary>
internal static class UserName
{
    private const string NoUser = "NO_USER";

    /// <param name="spoofed">From <c>-U</c> or the rc file; empty counts as absent.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="account">Gives the effective user's name in the account database, empty when unknown; asked when needed.</param>
    /// <param name="hasDomain">What the system says may have <c>DOMAIN\</c> in front, which is cut (client.md 11.6, decision).</param>
    /// <param name="function">The library function that errors name.</param>
    public static string Choose(
        string? spoofed, Func<string, string?> environment, Func<string> account, bool hasDomain, out string function)
    {
        function = string.IsNullOrEmpty(spoofed) ? "fko_new" : "fko_set_username";
        if (!string.IsNullOrEmpty(spoofed))
        {
            return spoofed;
        }

        string name = environment("SPOOF_USER") ?? environment("LOGNAME")
            ?? (account() is { Length: > 0 } known ? known : environment("USER") ?? NoUser);
        return hasDomain ? name[(name.LastIndexOf('\\') + 1)..] : name;
    }

    /// <summary>Cuts a name to what receivers read (client.md 11.6, decision).</summary>
    public static FieldText Cut(string name, out bool wasCut)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        wasCut = bytes.Length > Limits.UsernameDecoded;
        return new FieldText(wasCut ? bytes.AsSpan(0, Limits.UsernameDecoded) : bytes);
    }
}

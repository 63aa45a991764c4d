using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.LibPcap;

/// <summary>The installed libpcap.</summary>
[SupportedOSPlatform("linux")]
public static unsafe class PcapLibrary
{
    private const string Package = "libpcap0.8";

    /// <summary>Immediate mode (1.5), and a version in the form this project reads.</summary>
    private static readonly Version Oldest = new(1, 5);

    /// <summary>Such as "libpcap version 1.10.3 (with TPACKET_V3)".</summary>
    /// <exception cref="PcapUnavailableException">It cannot be loaded, or is too old.</exception>
    public static string Verify()
    {
        string text;
        try
        {
            text = Marshal.PtrToStringUTF8((nint)PcapFunctions.pcap_lib_version()) ?? "";
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new PcapUnavailableException($"The library {Libraries.LibPcap} cannot be loaded: install the package {Package}.", missing);
        }

        if (ReadVersion(text) is not { } version || version < Oldest)
        {
            throw new PcapUnavailableException($"The installed {Libraries.LibPcap} is \"{text}\": version {Oldest} or later is needed (package {Package}).");
        }

        return text;
    }

    internal static Version? ReadVersion(string text)
    {
        const string Prefix = "libpcap version ";
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> number = text.AsSpan(Prefix.Length);
        int end = number.IndexOfAnyExceptInRange('.', '9');
        return Version.TryParse(end < 0 ? number : number[..end], out Version? version) ? version : null;
    }
}

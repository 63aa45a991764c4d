using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.LibNftables;

/// <summary>
/// nftables in process: what the <c>nft</c> command does, without starting it. Not for use by two threads at a time. It
/// works on the network namespace of the thread that opened it.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class NftContext : IDisposable
{
    // enum in nftables/libnftables.h
    private const uint HandleFlag = 1 << 3;

    private readonly NftContextHandle _handle;

    private NftContext(NftContextHandle handle) => _handle = handle;

    /// <summary>Loads the library and opens its netlink socket.</summary>
    /// <param name="context">The context, to be disposed.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryOpen([NotNullWhen(true)] out NftContext? context, [NotNullWhen(false)] out string? error)
    {
        context = null;
        error = null;
        try
        {
            NftContextHandle handle = new(NftablesApi.New(0));
            if (handle.IsInvalid || NftablesApi.BufferOutput(handle) != 0 || NftablesApi.BufferError(handle) != 0)
            {
                handle.Dispose();
                error = $"{Libraries.LibNftables} gives no context";
                return false;
            }

            NftablesApi.SetOutputFlags(handle, HandleFlag);
            context = new NftContext(handle);
            return true;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            error = $"{Libraries.LibNftables} cannot be used, is the package libnftables1 installed? ({FirstLine(missing.Message)})";
            return false;
        }
    }

    /// <summary>Runs commands as one transaction: all of them take effect, or none.</summary>
    /// <param name="commands">Text in the language of nft(8), in which every value comes from a typed one.</param>
    /// <param name="output">What the commands list, with handles.</param>
    /// <param name="error">The library's own words; empty on success.</param>
    public bool TryRun(string commands, out string output, out string error)
    {
        int status = NftablesApi.Run(_handle, commands);
        output = Text(NftablesApi.GetOutput(_handle));
        error = Text(NftablesApi.GetError(_handle));
        if (status != 0 && error.Length == 0)
        {
            error = $"{Libraries.LibNftables} failed without a reason";
        }

        return status == 0;
    }

    /// <summary>Closes the netlink socket; the ruleset stays as it is.</summary>
    public void Dispose() => _handle.Dispose();

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}

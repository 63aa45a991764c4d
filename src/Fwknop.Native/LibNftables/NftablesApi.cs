using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.LibNftables;

/// <summary>The functions of libnftables (libnftables(3)) that run commands and give back their text.</summary>
[SupportedOSPlatform("linux")]
internal static partial class NftablesApi
{
    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_new")]
    public static partial nint New(uint flags);

    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_free")]
    public static partial void Free(nint context);

    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_buffer_output")]
    public static partial int BufferOutput(NftContextHandle context);

    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_buffer_error")]
    public static partial int BufferError(NftContextHandle context);

    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_output_set_flags")]
    public static partial void SetOutputFlags(NftContextHandle context, uint flags);

    /// <summary>The text belongs to the context and is gone with the next command.</summary>
    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_get_output_buffer")]
    public static partial nint GetOutput(NftContextHandle context);

    /// <summary>The text belongs to the context and is gone with the next command.</summary>
    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_ctx_get_error_buffer")]
    public static partial nint GetError(NftContextHandle context);

    [LibraryImport(Libraries.LibNftables, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Run(NftContextHandle context, string commands);
}

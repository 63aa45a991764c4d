using System.Runtime.InteropServices;

namespace Fwknop.Native.Libc;

/// <summary>An error number of the operating system. The zero value means: no error.</summary>
public readonly record struct Errno(int Code)
{
    public static readonly Errno None;

    internal const int NotPermitted = 1;
    internal const int NoSuchFile = 2;
    internal const int NoSuchProcess = 3;
    internal const int Interrupted = 4;
    internal const int AccessDenied = 13;
    internal const int TryAgain = 11;
    internal const int ProtocolError = 71;
    internal const int ConnectionAborted = 103;
    internal const int ConnectionReset = 104;
    internal const int NoBuffers = 105;
    internal const int AddressFamilyNotSupported = 97;
    internal const int BufferTooSmall = 34;

    /// <summary>No file of that name (ENOENT).</summary>
    public bool IsNoSuchFile => Code == NoSuchFile;

    /// <summary>The other end is gone and has not read everything (ECONNRESET).</summary>
    public bool IsConnectionReset => Code == ConnectionReset;

    /// <summary>The right is missing (EACCES).</summary>
    public bool IsAccessDenied => Code == AccessDenied;

    /// <summary>The C library's text, such as "Address already in use".</summary>
    public string Text => Marshal.GetPInvokeErrorMessage(Code);

    public override string ToString() => Text;

    /// <summary>The error of the last native call of this thread.</summary>
    internal static Errno Last => new(Marshal.GetLastPInvokeError());
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Fwknop.Native.Libc;

namespace Fwknop.Native.LibPcap;

/// <summary>
/// A live capture: each packet can be read as soon as the kernel has it (immediate mode), and reading never blocks. Wait on <see cref="Descriptor"/>,
/// then call <see cref="TryNext"/> until it is empty. Or a file, which is read to its end. For one thread at a time.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class PcapCapture : IDisposable
{
    private const int ErrorBufferSize = 256;
    private const int DirectionIn = 1;
    private const uint UnknownNetmask = 0xFFFFFFFF;
    private const int GenericError = -1;
    private const int EndOfFile = -2;
    private const int NoSuchDevice = -5;
    private const int PermissionDenied = -8;
    private const int NotUp = -9;
    private const int PromiscuousDenied = -11;
    private const int LinkTypeNull = 0;
    private const int LinkTypeLoop = 108;

    private readonly PcapHandle _handle;

    private PcapCapture(PcapHandle handle)
    {
        _handle = handle;
        LinkType = PcapFunctions.pcap_datalink(handle);
        Descriptor = new Descriptor(PcapFunctions.pcap_get_selectable_fd(handle), owned: false);
    }

    /// <summary>DLT_ number of the frames' first header.</summary>
    public int LinkType { get; }

    /// <summary>Readable when there are frames, and on errors; of no use for a file. Belongs to the capture.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>The library's text for what failed last.</summary>
    public string LastError => Text(PcapFunctions.pcap_geterr(_handle));

    /// <summary>
    /// Starts the capture. Null with the log line of server.md 5.1 when it cannot be: <c>[*] pcap_open_live() error: eth0: That device is not up</c>.
    /// Packets that come after the return are seen.
    /// </summary>
    /// <exception cref="PcapUnavailableException">There is no usable libpcap.</exception>
    public static PcapCapture? TryOpen(PcapOptions options, out PcapOpening opening)
    {
        PcapLibrary.Verify();
        PcapHandle? handle = Activate(options, out opening);
        if (handle is null)
        {
            return null;
        }

        if (TrySetFilter(handle, options.Filter, out string error) && TrySetNonBlocking(handle, out error) && CanWait(handle, options, out error))
        {
            opening = new PcapOpening { Warning = SetDirection(handle, options) };
            return new PcapCapture(handle);
        }

        opening = new PcapOpening { Error = error };
        handle.Dispose();
        return null;
    }

    /// <summary>
    /// Reads a file, classic pcap or pcapng, from a descriptor, which is the capture's from here on. Null with the log line of server.md 5.1 when it cannot be.
    /// </summary>
    /// <exception cref="PcapUnavailableException">There is no usable libpcap.</exception>
    public static PcapCapture? TryOpenFile(Descriptor file, string filter, out string error)
    {
        PcapLibrary.Verify();
        byte* errorBuffer = stackalloc byte[ErrorBufferSize];
        errorBuffer[0] = 0;
        nint stream;
        fixed (byte* mode = "r\0"u8)
        {
            stream = LibcFunctions.fdopen(file.Number, mode);
        }

        if (stream == 0)
        {
            error = OfflineError(Errno.Last.Text);
            file.Dispose();
            return null;
        }

        // The stream closes it.
        file.SetHandleAsInvalid();

        PcapHandle handle = new(PcapFunctions.pcap_fopen_offline(stream, errorBuffer));
        if (handle.IsInvalid)
        {
            error = OfflineError(Text(errorBuffer));
            _ = LibcFunctions.fclose(stream);
            return null;
        }

        if (TrySetFilter(handle, filter, out error))
        {
            return new PcapCapture(handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>The next frame, if there is one. After <see cref="PcapOutcome.Failed"/> the reason is in <see cref="LastError"/>.</summary>
    public PcapOutcome TryNext(out PcapFrame frame)
    {
        PcapFunctions.PacketHeader* header;
        byte* data;
        frame = default;
        switch (PcapFunctions.pcap_next_ex(_handle, &header, &data))
        {
            case 1:
                frame = new PcapFrame
                {
                    Data = new ReadOnlySpan<byte>(data, checked((int)header->CapturedLength)),
                    OriginalLength = (int)Math.Min(header->OriginalLength, int.MaxValue),
                };
                return PcapOutcome.Frame;
            case 0:
                return PcapOutcome.Empty;
            case EndOfFile:
                return PcapOutcome.EndOfFile;
            default:
                return PcapOutcome.Failed;
        }
    }

    public void Dispose()
    {
        Descriptor.Dispose();
        _handle.Dispose();
    }

    private static PcapHandle? Activate(PcapOptions options, out PcapOpening opening)
    {
        byte* errorBuffer = stackalloc byte[ErrorBufferSize];
        PcapHandle handle;
        fixed (byte* source = Descriptor.ToCString(options.Interface))
        {
            handle = new PcapHandle(PcapFunctions.pcap_create(source, errorBuffer));
        }

        if (handle.IsInvalid)
        {
            opening = new PcapOpening { Error = OpenError(Text(errorBuffer)) };
            return null;
        }

        // These fail only on a capture that is already active. The timeout has no effect in immediate mode, but 0 is not portable.
        PcapFunctions.pcap_set_snaplen(handle, options.SnapLength);
        PcapFunctions.pcap_set_promisc(handle, options.Promiscuous ? 1 : 0);
        PcapFunctions.pcap_set_immediate_mode(handle, 1);
        PcapFunctions.pcap_set_timeout(handle, 100);
        int status = PcapFunctions.pcap_activate(handle);
        opening = new PcapOpening
        {
            Error = status < 0 ? OpenError($"{options.Interface}: {ActivationError(handle, status)}") : "",
            MayComeLater = status is NoSuchDevice or NotUp,
        };
        if (status >= 0)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    private static string OfflineError(string text) => "[*] pcap_open_offline() error: " + text;

    private static string OpenError(string text) => "[*] pcap_open_live() error: " + text;

    /// <summary>As pcap_open_live words it, but for a detail that says the same once more.</summary>
    private static string ActivationError(PcapHandle handle, int status)
    {
        string meaning = Text(PcapFunctions.pcap_statustostr(status));
        string detail = Text(PcapFunctions.pcap_geterr(handle));
        return status switch
        {
            GenericError => detail,
            NoSuchDevice or PermissionDenied or PromiscuousDenied when detail.Length > 0 && detail != meaning => $"{meaning} ({detail})",
            _ => meaning,
        };
    }

    private static bool TrySetFilter(PcapHandle handle, string filter, out string error)
    {
        error = "";
        if (filter.Length == 0)
        {
            return true;
        }

        PcapFunctions.BpfProgram program;
        fixed (byte* text = Descriptor.ToCString(filter))
        {
            if (PcapFunctions.pcap_compile(handle, &program, text, 1, UnknownNetmask) != 0)
            {
                error = "[*] Error compiling pcap filter: " + Text(PcapFunctions.pcap_geterr(handle));
                return false;
            }
        }

        bool set = PcapFunctions.pcap_setfilter(handle, &program) == 0;
        error = set ? "" : "[*] Error setting pcap filter: " + Text(PcapFunctions.pcap_geterr(handle));
        PcapFunctions.pcap_freecode(&program);
        return set;
    }

    private static bool TrySetNonBlocking(PcapHandle handle, out string error)
    {
        byte* errorBuffer = stackalloc byte[ErrorBufferSize];
        errorBuffer[0] = 0;
        bool set = PcapFunctions.pcap_setnonblock(handle, 1, errorBuffer) == 0;
        error = set ? "" : "[*] Error setting pcap nonblocking to 1: " + Text(errorBuffer);
        return set;
    }

    private static bool CanWait(PcapHandle handle, PcapOptions options, out string error)
    {
        bool selectable = PcapFunctions.pcap_get_selectable_fd(handle) >= 0;
        error = selectable ? "" : OpenError($"{options.Interface}: the device cannot be waited on");
        return selectable;
    }

    private static string? SetDirection(PcapHandle handle, PcapOptions options)
    {
        if (options.AnyDirection || PcapFunctions.pcap_datalink(handle) is LinkTypeNull or LinkTypeLoop)
        {
            return null;
        }

        return PcapFunctions.pcap_setdirection(handle, DirectionIn) == 0 ? null : Text(PcapFunctions.pcap_geterr(handle));
    }

    private static string Text(byte* text)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        return Encoding.UTF8.GetString(bytes);
    }
}

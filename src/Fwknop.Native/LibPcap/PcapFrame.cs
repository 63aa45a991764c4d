namespace Fwknop.Native.LibPcap;

/// <summary>A captured frame; <see cref="Data"/> lies in the library's buffer and is valid until the next call on the capture.</summary>
public readonly ref struct PcapFrame
{
    /// <summary>What was kept of the frame.</summary>
    public ReadOnlySpan<byte> Data { get; internal init; }

    /// <summary>Bytes the frame had on the wire.</summary>
    public int OriginalLength { get; internal init; }
}

namespace Fwknop.Native.Libc;

/// <summary>A packet that waits in the kernel for a verdict; valid until the next one is read.</summary>
public readonly ref struct QueuedPacket
{
    /// <summary>How the kernel calls it.</summary>
    public uint Id { get; internal init; }

    /// <summary>From the IP header on.</summary>
    public ReadOnlySpan<byte> Data { get; internal init; }
}

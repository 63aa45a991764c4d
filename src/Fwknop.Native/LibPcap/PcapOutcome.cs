namespace Fwknop.Native.LibPcap;

/// <summary>What reading the next frame gave.</summary>
public enum PcapOutcome
{
    /// <summary>Nothing there now.</summary>
    Empty = 0,
    Frame,

    /// <summary>A file has no more frames.</summary>
    EndOfFile,
    Failed,
}

namespace Fwknop.Native.LibPcap;

/// <summary>Counters of a capture since it was opened: frames that passed the filter, frames lost for want of room, frames the interface lost.</summary>
public readonly record struct PcapStatistics(uint Received, uint Dropped, uint InterfaceDropped);

namespace Fwknop.Native.Libc;

/// <summary>A group of the group database.</summary>
public sealed record GroupAccount(string Name, uint Gid);

namespace Fwknop.Native.Libc;

/// <summary>A user of the user database.</summary>
public sealed record UserAccount(string Name, uint Uid, uint Gid, string HomeDirectory, string Shell);

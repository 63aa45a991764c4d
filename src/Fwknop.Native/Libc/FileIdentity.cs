namespace Fwknop.Native.Libc;

/// <summary>Which file something is: device and inode.</summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>Null when it cannot be told.</summary>
    public static FileIdentity? Of(Descriptor file) => FileStatus.TryGet(file, out var status, out _) ? Of(status) : null;

    /// <summary>Null when there is no such file.</summary>
    public static FileIdentity? Of(string path) => FileStatus.TryGet(path, out var status, out _) ? Of(status) : null;

    private static FileIdentity Of(in LibcFunctions.FileStatusEntry status) => new(status.DeviceMajor, status.DeviceMinor, status.Inode);
}

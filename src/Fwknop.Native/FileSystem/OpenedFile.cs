using System.Runtime.Versioning;
using Fwknop.Native.Libc;
using Fwknop.Native.Terminal;

namespace Fwknop.Native.FileSystem;

/// <summary>
/// A file that is open to be read. What is known of it was asked of the open file: what its path leads to may be another one by now. Opening
/// never waits, nor makes a terminal ours.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class OpenedFile : IDisposable
{
    private const int ReadOnly = 0;
    private const int NoTerminal = 0x100; // O_NOCTTY
    private const int NoWaiting = 0x800; // O_NONBLOCK
    private const int Place = 0x200000; // O_PATH

    private readonly Descriptor _file;

    private OpenedFile(Descriptor file)
    {
        _file = file;
        Ownership = FileOwnership.Of(file);
        Content = new DescriptorStream(file);
    }

    /// <summary>Kind, owner and mode.</summary>
    public FileOwnership Ownership { get; }

    /// <summary>The folder by way of which it was opened; null when none was asked for.</summary>
    public FileOwnership? Folder { get; private init; }

    /// <summary>What is in it. Ends with this object.</summary>
    public Stream Content { get; }

    /// <summary>Opens a file; symbolic links are followed.</summary>
    /// <returns>Null and the error when it cannot be opened.</returns>
    /// <exception cref="IOException">The operating system does not tell what was opened.</exception>
    public static OpenedFile? TryOpen(string path, out Errno error)
    {
        Descriptor? file = Descriptor.Open(path, ReadOnly | NoTerminal | NoWaiting, 0, out error);
        return file is null ? null : new OpenedFile(file);
    }

    /// <summary>Opens a file in a folder that was looked at first and cannot be exchanged for another one in between.</summary>
    /// <inheritdoc cref="TryOpen"/>
    public static OpenedFile? TryOpenIn(string folder, string name, out Errno error)
    {
        using Descriptor? place = Descriptor.Open(folder, Place, 0, out error);
        Descriptor? file = place is null ? null : Descriptor.OpenAt(place, name, ReadOnly | NoTerminal | NoWaiting, out error);
        return file is null ? null : new OpenedFile(file) { Folder = FileOwnership.Of(place!) };
    }

    public void Dispose() => _file.Dispose();
}

using System.Runtime.Versioning;
using Fwknop.Configuration.Files;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Client;

/// <summary>
/// macOS and other relatives of Unix, by the base library alone: structures and numbers of their C libraries are not those of Linux. The
/// owner of a file is not known, nor whether it is a device; raw packets cannot be sent.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixPlatform : IPlatform
{
    public IKeyPrompt Terminal { get; } = new ConsolePrompt();

    public IRawSender RawPackets { get; } = new NoRawSender();

    public bool HasDescriptors => true;

    public bool HasGpg => true;

    public bool IsWindows => false;

    public Stream OpenOutput() => Console.OpenStandardOutput();

    public Stream TakeOutput() => OpenOutput();

    public Task WatchReader(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);

    public Stream OpenError() => Console.OpenStandardError();

    public Stream OpenInput(int descriptor) => descriptor == 0
        ? Console.OpenStandardInput()
        : new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Read, bufferSize: 0);

    public FileInspection Inspect(string path)
    {
        try
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            return new FileInspection(
            [
                .. Directory.Exists(path) ? (string[])[FileComplaint.NotRegular(path)] : [],
                .. FileInspection.OfMode(path, mode),
            ]);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return FileInspection.Of(path, e);
        }
    }

    public bool CanOthersWrite(string path) => Path.Exists(path) && FileInspection.IsWritableByOthers(File.GetUnixFileMode(path));

    public void KeepMemoryPrivate()
    {
    }

    // What the runtime opens is kept from them; what was inherited cannot be told here.
    public void PrepareForPrograms()
    {
    }

    public void WithholdDescriptor(int number)
    {
    }

    public IDisposable? LendDescriptors() => null;
}

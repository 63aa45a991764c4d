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

    public InspectedFile Open(string path, bool withFolder = false)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        string? culprit = withFolder && Directory.Exists(folder) && FileInspection.IsWritableByOthers(File.GetUnixFileMode(folder)) ? folder : null;
        FileInspection? inspection = null;
        try
        {
            // What cannot be opened is complained about too.
            inspection = Inspect(path, File.GetUnixFileMode(path));
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            UnixFileMode mode = File.GetUnixFileMode(file.SafeFileHandle);
            culprit ??= FileInspection.IsWritableByOthers(mode) ? path : null;
            return InspectedFile.Of(path, Inspect(path, mode), file, file, culprit);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return InspectedFile.Failed(path, inspection ?? FileInspection.Of(path, e), e, culprit);
        }
    }

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

    private static FileInspection Inspect(string path, UnixFileMode mode) => new(
    [
        .. Directory.Exists(path) ? (string[])[FileComplaint.NotRegular(path)] : [],
        .. FileInspection.OfMode(path, mode),
    ]);
}

using System.Runtime.Versioning;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;
using Fwknop.Native.Terminal;

namespace Fwknop.Client;

/// <summary>Everything, by calls of the C library.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxPlatform : IPlatform
{
    private const uint Root = 0;

    private InheritedDescriptors? _inherited;

    public IKeyPrompt Terminal { get; } = new TerminalPrompt();

    public IRawSender RawPackets { get; } = new RawSender();

    public bool HasDescriptors => true;

    public bool HasGpg => true;

    public bool IsWindows => false;

    public Stream OpenOutput() => DescriptorStream.OpenOutput();

    public Stream TakeOutput() => DescriptorStream.TakeOutput();

    public Task WatchReader(CancellationToken cancel) => Task.Factory.StartNew(
        () => ReaderWatch.Run(cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public Stream OpenError() => DescriptorStream.OpenError();

    public Stream OpenInput(int descriptor) =>
        Descriptor.IsInherited(descriptor) || _inherited is { } known && known.Contains(descriptor)
            ? DescriptorStream.OpenInput(descriptor)
            : throw new IOException("Bad file descriptor");

    public InspectedFile Open(string path, bool withFolder = false)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        Errno error = Errno.None;
        try
        {
            OpenedFile? file = withFolder ? OpenedFile.TryOpenIn(folder, Path.GetFileName(path), out error) : OpenedFile.TryOpen(path, out error);
            if (file is null)
            {
                return InspectedFile.Failed(path, Inspect(path), new IOException(error.Text, error.Code));
            }

            string? culprit = file.Folder is { } place && CanOthersWrite(place) ? folder : CanOthersWrite(file.Ownership) ? path : null;
            FileInspection inspection = Inspect(path, file.Ownership);
            if (!file.Ownership.IsPipe || DescriptorPath.Is(path))
            {
                return InspectedFile.Of(path, inspection, file.Content, file, culprit);
            }

            file.Dispose();
            return InspectedFile.Failed(path, inspection, new IOException("Is a named pipe"), culprit);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return InspectedFile.Failed(path, FileInspection.Of(path, e), e);
        }
    }

    public void KeepMemoryPrivate() => CurrentProcess.IsDumpable = false;

    public void PrepareForPrograms()
    {
        _inherited = InheritedDescriptors.Take();
        ChildDefaults.Restore();
    }

    public void WithholdDescriptor(int number) => _inherited?.Withhold(number);

    public IDisposable? LendDescriptors() => _inherited?.Lend();

    // Of what cannot be read; nothing depends on it but what is said.
    private static FileInspection Inspect(string path) =>
        FileOwnership.TryGet(path, out FileOwnership file, out Errno error) ? Inspect(path, file)
        : error.IsNoSuchFile ? FileInspection.Good
        : FileInspection.Failed(path, error.Text);

    private static FileInspection Inspect(string path, FileOwnership file) => new(
    [
        .. file.IsRegular ? (string[])[] : [FileComplaint.NotRegular(path)],
        .. FileInspection.OfMode(path, file.Mode),
        .. file.IsOurs ? (string[])[] : [FileComplaint.NotOwned(path)],
    ]);

    private static bool CanOthersWrite(FileOwnership file) =>
        (!file.IsOurs && file.UserId != Root) || file.IsWritableByOthers;
}

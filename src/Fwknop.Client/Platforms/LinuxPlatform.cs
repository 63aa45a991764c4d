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

    public FileInspection Inspect(string path)
    {
        if (!FileOwnership.TryGet(path, out FileOwnership file, out Errno error))
        {
            return error.IsNoSuchFile ? FileInspection.Good : FileInspection.Failed(path, error.Text);
        }

        return new FileInspection(
        [
            .. file.IsRegular ? (string[])[] : [FileComplaint.NotRegular(path)],
            .. FileInspection.OfMode(path, file.Mode),
            .. file.IsOurs ? (string[])[] : [FileComplaint.NotOwned(path)],
        ]);
    }

    public bool CanOthersWrite(string path) => FileOwnership.TryGet(path, out FileOwnership file, out _)
        && ((!file.IsOurs && file.UserId != Root) || FileInspection.IsWritableByOthers(file.Mode));

    public void KeepMemoryPrivate() => CurrentProcess.IsDumpable = false;

    public void PrepareForPrograms()
    {
        _inherited = InheritedDescriptors.Take();
        ChildDefaults.Restore();
    }

    public void WithholdDescriptor(int number) => _inherited?.Withhold(number);

    public IDisposable? LendDescriptors() => _inherited?.Lend();
}

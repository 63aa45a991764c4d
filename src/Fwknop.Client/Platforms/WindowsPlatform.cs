using System.Runtime.Versioning;
using System.Text;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Windows: access lists in place of permission bits; no descriptors, raw packets or GPG (client.md 17).</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsPlatform : IPlatform
{
    public IKeyPrompt Terminal { get; } = new ConsolePrompt();

    public IRawSender RawPackets { get; } = new NoRawSender();

    public bool HasDescriptors => false;

    public bool HasGpg => false;

    public bool IsWindows => true;

    public Stream OpenOutput() => Open(Console.IsOutputRedirected, Console.OpenStandardOutput);

    public Stream TakeOutput() => OpenOutput();

    public Task WatchReader(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);

    public Stream OpenError() => Open(Console.IsErrorRedirected, Console.OpenStandardError);

    public Stream OpenInput(int descriptor) => descriptor == 0
        ? Console.OpenStandardInput()
        : throw new IOException("Only standard input can be read here.");

    // An access list is complained about as a whole, so nothing counts as open to others.
    public InspectedFile Open(string path, bool withFolder = false)
    {
        // There is no such name here.
        if (path == RcLocation.StandardInput)
        {
            Stream input = OpenInput(0);
            return InspectedFile.Of(path, FileInspection.Good, input, input, openToOthers: null);
        }

        FileInspection inspection = Inspect(path);
        try
        {
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return InspectedFile.Of(path, inspection, file, file, openToOthers: null);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return InspectedFile.Failed(path, inspection, e);
        }
    }

    public void KeepMemoryPrivate()
    {
    }

    public void PrepareForPrograms()
    {
    }

    public void WithholdDescriptor(int number)
    {
    }

    public IDisposable? LendDescriptors() => null;

    private static FileInspection Inspect(string path)
    {
        if (Directory.Exists(path))
        {
            return new FileInspection([FileComplaint.NotRegular(path)]);
        }

        try
        {
            IReadOnlyList<string> others = OwnerOnlyFile.FindOthers(path);
            return others.Count == 0 ? FileInspection.Good : new FileInspection([FileComplaint.OpenTo(path, others)]);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return FileInspection.Of(path, e);
        }
    }

    // Our bytes are UTF-8, whatever the console takes them for.
    private static Stream Open(bool isRedirected, Func<Stream> open)
    {
        if (!isRedirected && Console.OutputEncoding.CodePage != Encoding.UTF8.CodePage)
        {
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }

        return open();
    }
}

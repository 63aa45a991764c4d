using System.Buffers;
using System.Text;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Ledger;

/// <summary>
/// The packets that have worked, on disk before their grant takes effect (server.md 7): a crash leaves no packet that works twice.
/// </summary>
internal sealed class DigestCache : IDisposable
{
    private readonly string _path;
    private readonly DaemonLog _log;
    private readonly HashSet<ReplayDigest> _known;
    private DurableFile _file;

    private DigestCache(string path, DurableFile file, IReadOnlyList<SeenPacket> records, DaemonLog log)
    {
        _path = path;
        _log = log;
        _file = file;
        Records = records;
        _known = [.. records.Select(record => record.Digest)];
    }

    /// <summary>What the file held when it was opened, and what was taken over.</summary>
    public IReadOnlyList<SeenPacket> Records { get; private set; }

    /// <summary>Reads the file, or makes it with mode 0600.</summary>
    /// <exception cref="StartupException">It can be neither: without it replays would go unnoticed.</exception>
    public static DigestCache Open(string path, DaemonLog log)
    {
        try
        {
            byte[] content = File.Exists(path) ? File.ReadAllBytes(path) : [];
            List<SeenPacket> records = Parse(content, path, log);
            if (!DurableFile.TryOpen(path, out DurableFile? file, out Errno error) || !TryComplete(file, content, out error))
            {
                throw Unusable(path, error.Text);
            }

            log.Debug($"Using Digest Cache: '{path}' (entry count = {records.Count})");
            return new DigestCache(path, file, records, log);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, error.Message);
        }
    }

    /// <summary>What a file holds, which is left as it is; nothing where there is none yet. Null when it cannot be read.</summary>
    public static IReadOnlyList<SeenPacket>? TryRead(string path, DaemonLog log, out string error)
    {
        error = "";
        try
        {
            return Parse(File.ReadAllBytes(path), path, log);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception why) when (why is IOException or UnauthorizedAccessException)
        {
            error = why.Message;
            return null;
        }
    }

    /// <summary>True if the packet is recorded.</summary>
    public bool Knows(ReplayDigest digest) => _known.Contains(digest);

    /// <summary>Records packets: one write and one fdatasync for all.</summary>
    /// <returns>False when they are not recorded, so that nothing may be granted for them.</returns>
    public bool TryRecord(IReadOnlyCollection<SeenPacket> packets, out string error)
    {
        ArrayBufferWriter<byte> lines = new();
        foreach (SeenPacket packet in packets)
        {
            DigestRecord.Append(packet, lines);
        }

        bool recorded = TryFollowPath(out Errno why) && _file.TryAppend(lines.WrittenSpan, out why);
        error = recorded ? "" : why.Text;
        if (recorded)
        {
            _known.UnionWith(packets.Select(packet => packet.Digest));
        }

        return recorded;
    }

    /// <summary>Takes note of packets that another holder of this file has recorded.</summary>
    public void Know(IEnumerable<SeenPacket> packets) => _known.UnionWith(packets.Select(packet => packet.Digest));

    /// <summary>Records what another file holds and this one does not: a packet that is used up is so wherever its record is kept.</summary>
    /// <exception cref="StartupException">It cannot be read, or not be recorded here.</exception>
    public void TakeOver(string path, DaemonLog log)
    {
        try
        {
            List<SeenPacket> missing = Parse(File.ReadAllBytes(path), path, log);
            missing.RemoveAll(packet => Knows(packet.Digest));
            if (!TryRecord(missing, out string error))
            {
                throw Unusable(path, error);
            }

            Records = [.. Records, .. missing];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, error.Message);
        }
    }

    public void Dispose() => _file.Dispose();

    // What is written to a file that was removed or moved away is not there at the next start, and the packet would work again.
    private bool TryFollowPath(out Errno error)
    {
        error = Errno.None;
        if (_file.IsAt(_path))
        {
            return true;
        }

        if (!DurableFile.TryOpen(_path, out DurableFile? file, out error))
        {
            return false;
        }

        if (file.Length == 0 && !file.TryAppend(DigestRecord.Header, out error))
        {
            file.Dispose();
            return false;
        }

        _log.Warning($"The digest cache '{_path}' was removed or replaced; what it held is known until fwknopd ends, and the file goes on with new packets");
        _file.Dispose();
        _file = file;
        return true;
    }

    private static List<SeenPacket> Parse(ReadOnlySpan<byte> content, string path, DaemonLog log)
    {
        List<SeenPacket> records = [];
        int number = 0;
        foreach (Range range in content.Split((byte)'\n'))
        {
            number++;
            ReadOnlySpan<byte> line = content[range];
            if (DigestRecord.IsComment(line))
            {
                continue;
            }

            if (DigestRecord.TryParse(line, out SeenPacket packet))
            {
                records.Add(packet);
            }
            else
            {
                string shown = LogLine.Clean(Encoding.ASCII.GetString(line[..Math.Min(line.Length, 200)]));
                log.Info($"*Skipping invalid digest file entry in {path} at line {number}.\n - {shown}");
            }
        }

        return records;
    }

    // A new file gets its header; a last line that a crash cut short gets its end, so that the next record starts a line of its own.
    private static bool TryComplete(DurableFile file, ReadOnlySpan<byte> content, out Errno error)
    {
        ReadOnlySpan<byte> missing = content.IsEmpty ? DigestRecord.Header : content[^1] == (byte)'\n' ? default : "\n"u8;
        return file.TryAppend(missing, out error);
    }

    /// <summary>Why the daemon does not start.</summary>
    public static StartupException Unusable(string path, string reason) => new(
        $"[*] Digest file '{path}' cannot be used: {reason}. Without it replays are not noticed, so nothing is opened; "
        + "mend it, or set ENABLE_DIGEST_PERSISTENCE N to run without replay detection.");
}

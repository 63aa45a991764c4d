using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// The close commands that are still to be run, on disk before their open command runs: what a crash left open is closed at the next start. Appended to,
/// one line an event; made anew with what is pending when it is opened and when it has grown.
/// <code>
/// open 1795284547 3 192.0.2.7 ipset del fwknop 192.0.2.7     end, stanza, address, words of the close command
/// done 3 ipset del fwknop 192.0.2.7                          stanza, words
/// </code>
/// Words are percent-encoded (RFC 3986, section 2.1).
/// </summary>
internal sealed class CycleJournal : IDisposable
{
    /// <summary>Our choice: some thousand lines.</summary>
    private const long MaxGrowth = 1 << 18;

    private static readonly byte[] Header = "# Close commands that fwknopd still has to run\n"u8.ToArray();

    private readonly string _path;
    private readonly Dictionary<(int Stanza, string Text), PendingClose> _pending;
    private DurableFile _file;

    /// <summary>Ends that could not be appended: the next line brings them along, so that the file does not stay behind for longer than the disk is full.</summary>
    private string _late = "";
    private long _nextRewrite;

    private CycleJournal(string path, DurableFile file, Dictionary<(int Stanza, string Text), PendingClose> pending)
    {
        _path = path;
        _file = file;
        _pending = pending;
        _nextRewrite = file.Length + MaxGrowth;
    }

    /// <summary>What is still to be run.</summary>
    public IReadOnlyCollection<PendingClose> Pending => _pending.Values;

    /// <summary>Where it is for a configuration.</summary>
    public static string PlaceOf(ServerConfig config) => PlaceIn(config.StateFolder);

    /// <summary>Where it is for the folder of what must outlive a reboot.</summary>
    public static string PlaceIn(string stateFolder) => Path.Join(stateFolder, "cycles");

    /// <summary>Reads the file, or makes it with mode 0600.</summary>
    /// <exception cref="StartupException">It cannot be used, or others could have written commands into it or put it there.</exception>
    public static CycleJournal Open(string path, DaemonLog log)
    {
        RunDirectory.Ensure(Path.GetDirectoryName(path)!, log, "State directory");
        Dictionary<(int Stanza, string Text), PendingClose> pending = [];
        if (FileOwnership.TryGet(path, out FileOwnership owner, out _))
        {
            if (!owner.IsRegular || !owner.IsOurs || owner.IsWritableByOthers)
            {
                throw Unusable(path, "it holds commands that fwknopd runs, but is not a file that only fwknopd's user can write to");
            }

            Read(path, pending, log);
        }

        try
        {
            if (!File.Exists(path))
            {
                PrivateFile.CreateNew(path).Dispose();
            }

            return new CycleJournal(path, Rewrite(path, pending.Values), pending);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, error.Message);
        }
    }

    /// <summary>Notes a close that is to be run; one with the same command takes the later end.</summary>
    /// <returns>False when it is not on disk: its open command must not run then.</returns>
    public bool TryAdd(PendingClose close, out Errno error)
    {
        if (!TryAppend(OpenLine(close), out error))
        {
            return false;
        }

        Remember(_pending, close);
        ShortenIfLong();
        return true;
    }

    /// <summary>Notes that a close has been run, or need not be.</summary>
    /// <returns>False when it is not on disk yet: unless something else can be written before the next start, that runs it once more, which does no harm.</returns>
    public bool TryRemove(PendingClose close, out Errno error)
    {
        _pending.Remove(close.Key);
        string line = string.Create(CultureInfo.InvariantCulture, $"done {close.Stanza} {Encode(close.Words)}\n");
        bool removed = TryAppend(line, out error);
        if (!removed)
        {
            _late += line;
        }

        ShortenIfLong();
        return removed;
    }

    public void Dispose()
    {
        TryAppend("", out _);
        _file.Dispose();
    }

    private static void Remember(Dictionary<(int Stanza, string Text), PendingClose> pending, PendingClose close)
    {
        if (!pending.TryGetValue(close.Key, out PendingClose? present) || close.End > present.End)
        {
            pending[close.Key] = close;
        }
    }

    private static void Read(string path, Dictionary<(int Stanza, string Text), PendingClose> pending, DaemonLog log)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path, Encoding.ASCII);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, error.Message);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith('#') && !TryTake(lines[i].Split(' '), pending))
            {
                log.Error($"[*] {path}:{i + 1}: this line cannot be read; if it was a close command, it must be run by hand");
            }
        }
    }

    private static bool TryTake(string[] fields, Dictionary<(int Stanza, string Text), PendingClose> pending)
    {
        switch (fields)
        {
            case ["open", string end, string stanza, string allow, _, ..]
                when long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                    && TryStanza(stanza, out int number)
                    && IPAddress.TryParse(allow, out IPAddress? address)
                    && TryDecode(fields[4..], out string[]? words):
                Remember(pending, new PendingClose(number, address, seconds, words));
                return true;
            case ["done", string stanza, _, ..] when TryStanza(stanza, out int number) && TryDecode(fields[2..], out string[]? words):
                pending.Remove((number, string.Join(' ', words)));
                return true;
            default:
                return false;
        }
    }

    private static bool TryStanza(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private static bool TryDecode(string[] fields, [NotNullWhen(true)] out string[]? words)
    {
        words = [.. fields.Select(Uri.UnescapeDataString)];

        // One spelling only: a line that a crash has cut short, or a hand has changed, is not run as something else.
        return words[0].Length > 0 && !words.Any(word => word.Contains('\0', StringComparison.Ordinal)) && fields.SequenceEqual(words.Select(Uri.EscapeDataString));
    }

    private static string OpenLine(PendingClose close) =>
        string.Create(CultureInfo.InvariantCulture, $"open {close.End} {close.Stanza} {close.Allow} {Encode(close.Words)}\n");

    private static string Encode(IReadOnlyList<string> words) => string.Join(' ', words.Select(Uri.EscapeDataString));

    /// <summary>Makes the file anew with what is pending; whatever fails, the old or the new one stays whole.</summary>
    private static DurableFile Rewrite(string path, IEnumerable<PendingClose> pending)
    {
        using LockedFile file = LockedFile.OpenAlone(path);
        file.Replace([.. Header, .. Encoding.ASCII.GetBytes(string.Concat(pending.Select(OpenLine)))]);
        return DurableFile.TryOpen(path, out DurableFile? opened, out Errno error) ? opened : throw new IOException(error.Text);
    }

    private static StartupException Unusable(string path, string reason) => new(
        $"[*] '{path}' cannot be used: {reason}. Without it the commands of CMD_CYCLE_CLOSE are lost in a crash; mend it or remove it.");

    private bool TryAppend(string line, out Errno error)
    {
        bool isOnDisk = _file.TryAppend(Encoding.ASCII.GetBytes(_late + line), out error);
        _late = isOnDisk ? "" : _late;
        return isOnDisk;
    }

    private void ShortenIfLong()
    {
        if (_file.Length <= _nextRewrite)
        {
            return;
        }

        try
        {
            DurableFile shorter = Rewrite(_path, _pending.Values);
            _file.Dispose();
            _file = shorter;
            _late = "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The long file has all of it too.
        }

        _nextRewrite = _file.Length + MaxGrowth;
    }
}

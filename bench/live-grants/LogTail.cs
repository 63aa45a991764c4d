using System.Text;
using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>Follows the JSON log of a daemon: when each address was let in, and when that ended.</summary>
internal sealed class LogTail(string file) : IDisposable
{
    private readonly FileStream _file = new(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
    private readonly StringBuilder _unfinished = new();

    /// <summary>Address and time of the last line about its opening.</summary>
    public Dictionary<string, DateTimeOffset> Opened { get; } = [];

    /// <summary>Address and time of the last line about its end.</summary>
    public Dictionary<string, DateTimeOffset> Closed { get; } = [];

    public bool IsReady { get; private set; }

    /// <summary>Reads until it is so.</summary>
    public void ReadUntil(Func<bool> condition, TimeSpan timeout, string what) => Deadline.WaitUntil(
        () =>
        {
            Read();
            return condition();
        },
        timeout,
        what);

    public void Dispose() => _file.Dispose();

    private void Read()
    {
        Span<byte> buffer = stackalloc byte[8192];
        int length;
        while ((length = _file.Read(buffer)) > 0)
        {
            _unfinished.Append(Encoding.UTF8.GetString(buffer[..length]));
        }

        string[] lines = _unfinished.ToString().Split('\n');
        _unfinished.Clear().Append(lines[^1]);
        foreach (string line in lines.SkipLast(1))
        {
            Take(line);
        }
    }

    private void Take(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement entry = document.RootElement;
        DateTimeOffset time = entry.GetProperty("time").GetDateTimeOffset();
        switch (entry.GetProperty("event").GetString())
        {
            case "daemon.started":
                IsReady = true;
                break;
            case "rule.added":
                Opened[entry.GetProperty("allow").GetString()!] = time;
                break;
            case "grant.closed":
                Closed[entry.GetProperty("allow").GetString()!] = time;
                break;
        }
    }
}

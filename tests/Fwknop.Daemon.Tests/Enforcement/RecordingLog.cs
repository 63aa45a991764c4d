using System.Collections.Concurrent;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Keeps the lines, each with its level in front: <c>I Added …</c>.</summary>
internal sealed class RecordingLog : IFirewallLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    private readonly ConcurrentQueue<string> _traces = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public IReadOnlyList<string> Traces => [.. _traces];

    public void Error(string text, LogEvent? about = null) => _lines.Enqueue($"E {text}");

    public void Warning(string text, LogEvent? about = null) => _lines.Enqueue($"W {text}");

    public void Info(string text, LogEvent? about = null) => _lines.Enqueue($"I {text}");

    public void Debug(string text, LogEvent? about = null) => _lines.Enqueue($"D {text}");

    public void Trace(Func<string> text) => _traces.Enqueue(text());

    public void Clear() => _lines.Clear();
}

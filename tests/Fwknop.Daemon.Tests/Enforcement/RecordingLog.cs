using System.Collections.Concurrent;
using Fwknop.Daemon.Enforcement;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Keeps the lines, each with its level in front: <c>I Added …</c>.</summary>
internal sealed class RecordingLog : IFirewallLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public void Error(string text) => _lines.Enqueue($"E {text}");

    public void Warning(string text) => _lines.Enqueue($"W {text}");

    public void Info(string text) => _lines.Enqueue($"I {text}");

    public void Debug(string text) => _lines.Enqueue($"D {text}");

    public void Clear() => _lines.Clear();
}

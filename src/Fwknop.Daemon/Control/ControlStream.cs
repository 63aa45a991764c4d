using System.Diagnostics;
using System.Net.Sockets;

namespace Fwknop.Daemon.Control;

/// <summary>One line in, one line out, by a time: however slowly the other side reads or writes, it is over then.</summary>
/// <param name="socket">Connected; belongs to the caller.</param>
/// <param name="limit">How long all of it may take.</param>
internal sealed class ControlStream(Socket socket, TimeSpan limit)
{
    private const int Chunk = 4096;

    private readonly long _started = Stopwatch.GetTimestamp();

    private TimeSpan Left => limit - Stopwatch.GetElapsedTime(_started);

    /// <summary>Reads up to the line's end, which must be the last byte.</summary>
    /// <param name="most">The longest line.</param>
    /// <returns>The line without its end; null when there is none in time, or it is too long.</returns>
    public byte[]? ReadLine(int most)
    {
        using MemoryStream line = new();
        byte[] buffer = new byte[Chunk];
        while (line.Length <= most && Wait(SelectMode.SelectRead))
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                continue;
            }

            if (error != SocketError.Success || count == 0)
            {
                return null;
            }

            int end = Array.IndexOf(buffer, (byte)'\n', 0, count);
            line.Write(buffer, 0, end < 0 ? count : end);
            if (end >= 0)
            {
                return end == count - 1 && line.Length <= most ? line.ToArray() : null;
            }
        }

        return null;
    }

    /// <summary>Writes all of it.</summary>
    /// <returns>False when the other side has gone away, or did not take it in time.</returns>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!Wait(SelectMode.SelectWrite))
            {
                return false;
            }

            int count = socket.Send(bytes[..Math.Min(bytes.Length, 16 * Chunk)], SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return false;
            }

            bytes = bytes[count..];
        }

        return true;
    }

    private bool Wait(SelectMode mode)
    {
        TimeSpan left = Left;
        return left > TimeSpan.Zero && socket.Poll(left, mode);
    }
}

using Fwknop.Grants;

namespace Fwknop.Listener.Dispatch;

/// <summary>Tells the daemon, one frame a write.</summary>
internal sealed class GrantWriter(Stream output)
{
    /// <exception cref="IOException">The daemon is gone.</exception>
    public void Send(ListenerMessage message)
    {
        Span<byte> frame = stackalloc byte[GrantFrame.Size];
        GrantFrame.Write(message, frame);
        output.Write(frame);
        output.Flush();
    }
}

using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>
/// Carries bytes both ways between two streams and a connection. The end of the input ends only the sending side: what the other side
/// still has to say arrives. The end of the connection ends all.
/// </summary>
internal sealed class Relay(Stream input, Stream output, Socket connection)
{
    private const int BufferSize = 64 * 1024;

    /// <returns>Null when the other side ended the connection, else what went wrong.</returns>
    public string? Run()
    {
        // A read of standard input cannot be interrupted; as a background thread it does not keep the program from ending.
        Thread sender = new(Send) { IsBackground = true, Name = "input to connection" };
        sender.Start();
        byte[] buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = connection.Receive(buffer)) > 0)
            {
                output.Write(buffer.AsSpan(0, count));
                output.Flush();
            }

            return null;
        }
        catch (SocketException e)
        {
            return new Errno(e.NativeErrorCode).Text;
        }
        catch (IOException e)
        {
            return $"standard output: {e.Message}";
        }
    }

    private void Send()
    {
        byte[] buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = Read(buffer)) > 0)
            {
                for (int sent = 0; sent < count;)
                {
                    sent += connection.Send(buffer.AsSpan(sent, count - sent));
                }
            }

            connection.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is gone; the receiving side says so.
        }
    }

    // An input that cannot be read has ended.
    private int Read(byte[] buffer)
    {
        try
        {
            return input.Read(buffer);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

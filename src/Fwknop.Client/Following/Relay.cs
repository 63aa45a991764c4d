using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>
/// Carries bytes both ways between two streams and a connection. The end of one direction leaves the other one open: what the other side
/// still has to say arrives, and what it still reads is sent.
/// </summary>
/// <param name="input">What to send.</param>
/// <param name="output">Where to put what is received; disposed of when the other side has said all.</param>
/// <param name="connection">To the other side.</param>
internal sealed class Relay(Stream input, Stream output, Socket connection)
{
    private const int BufferSize = 64 * 1024;
    private const string OutputProblem = "standard output: ";
    private const string BrokenPipe = "Broken pipe";

    /// <summary>The end of the connection ends all: at a terminal nobody would know that only typing goes on.</summary>
    public bool IsInputTyped { get; init; }

    /// <summary>Gives a task that completes when nobody reads the output any more, or when it is cancelled.</summary>
    public Func<CancellationToken, Task> WatchReader { get; init; } = cancel => Task.Delay(Timeout.Infinite, cancel);

    /// <summary>
    /// How long the other side may take to end when nobody reads the output any more; our choice. ssh goes at the end of a session before the server has closed
    /// the connection: nothing more comes for it.
    /// </summary>
    public TimeSpan TimeToEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <returns>Null when all was carried, else what went wrong.</returns>
    public string? Run()
    {
        // A read of standard input cannot be interrupted; as a background thread it does not keep the program from ending.
        Task<string?> sending = Start(Send);
        Task<string?> receiving = Start(Receive);
        bool hasReader;
        using (CancellationTokenSource end = new())
        {
            Task watching = WatchReader(end.Token);
            Task.WaitAny(receiving, watching);
            hasReader = !watching.IsCompleted;
            end.Cancel();
        }

        if (!receiving.Wait(TimeToEnd))
        {
            return OutputProblem + BrokenPipe;
        }

        string? problem = receiving.GetAwaiter().GetResult();
        if (problem is not null || IsInputTyped || !hasReader)
        {
            return problem;
        }

        output.Dispose();
        return sending.GetAwaiter().GetResult();
    }

    private static Task<string?> Start(Func<string?> direction) =>
        Task.Factory.StartNew(direction, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static string Text(SocketException e) => new Errno(e.NativeErrorCode).Text;

    private string? Receive()
    {
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
            return Text(e);
        }
        catch (ObjectDisposedException)
        {
            // The reader went first.
            return null;
        }
        catch (IOException e)
        {
            return OutputProblem + e.Message;
        }
    }

    private string? Send()
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
            return null;
        }
        catch (SocketException e)
        {
            return $"not all of standard input was sent: {Text(e)}";
        }
        catch (ObjectDisposedException)
        {
            // The receiving side ended it all.
            return null;
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

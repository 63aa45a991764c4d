using Fwknop.Grants;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.DecryptorProcess;

/// <summary>
/// The process that may read the keyrings: it runs gpg as the user whom they belong to, for a listener that may not. It has no capabilities, and no
/// network traffic reaches it but OpenPGP messages whose HMAC, where one is agreed on, was right.
/// </summary>
internal static class DecryptorProgram
{
    /// <summary>Works until the listener or the daemon is gone.</summary>
    /// <param name="input">Brings the setup and stays open as long as the daemon lives.</param>
    /// <param name="startLog">For what goes wrong before the setup is read.</param>
    /// <param name="standardError">Where the log goes.</param>
    /// <returns>The exit status.</returns>
    public static int Run(Stream input, ListenerLog startLog, TextWriter standardError)
    {
        DecryptorSetup setup;
        try
        {
            setup = DecryptorSetup.Read(input);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            startLog.Write(LogLevel.Error, $"The decryptor got no usable setup: {error.Message}");
            return 1;
        }

        ListenerLog log = new(standardError, setup.Verbosity);
        using Descriptor listener = Descriptor.Inherit(setup.Descriptor);

        // gpg is not to have it.
        CurrentProcess.KeepDescriptorsFromChildren();
        using GpgKeyrings keyrings = new(setup);

        // Packets do not wait for that.
        new Thread(() => TellFaults(keyrings, log)) { IsBackground = true, Name = "keyring faults" }.Start();
        using WakeEvent wake = new();
        return Serve(listener, keyrings, wake, new DaemonWatch(input, wake), log);
    }

    private static void TellFaults(GpgKeyrings keyrings, ListenerLog log)
    {
        foreach (string fault in keyrings.FindFaults())
        {
            log.Write(LogLevel.Warning, $"Warning: {fault}");
        }
    }

    private static int Serve(Descriptor listener, GpgKeyrings keyrings, WakeEvent wake, DaemonWatch daemon, ListenerLog log)
    {
        using PollSet events = new(listener, wake.Descriptor);
        Span<byte> bytes = stackalloc byte[NumberedMessage.Header + DecryptionQuestion.MaxSize + 1];

        // Where that does not fit, those before us have said it, and the listener has not looked.
        listener.TrySend(NumberedMessage.Ready, out _);
        while (events.Wait(Timeout.InfiniteTimeSpan) && !daemon.IsGone)
        {
            if (!listener.TryRead(bytes, out int length, out Errno error) || length == 0)
            {
                // A reset is an end, too: of a listener that has not read that we are ready.
                return error == Errno.None || error.IsConnectionReset ? 0 : Fail($"the listener cannot be heard: {error.Text}");
            }

            if (!NumberedMessage.TryRead(bytes[..length], out uint number, out ReadOnlySpan<byte> content)
                || !DecryptionQuestion.TryRead(content, out DecryptionQuestion? question)
                || keyrings.Answer(question) is not { } answer)
            {
                return Fail("the listener sent something that is no question");
            }

            using (answer)
            {
                byte[] answerBytes = answer.ToBytes();
                byte[] message = NumberedMessage.Write(number, answerBytes);
                bool isSent = listener.TryWriteAll(message, out _);
                answerBytes.AsSpan().Clear();
                message.AsSpan().Clear();
                if (!isSent)
                {
                    // The listener is gone.
                    return 0;
                }
            }
        }

        return 0;

        int Fail(string text)
        {
            log.Write(LogLevel.Error, $"[*] {text}");
            return 1;
        }
    }
}

using static Fwknop.Client.ExitStatus;

namespace Fwknop.Client;

/// <summary>The whole program on one operating system.</summary>
internal static class ClientProgram
{
    /// <returns>The exit status.</returns>
    public static int Run(IPlatform platform, IReadOnlyList<string> arguments)
    {
        platform.PrepareForPrograms();

        // From here on there may be keys in memory.
        platform.KeepMemoryPrivate();
        using Stream output = platform.OpenOutput();
        using Stream error = platform.OpenError();
        Messages messages = new(output, error);
        try
        {
            IReadOnlyList<string> words = ArgumentText.Restore(arguments, out string? problem);
            if (problem is not null)
            {
                messages.Error(problem);
                return Failure;
            }

            return new ClientRun(messages, ClientEnvironment.Of(platform)).Run(words);
        }
        catch (OutputException)
        {
            // Nobody can read what was asked for: a closed pipe, a full disk.
            return Failure;
        }
        catch (Exception e)
        {
            // A mistake in this program; the place of it is for those who asked for everything.
            messages.Error($"{Messages.Prefix}internal error: {(messages.Verbosity > 1 ? e : e.Message)}");
            return Failure;
        }
    }
}

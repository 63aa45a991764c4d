namespace Fwknop.Client;

/// <summary>The whole program on one operating system.</summary>
internal static class ClientProgram
{
    /// <returns>The exit status.</returns>
    public static int Run(IPlatform platform, IReadOnlyList<string> arguments)
    {
        // From here on there may be keys in memory.
        platform.KeepMemoryPrivate();
        using Stream output = platform.OpenOutput();
        using Stream error = platform.OpenError();
        try
        {
            return new ClientRun(new Messages(output, error), ClientEnvironment.Of(platform)).Run(arguments);
        }
        catch (OutputException)
        {
            // Nobody can read what there is to say: a closed pipe, a full disk.
            return 1;
        }
    }
}

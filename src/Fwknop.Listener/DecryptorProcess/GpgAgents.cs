using Fwknop.Native.Libc;

namespace Fwknop.Listener.DecryptorProcess;

/// <summary>
/// The gpg-agents of keyrings, without which gpg does not decrypt. Where none works for a keyring gpg would start one that outlives us and goes on using the secret
/// key. Those that are started here end with this process, however that ends: an agent that is given a program ends when that does (gpg-agent(1), --daemon), and
/// this one's reads a pipe of ours. An agent of the keyring's owner that works already is used and left alone.
/// </summary>
internal sealed class GpgAgents : IDisposable
{
    private const string Usual = "/usr/bin/gpg-agent";

    private const string ReadsUntilEnd = "/bin/cat";

    /// <summary>Our choice: an agent starts in some milliseconds.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<string> _environment;
    private readonly Dictionary<string, ChildProgram> _own = [];
    private readonly Lock _guard = new();

    /// <param name="environment">As gpg's own.</param>
    public GpgAgents(IReadOnlyDictionary<string, string> environment)
    {
        _environment = [.. environment.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    /// <summary>
    /// Makes sure that an agent works for a keyring. Asked for each time: the one that worked a while ago may have ended. Where that fails gpg starts its own.
    /// </summary>
    /// <param name="homeDirectory">The keyring.</param>
    /// <param name="gpg">The path of gpg; an agent beside it is taken.</param>
    public void Ensure(string homeDirectory, string gpg)
    {
        string beside = Path.Combine(Path.GetDirectoryName(gpg) ?? "/", "gpg-agent");
        string program = File.Exists(beside) ? beside : Usual;
        lock (_guard)
        {
            // It remembers no passphrase: that comes along each time.
            string[] arguments =
            [
                "--homedir", homeDirectory, "--batch", "--quiet", "--default-cache-ttl", "0", "--max-cache-ttl", "0", "--daemon", "--", ReadsUntilEnd,
            ];
            if (ChildProgram.TryStart(new ChildStart(program, arguments, _environment) { HasPipes = true }, out _) is not { } started)
            {
                return;
            }

            if (!HasBegun(started))
            {
                // Another agent works for the keyring.
                started.Dispose();
                return;
            }

            if (_own.Remove(homeDirectory, out ChildProgram? earlier))
            {
                earlier.Dispose();
            }

            _own.Add(homeDirectory, started);

            // What the agent says, which would fill the pipe some day.
            started.Errors.Dispose();
        }
    }

    /// <summary>Ends those that were started here.</summary>
    public void Dispose()
    {
        lock (_guard)
        {
            foreach (ChildProgram agent in _own.Values)
            {
                agent.Dispose();
            }

            _own.Clear();
        }
    }

    /// <summary>What we write comes back from the program that the agent runs once it works; nothing does when another agent is there.</summary>
    private static bool HasBegun(ChildProgram started)
    {
        try
        {
            started.Input.WriteByte((byte)'\n');
            Task<int> echo = Task.Run(started.Output.ReadByte);
            if (echo.Wait(StartTimeout))
            {
                return echo.Result >= 0;
            }
        }
        catch (Exception error) when (error is IOException or AggregateException)
        {
            // It has ended.
        }

        started.TryKill(user: null, out _);
        return false;
    }
}

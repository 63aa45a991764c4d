using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>The decryptors of one listener, one for each user that has keyrings; none where no stanza takes OpenPGP packets.</summary>
internal sealed class Decryptors : IDisposable
{
    private readonly List<DecryptorProcess> _processes = [];
    private readonly List<SocketPair> _sockets = [];
    private readonly Dictionary<int, KeyringPlace> _places = [];

    /// <summary>What the listener inherits.</summary>
    public IReadOnlyList<Descriptor> ListenerEnds => [.. _sockets.Select(pair => pair.First)];

    /// <summary>Where the listener asks, by stanza number.</summary>
    public IReadOnlyDictionary<int, KeyringPlace> Places => _places;

    /// <summary>Starts them.</summary>
    /// <param name="generation">For which listener.</param>
    /// <param name="config">Whether they are confined.</param>
    /// <param name="plans">Whose keyrings, and which.</param>
    /// <param name="firstSocket">The number that the first of <see cref="ListenerEnds"/> has in the listener; the others follow.</param>
    /// <param name="events">Where a failure arrives.</param>
    /// <param name="log">Where their lines go.</param>
    /// <exception cref="StartupException">One cannot be started; then none runs.</exception>
    public static Decryptors Start(int generation, ServerConfig config, IReadOnlyList<KeyringPlan> plans, int firstSocket, DaemonEvents events, DaemonLog log)
    {
        Decryptors decryptors = new();
        try
        {
            foreach (KeyringPlan plan in plans)
            {
                SocketPair pair = SocketPair.Create();
                decryptors._sockets.Add(pair);
                foreach ((int stanza, ushort keyring) in plan.Places)
                {
                    decryptors._places.Add(stanza, new KeyringPlace(firstSocket + decryptors._sockets.Count - 1, keyring));
                }

                decryptors._processes.Add(DecryptorProcess.Start(generation, config, plan, pair.Second, events, log));
            }

            return decryptors;
        }
        catch
        {
            decryptors.Dispose();
            foreach (KeyringPlan plan in plans)
            {
                plan.Dispose();
            }

            throw;
        }
    }

    /// <summary>Once the listener runs: from here on each side notices the other's end.</summary>
    public void CloseSockets()
    {
        _sockets.ForEach(pair => pair.Dispose());
        _sockets.Clear();
    }

    public void Dispose()
    {
        CloseSockets();
        _processes.ForEach(process => process.TellToEnd());
        _processes.ForEach(process => process.Dispose());
        _processes.Clear();
    }
}

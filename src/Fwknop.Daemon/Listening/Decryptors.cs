using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>The decryptors of one listener, one for each user that has keyrings, kept at work; none where no stanza takes OpenPGP packets.</summary>
internal sealed class Decryptors : IDisposable
{
    private readonly List<DecryptorKeeper> _keepers = [];
    private readonly List<SocketPair> _sockets = [];
    private readonly Dictionary<int, KeyringPlace> _places = [];

    /// <summary>What the listener inherits.</summary>
    public IReadOnlyList<Descriptor> ListenerEnds => [.. _sockets.Select(pair => pair.First)];

    /// <summary>Where the listener asks, by stanza number.</summary>
    public IReadOnlyDictionary<int, KeyringPlace> Places => _places;

    /// <summary>Starts them.</summary>
    /// <param name="config">Whether they are confined.</param>
    /// <param name="plans">Whose keyrings, and which.</param>
    /// <param name="firstSocket">The number that the first of <see cref="ListenerEnds"/> has in the listener; the others follow.</param>
    /// <param name="log">Where their lines go.</param>
    /// <exception cref="StartupException">One cannot be started; then none runs.</exception>
    public static Decryptors Start(ServerConfig config, IReadOnlyList<KeyringPlan> plans, int firstSocket, DaemonLog log)
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

                decryptors._keepers.Add(DecryptorKeeper.Start(config, plan, pair.Second, log));
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

    /// <summary>Once the listener runs: from here on decryptors notice its end. The other ends stay here for the next decryptor.</summary>
    public void CloseListenerEnds() => _sockets.ForEach(pair => pair.First.Dispose());

    /// <summary>Lets them end by themselves, without waiting.</summary>
    public void TellToEnd() => _keepers.ForEach(keeper => keeper.TellToEnd());

    public void Dispose()
    {
        TellToEnd();
        _keepers.ForEach(keeper => keeper.Dispose());
        _keepers.Clear();
        _sockets.ForEach(pair => pair.Dispose());
        _sockets.Clear();
    }
}

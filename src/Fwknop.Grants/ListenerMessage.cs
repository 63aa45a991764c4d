namespace Fwknop.Grants;

/// <summary>What the listener tells the daemon, over its standard output (<see cref="GrantFrame"/>).</summary>
public abstract record ListenerMessage
{
    private ListenerMessage()
    {
    }

    /// <summary>Packets that arrive from now on are seen.</summary>
    public sealed record Ready : ListenerMessage;

    /// <summary>A packet was authenticated and refused: to be recorded, so that it works neither later nor elsewhere.</summary>
    /// <param name="Packet">The packet.</param>
    public sealed record Spent(SeenPacket Packet) : ListenerMessage;

    /// <summary>A packet asks for ports, and the stanza allows it by the listener's reading.</summary>
    /// <param name="Request">What is asked for.</param>
    public sealed record Granted(GrantRequest Request) : ListenerMessage;

    /// <summary>A packet asks for a command, and the stanza allows commands by the listener's reading.</summary>
    /// <param name="Request">What is asked for.</param>
    public sealed record Commanded(CommandRequest Request) : ListenerMessage;

    /// <summary>What becomes of a packet of the queue. Sent only with NFQUEUE capture.</summary>
    /// <param name="Id">How the kernel calls it.</param>
    /// <param name="Passes">It goes on to where it was sent; else it ends here.</param>
    public sealed record QueueVerdict(uint Id, bool Passes) : ListenerMessage;

    /// <summary>The packet count limit (<c>-C</c>) was reached; the listener ends.</summary>
    public sealed record LimitReached : ListenerMessage;

    /// <summary>The message that carries a request.</summary>
    public static ListenerMessage Of(StanzaRequest request) => request switch
    {
        GrantRequest ports => new Granted(ports),
        CommandRequest command => new Commanded(command),
        _ => throw new ArgumentException("Unknown kind of request.", nameof(request)),
    };
}

using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// What opens the door. One object per daemon, used from one thread. It keeps the grants it made and their ends; the
/// daemon's loop sleeps until <see cref="NextDue"/> and then calls <see cref="Expire"/>.
/// </summary>
internal interface IFirewall : IDisposable
{
    /// <summary>What it is, for the log: <c>nftables, guarding tcp/22</c>.</summary>
    string Description { get; }

    /// <summary>Its name, for lists: <c>nftables</c>.</summary>
    string Name { get; }

    /// <summary>The grants that are open.</summary>
    IEnumerable<LiveGrant> Live { get; }

    /// <summary>When <see cref="Expire"/> has work, on the monotonic clock; null while there is nothing to wait for.</summary>
    TimeSpan? NextDue { get; }

    /// <summary>
    /// Makes the tables, chains and sets. Grants of an earlier run are removed (FLUSH_*_AT_INIT Y) or adopted with the
    /// time they have left (N). Nothing that is guarded is open at any moment of it.
    /// </summary>
    /// <param name="now">When.</param>
    /// <param name="carried">Grants that are to be open from the beginning: those of the back end that this one follows, none of them over.</param>
    /// <exception cref="FirewallException">The firewall cannot be used; nothing of ours is left in it.</exception>
    void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried);

    /// <summary>
    /// Opens what a batch of packets asked for, in as few transactions as the firewall has. A grant that exists already ends at the later of
    /// both times. Each outcome is logged here; a grant that failed has an error line and opened nothing.
    /// </summary>
    /// <returns>One outcome per grant, in order.</returns>
    IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now);

    /// <summary>Removes what is due, all together, and makes repairs that are due. What could not be done is logged and due again soon.</summary>
    /// <returns>How many grants have ended.</returns>
    int Expire(Moment now);

    /// <summary>
    /// Somebody has changed nftables rules, perhaps this daemon: what is missing of ours is made again, now or when <see cref="NextDue"/> says so. Where
    /// nobody tells of changes, they are found with the next grant.
    /// </summary>
    void Reconcile(Moment now)
    {
    }

    /// <summary>Removes grants before their time: each address family in one transaction. What is not open is passed over.</summary>
    /// <returns>Null, or why not all of it was removed; what is still open stays in <see cref="Live"/>.</returns>
    string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now);

    /// <summary>The clean stop: everything of ours is gone afterwards, or nothing is touched (FLUSH_*_AT_EXIT N).</summary>
    /// <returns>False if something could not be removed; the log says what.</returns>
    bool TearDown();

    /// <summary>
    /// The stop after a failure of the daemon: removes the grants that no kernel timer will end. What keeps ports shut
    /// stays, so that a broken daemon does not open what it guarded.
    /// </summary>
    /// <returns>False if something could not be removed; the log says what.</returns>
    bool Abandon();

    /// <summary>
    /// Removes what the back end that follows does not use: it is prepared and holds all grants. What could not be removed is logged.
    /// </summary>
    void GiveWay(IFirewall successor);

    /// <summary>Everything of ours goes, of whatever run, without regard to FLUSH_*_AT_EXIT (<c>--fw-flush</c>).</summary>
    /// <returns>False if something could not be removed; the log says what.</returns>
    /// <exception cref="FirewallException">The firewall cannot be used.</exception>
    bool Flush();

    /// <summary>Shows the rules (<c>--fw-list</c>, <c>--fw-list-all</c>).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="all">True: whole tables; false: what is ours.</param>
    /// <exception cref="FirewallException">The firewall cannot be used.</exception>
    void List(TextWriter output, bool all);
}

namespace Fwknop.Daemon.Enforcement;

/// <summary>What the log says of the rules of a grant (server.md 10); each text with the chain, set or anchor that it is about.</summary>
internal interface IRuleLines
{
    /// <summary>A line for each rule of one grant that has been opened or extended.</summary>
    /// <param name="request">All that was asked for.</param>
    /// <param name="key">The grant.</param>
    /// <param name="epoch">Its end (<see cref="GrantEnd.Epoch"/>).</param>
    /// <param name="isNew">False where it was open before.</param>
    IEnumerable<(string Text, string Chain)> Opened(FirewallGrant request, GrantKey key, long epoch, bool isNew);

    /// <summary>That nothing of it was opened; the reason follows the text.</summary>
    (string Text, string Chain) Failed(FirewallGrant request);
}

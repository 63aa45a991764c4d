namespace Fwknop.Configuration.Access;

/// <summary>An account that commands run as.</summary>
/// <param name="Name">As access.conf has it.</param>
/// <param name="Uid">Its number.</param>
/// <param name="PrimaryGid">The number of its primary group.</param>
public sealed record CommandUser(string Name, uint Uid, uint PrimaryGid)
{
    /// <summary>True for user 0, whatever it is called (server.md 13, Q11).</summary>
    public bool IsRoot => Uid == 0;
}

namespace Fwknop.Daemon.Enforcement;

/// <summary>The rules that a grant comes to.</summary>
internal enum RuleKind
{
    /// <summary>To a port of this host.</summary>
    Access,

    /// <summary>To the port of this host that another one stands for.</summary>
    LocalNat,

    /// <summary>The answers of this host.</summary>
    Output,

    /// <summary>Through this host.</summary>
    Forward,

    /// <summary>Another destination.</summary>
    Dnat,

    /// <summary>Another source address.</summary>
    Snat,

    /// <summary>The source address of the interface.</summary>
    Masquerade,
}

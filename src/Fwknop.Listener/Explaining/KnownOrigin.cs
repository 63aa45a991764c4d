namespace Fwknop.Listener.Explaining;

/// <summary>What is known of the way of a packet.</summary>
internal enum KnownOrigin
{
    /// <summary>There is only its text.</summary>
    None = 0,

    /// <summary>The source was told.</summary>
    Source,

    /// <summary>Its headers were captured.</summary>
    Both,
}

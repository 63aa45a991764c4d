namespace Fwknop.Client;

/// <summary>Where a sending stopped.</summary>
internal enum SendStep
{
    /// <summary>The platform cannot do it.</summary>
    NotSupported,
    OpenSocket,
    BindSourcePort,
    Send,
}

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Makes the next generation when the daemon is told to read its configuration again.</summary>
internal interface IGenerationSource
{
    /// <summary>Reads the configuration and starts a listener for it. Nothing of the present one is changed.</summary>
    /// <returns>Null when that is not possible; the log says why.</returns>
    Generation? TryStartNext(Generation present);

    /// <summary>The generation is in force now.</summary>
    void Establish(Generation generation);
}

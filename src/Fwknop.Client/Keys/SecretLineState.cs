namespace Fwknop.Client;

/// <summary>Whether a typed line goes on.</summary>
internal enum SecretLineState
{
    Open,
    Complete,

    /// <summary>Ctrl-C; the line is empty.</summary>
    Interrupted,
}

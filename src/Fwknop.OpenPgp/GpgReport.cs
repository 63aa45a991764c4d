namespace Fwknop.OpenPgp;

/// <summary>What else is known of the last run of gpg.</summary>
public sealed record GpgReport
{
    /// <summary>gpg's own reason for a failure; empty when there was none or it gave none.</summary>
    public string ErrorText { get; init; } = "";

    /// <summary>Fingerprint of the (sub)key that signed the message made, or null.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Bytes of the message made.</summary>
    public int MessageLength { get; init; }
}

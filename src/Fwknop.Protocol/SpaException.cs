namespace Fwknop.Protocol;

/// <summary>A message that cannot be sealed. Only <see cref="SpaPacket.Seal"/> throws it.</summary>
public sealed class SpaException : Exception
{
    /// <summary>Makes the exception for a reason.</summary>
    public SpaException(Rejection rejection)
        : base(rejection.GetText()) => Rejection = rejection;

    /// <summary>The reason.</summary>
    public Rejection Rejection { get; }
}

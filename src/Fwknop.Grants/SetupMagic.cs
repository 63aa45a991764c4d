namespace Fwknop.Grants;

/// <summary>The number at the beginning and at the end of a setup: reader and writer agree on the layout between.</summary>
internal static class SetupMagic
{
    /// <exception cref="InvalidDataException">There is another number.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static void Expect(BinaryReader reader, int magic)
    {
        if (reader.ReadInt32() != magic)
        {
            throw new InvalidDataException("The setup was not written by this version of fwknopd.");
        }
    }
}

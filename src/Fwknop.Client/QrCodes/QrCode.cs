using System.Collections;
using System.Security.Cryptography;
using QRCoder;

namespace Fwknop.Client;

/// <summary>
/// The modules of a QR code, quiet zone of four modules included. Byte mode, error correction L: a screen has no scratches, and the
/// fewer modules there are, the larger each is for the camera (keys of the default lengths make version 8, 57 columns in a terminal).
/// </summary>
internal sealed class QrCode : IDisposable
{
    /// <summary>The most bytes of version 13, the largest that fits a terminal of 80 columns (ISO/IEC 18004, table 7).</summary>
    public const int MaxBytes = 425;

    /// <summary>Of pictures. Our choice: large enough for any camera, small enough for any screen.</summary>
    public const int PixelsPerModule = 8;

    private readonly QRCodeData _data;

    private QrCode(QRCodeData data) => _data = data;

    /// <summary>Modules in each direction.</summary>
    public int Size => _data.ModuleMatrix.Count;

    /// <param name="text">At most <see cref="MaxBytes"/>.</param>
    /// <exception cref="ArgumentException">The text is longer.</exception>
    public static QrCode Of(ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, MaxBytes);
        byte[] copy = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        try
        {
            text.CopyTo(copy);
            return new QrCode(QRCodeGenerator.GenerateQrCode(copy, QRCodeGenerator.ECCLevel.L));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <summary>False outside the code, where there is more of the quiet zone.</summary>
    public bool IsDark(int column, int row) => row < Size && column < Size && _data.ModuleMatrix[row][column];

    /// <summary>Adds the code as a PNG file, black on white.</summary>
    public void AddPng(SecretBuffer target)
    {
        // Not disposed of: that would dispose of the data, which is ours.
        PngByteQRCode png = new(_data);
        byte[] file = png.GetGraphic(PixelsPerModule);
        target.Append(file);
        CryptographicOperations.ZeroMemory(file);
    }

    public void Dispose()
    {
        foreach (BitArray row in _data.ModuleMatrix)
        {
            row.SetAll(false);
        }

        _data.Dispose();
    }
}

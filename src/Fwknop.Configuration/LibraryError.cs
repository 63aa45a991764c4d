using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Configuration;

/// <summary>Refusals as the reference's programs print those of their library (client.md 15.1).</summary>
public static class LibraryError
{
    /// <summary><c>fwknop: fko_key_gen: Error 68 - …</c>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="function">The library function that the reference names.</param>
    /// <param name="why">The reason.</param>
    public static string Text(string program, string function, Rejection why) =>
        string.Create(CultureInfo.InvariantCulture, $"{program}: {function}: Error {(int)why} - {why.GetText()}");
}

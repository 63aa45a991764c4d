using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Refusals in the words of the reference's library (client.md 15.1).</summary>
internal static class LibraryError
{
    /// <param name="function">The library function that the reference names.</param>
    /// <param name="why">The reason.</param>
    public static string Text(string function, Rejection why) =>
        string.Create(CultureInfo.InvariantCulture, $"fwknop: {function}: Error {(int)why} - {why.GetText()}");
}

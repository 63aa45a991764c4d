using System.Runtime.InteropServices;

namespace Fwknop.Configuration.Files;

/// <summary>A failed file operation in the words of the C library, as the reference prints them.</summary>
public static class FileError
{
    private const int LastErrno = 133;

    /// <summary>True for what opening, reading or writing a file can throw; <see cref="ArgumentException"/> is an empty path.</summary>
    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentException;

    /// <summary>The reason for the file of that name: the base library does not tell a folder from a file that may not be opened.</summary>
    public static string Reason(Exception exception, string path) =>
        exception is UnauthorizedAccessException && Directory.Exists(path) ? "Is a directory" : Reason(exception);

    /// <summary>The reason, such as "No such file or directory".</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException or ArgumentException => "No such file or directory",
        PathTooLongException => "File name too long",
        UnauthorizedAccessException => "Permission denied",

        // The base library keeps the number of an error that it has no exception for.
        IOException { HResult: > 0 and <= LastErrno } => Marshal.GetPInvokeErrorMessage(exception.HResult),
        null => throw new ArgumentNullException(nameof(exception)),
        _ => exception.Message,
    };
}

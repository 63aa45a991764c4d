using System.Runtime.InteropServices;

namespace Fwknop.Client;

/// <summary>The system's own words for a failed file operation, as the reference prints them.</summary>
internal static class SystemError
{
    private const int NoSuchFile = 2; // ENOENT
    private const int PermissionDenied = 13; // EACCES
    private const int NameTooLong = 36; // ENAMETOOLONG
    private const int LastErrno = 133;

    /// <summary>True for what opening, reading or writing a file can throw.</summary>
    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static string TextOf(Exception exception)
    {
        int errno = exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => NoSuchFile,
            PathTooLongException => NameTooLong,
            UnauthorizedAccessException => PermissionDenied,
            { HResult: > 0 and <= LastErrno } => exception.HResult,
            _ => 0,
        };
        return errno == 0 ? exception.Message : Marshal.GetPInvokeErrorMessage(errno);
    }
}

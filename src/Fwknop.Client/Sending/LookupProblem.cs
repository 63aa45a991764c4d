namespace Fwknop.Client;

/// <summary>The C library's words for what goes wrong with names, which the reference prints (client.md 13.1).</summary>
internal static class LookupProblem
{
    public const string UnknownName = "Name or service not known";
    public const string TryAgain = "Temporary failure in name resolution";
    public const string NoAddress = "No address associated with hostname";
    public const string WrongFamily = "Address family for hostname not supported";
}

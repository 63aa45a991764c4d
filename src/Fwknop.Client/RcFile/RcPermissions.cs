namespace Fwknop.Client;

/// <summary>Complains about an rc file that others may read or own; it is used all the same (client.md 6.2).</summary>
internal static class RcPermissions
{
    /// <returns>False when the file cannot be looked at, other than because it is missing.</returns>
    public static bool Check(string path, IPlatform platform, Messages messages)
    {
        FileInspection inspection = platform.Inspect(path);
        foreach (string complaint in inspection.Complaints)
        {
            messages.Warning(complaint);
        }

        if (inspection.Problem is { } problem)
        {
            messages.Error(problem);
        }

        return inspection.Problem is null;
    }
}

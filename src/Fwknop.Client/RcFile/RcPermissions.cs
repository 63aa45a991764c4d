namespace Fwknop.Client;

/// <summary>Complains about an rc file that others may read or own; it is used all the same (client.md 6.2).</summary>
internal static class RcPermissions
{
    /// <returns>False when the file cannot be looked at, other than because it is missing.</returns>
    public static bool Check(InspectedFile file, Messages messages)
    {
        foreach (string complaint in file.Inspection.Complaints)
        {
            messages.Warning(complaint);
        }

        if (file.Inspection.Problem is { } problem)
        {
            messages.Error(problem);
        }

        return file.Inspection.Problem is null;
    }
}

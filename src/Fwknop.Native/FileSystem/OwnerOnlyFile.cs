using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Fwknop.Native.FileSystem;

/// <summary>Files of Windows that do not take over who may read their folder: their owner, the system and administrators alone.</summary>
[SupportedOSPlatform("windows")]
public static class OwnerOnlyFile
{
    private const FileSystemRights GenericRead = unchecked((FileSystemRights)0x80000000);
    private const FileSystemRights GenericWrite = (FileSystemRights)0x40000000;
    private const FileSystemRights GenericAll = (FileSystemRights)0x10000000;
    private const FileSystemRights ContentRights =
        FileSystemRights.ReadData | FileSystemRights.WriteData | FileSystemRights.AppendData | GenericRead | GenericWrite | GenericAll;

    private const string OwnerRights = "S-1-3-4";

    private static readonly WellKnownSidType[] TrustedGroups = [WellKnownSidType.LocalSystemSid, WellKnownSidType.BuiltinAdministratorsSid];

    /// <summary>Creates a file that must not exist yet.</summary>
    public static FileStream CreateNew(string path)
    {
        FileSecurity security = new();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (SecurityIdentifier trusted in Trusted())
        {
            security.AddAccessRule(new FileSystemAccessRule(trusted, FileSystemRights.FullControl, AccessControlType.Allow));
        }

        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.Read, bufferSize: 1, FileOptions.None, security);
    }

    /// <summary>Who else may read or write what is in a file.</summary>
    /// <returns>Security identifiers such as S-1-1-0, which is everyone.</returns>
    /// <exception cref="IOException">The file cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static IReadOnlyList<string> FindOthers(string path)
    {
        HashSet<SecurityIdentifier> trusted = [.. Trusted(), new SecurityIdentifier(OwnerRights)];
        FileSecurity security = new FileInfo(path).GetAccessControl(AccessControlSections.Access);
        List<string> others = [];
        foreach (FileSystemAccessRule rule in security.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)))
        {
            bool isOther = rule.AccessControlType == AccessControlType.Allow && (rule.FileSystemRights & ContentRights) != 0
                && rule.IdentityReference is SecurityIdentifier identifier && !trusted.Contains(identifier);
            if (isOther && !others.Contains(rule.IdentityReference.Value))
            {
                others.Add(rule.IdentityReference.Value);
            }
        }

        return others;
    }

    private static IEnumerable<SecurityIdentifier> Trusted()
    {
        using WindowsIdentity user = WindowsIdentity.GetCurrent();
        SecurityIdentifier[] groups = [.. TrustedGroups.Select(group => new SecurityIdentifier(group, null))];
        return user.User is { } self ? groups.Prepend(self) : groups;
    }
}

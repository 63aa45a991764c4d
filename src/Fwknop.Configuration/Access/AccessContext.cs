using Fwknop.Configuration.Server;

namespace Fwknop.Configuration.Access;

/// <summary>What stanzas are read with.</summary>
/// <param name="Zone">Whose midnight ACCESS_EXPIRE means.</param>
/// <param name="System">Asks the operating system.</param>
/// <param name="Files">Where the files come from.</param>
/// <param name="Diagnostics">Where findings go.</param>
/// <param name="GpgHomeDirectory">GPG_HOME_DIR of stanzas that have none.</param>
/// <param name="GpgExecutable">GPG_EXE of stanzas that have none.</param>
/// <param name="Nat">What fwknopd.conf allows to forward.</param>
internal sealed record AccessContext(
    TimeZoneInfo Zone,
    AccessSystem System,
    IAccessFiles Files,
    DiagnosticList Diagnostics,
    string GpgHomeDirectory,
    string GpgExecutable,
    NatSettings Nat);

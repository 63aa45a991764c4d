using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The setter of <c>--totp</c>.</summary>
internal static class SecondFactorSetter
{
    public static SetResult SetOneTimePassword(Settings settings, string code)
    {
        bool isCode = OneTimePassword.TryMakeField(code, out FieldText field);
        settings.OneTimePassword = isCode ? field : default(FieldText?);
        return isCode ? SetResult.Accepted : SetResult.Refused("Invalid --totp: a one-time password has 6 to 8 digits.");
    }
}

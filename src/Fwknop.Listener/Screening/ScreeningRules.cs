namespace Fwknop.Listener.Screening;

/// <summary>What screening accepts besides bare packets.</summary>
/// <param name="AcceptHttp">ENABLE_SPA_OVER_HTTP.</param>
/// <param name="AllowAnyUserAgent">ALLOW_ANY_USER_AGENT.</param>
internal readonly record struct ScreeningRules(bool AcceptHttp, bool AllowAnyUserAgent);

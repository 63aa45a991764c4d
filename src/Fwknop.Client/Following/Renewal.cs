namespace Fwknop.Client;

/// <summary>Sends a fresh packet at intervals, so that a grant does not end.</summary>
internal sealed class Renewal(Knock knock, RememberedNames names, TimeSpan interval, Messages messages, TimeProvider clock)
{
    /// <summary>Goes on until the task has completed. A packet that cannot be sent is reported; the next one may get through.</summary>
    /// <returns>The result of the task.</returns>
    public int Run(Task<int> end)
    {
        while (!IsOver(end))
        {
            names.Forget();
            Send(() => knock.TryResolveAgain() && knock.TrySend());
        }

        return end.GetAwaiter().GetResult();
    }

    public void Send(Func<bool> send)
    {
        if (!send())
        {
            messages.Warning($"[-] The next attempt is in {interval.TotalSeconds:0} s.");
        }
    }

    private bool IsOver(Task<int> end)
    {
        using CancellationTokenSource pause = new();
        Task first = Task.WhenAny(end, Task.Delay(interval, clock, pause.Token)).GetAwaiter().GetResult();
        pause.Cancel();
        return first == end;
    }
}

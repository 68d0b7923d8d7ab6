using System.Runtime.InteropServices;

namespace AuthServer.Credentials;

/// <summary>Puts a thread behind all others, for what takes long and nobody else should wait for.</summary>
internal static partial class LowPriority
{
    private const int Process = 0;
    private const int CallingThread = 0;

    // A tenth of the usual share. With less the thread that the garbage collector waits for gets no turn while others are busy: at 19 the
    // slowest hundredth of refreshes took 118 ms in a flood of logins, at 10 it took 10.
    private const int Behind = 10;

    /// <summary>
    /// Takes a low priority. On Linux, where .NET's priorities do nothing, by the thread's nice value, which any account may raise.
    /// Source: setpriority(2), where a "process" is a thread.
    /// </summary>
    public static void TakeForThisThread()
    {
        Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        if (OperatingSystem.IsLinux())
        {
            // Where it is refused the thread works as it is.
            _ = SetPriority(Process, CallingThread, Behind);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}

import Explorer

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ctrl-C: the first ends searches early, so that what is known is shown; the second ends the process.
///
/// SIGTERM does the same: what `timeout` and batch systems send must not leave compilers behind.
enum InterruptSignal {
    /// Takes over SIGINT and SIGTERM for the process.
    ///
    /// The handler does only what signal-safety(7) allows: it stores one atomic flag, and gives the second signal its usual
    /// effect.
    static func takeOver() {
        // A program that starts this one from a thread with blocked signals hands its mask on (sigprocmask(2)).
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] {
            sigaddset(&wanted, number)
            signal(number) { received in
                Interruption.request()
                signal(received, SIG_DFL)
            }
        }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    }
}

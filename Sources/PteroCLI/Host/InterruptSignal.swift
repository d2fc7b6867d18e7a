import Explorer

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ctrl-C: the first ends searches early, so that what is known is shown; the second ends the process.
enum InterruptSignal {
    /// Takes over SIGINT for the process.
    ///
    /// The handler does only what signal-safety(7) allows: it stores one atomic flag, and gives the second Ctrl-C its usual
    /// effect.
    static func takeOver() {
        signal(SIGINT) { _ in
            Interruption.request()
            signal(SIGINT, SIG_DFL)
        }
    }
}

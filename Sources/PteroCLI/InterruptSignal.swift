import Explorer
import Foundation

/// Ctrl-C: the first ends searches early, so that what is known is shown; the second ends the process.
enum InterruptSignal {
    /// Takes over SIGINT for the process; call it before other threads are started, because they inherit the mask.
    ///
    /// A thread of its own waits for the signal (sigwait(3)), so that nothing has to run inside a signal handler.
    static func takeOver() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        Thread.detachNewThread {
            var awaited = awaited
            while true {
                var number: Int32 = 0
                guard sigwait(&awaited, &number) == 0 else { return }
                if Interruption.isRequested {
                    signal(SIGINT, SIG_DFL)
                    pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
                    kill(getpid(), SIGINT)
                    return
                }
                Interruption.request()
            }
        }
    }
}

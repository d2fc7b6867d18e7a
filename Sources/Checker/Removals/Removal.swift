import Diagnostics
import Litmus
import X86

/// A test without one of its steps of software.
package struct Removal: Sendable {
    /// What kind of step was taken away.
    package enum Step: Sendable, Hashable {
        /// That a read-modify-write is one step: its `lock` prefix, or what `xchg` does by itself.
        case lock(isImplied: Bool)
        /// A fence, or a locked operation on the stack that serves as one.
        case fence
        /// An invalidation of translations: a service or an instruction.
        case flush
        /// A store.
        case store
        /// The write of a read-modify-write; what it reads and computes stays where somebody uses it.
        case write
        /// A service that marks, writes back, reclaims or frees a page.
        case service
        /// A whole statement of a test in C or Swift that has steps which cannot be taken away one by one.
        case statement
        /// The acquisition of a lock, with its release.
        case spinLock
        /// The order of two neighbouring steps: they are exchanged.
        case order
    }

    /// A step in the test's text.
    package struct Part: Sendable, Hashable {
        /// The instruction, service or source line.
        package var text: String
        /// Where it stands.
        package var place: SourcePlace
        /// Its position in the column; nil for compiled code.
        package var index: Int?

        /// Names a part.
        package init(text: String, place: SourcePlace, index: Int? = nil) {
            self.text = text
            self.place = place
            self.index = index
        }
    }

    /// What was taken away.
    package var step: Step
    /// Whose it is.
    package var processor: Int
    /// Whether it stands in the processor's fault handler.
    package var isHandler: Bool
    /// The step; for an order the two steps as the test has them, for a lock its acquisition and releases.
    package var parts: [Part]
    /// The test without it.
    package var test: LitmusTest

    /// Whether the step can be what makes others needed: something that is done, not how or when.
    package var canBeDanger: Bool {
        switch step {
        case .store, .write, .service, .statement: true
        case .lock, .fence, .flush, .spinLock, .order: false
        }
    }

    /// Describes a removal.
    package init(
        _ step: Step, processor: Int, isHandler: Bool = false, parts: [Part], test: LitmusTest
    ) {
        self.step = step
        self.processor = processor
        self.isHandler = isHandler
        self.parts = parts
        self.test = test
    }
}

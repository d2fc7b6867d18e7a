import Diagnostics
import Litmus
import X86

/// A test without one of its steps of software.
public struct Removal: Sendable {
    /// What kind of step was taken away.
    public enum Step: Sendable, Hashable {
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
    public struct Part: Sendable, Hashable {
        /// The instruction, service or source line.
        public var text: String
        /// Where it stands.
        public var place: SourcePlace
        /// Its position in the column; nil for compiled code.
        public var index: Int?

        /// Names a part.
        public init(text: String, place: SourcePlace, index: Int? = nil) {
            self.text = text
            self.place = place
            self.index = index
        }
    }

    /// What was taken away.
    public var step: Step
    /// Whose it is.
    public var processor: Int
    /// Whether it stands in the processor's fault handler.
    public var isHandler: Bool
    /// The step; for an order the two steps as the test has them, for a lock its acquisition and releases.
    public var parts: [Part]
    /// The test without it.
    public var test: LitmusTest

    /// Whether the step can be what makes others needed: something that is done, not how or when.
    public var canBeDanger: Bool {
        switch step {
        case .store, .write, .service, .statement: true
        case .lock, .fence, .flush, .spinLock, .order: false
        }
    }

    /// Describes a removal.
    public init(
        _ step: Step, processor: Int, isHandler: Bool = false, parts: [Part], test: LitmusTest
    ) {
        self.step = step
        self.processor = processor
        self.isHandler = isHandler
        self.parts = parts
        self.test = test
    }
}

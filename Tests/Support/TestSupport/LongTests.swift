import Testing

extension Trait where Self == ConditionTrait {
    /// For tests that compile a kernel's code, or Ptero's own library, again and again, which takes seconds each time: they run
    /// where everything does, as in CI.
    package static var compilesMuch: Self {
        .enabled(if: Volume.isFull, "compiles much code; PTERO_ALL_TESTS=1 runs it")
    }

    /// For tests that search or measure for seconds, beside others of the same kind that do not.
    package static var takesLong: Self { .enabled(if: Volume.isFull, "takes long; PTERO_ALL_TESTS=1 runs it") }
}

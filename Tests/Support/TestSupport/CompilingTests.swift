import Testing

extension Trait where Self == ConditionTrait {
    /// For tests that compile a kernel's code, or Ptero's own library, again and again, which takes seconds each time: they run
    /// where everything does, as in CI.
    package static var compilesMuch: Self {
        .enabled(if: Volume.isFull, "compiles much code; PTERO_ALL_TESTS=1 runs it")
    }
}

import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// For suites that compile a kernel's code again and again, which takes a quarter of a minute each: they run where everything
    /// does, as in CI.
    static var compilesKernels: Self {
        .enabled(if: Volume.isFull, "compiles a kernel's code many times; PTERO_ALL_TESTS=1 runs it")
    }
}

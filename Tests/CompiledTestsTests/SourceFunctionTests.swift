import Testing

@testable import CompiledTests

@Suite struct SourceFunctionTests {
    private let text = """
        /* static int in_comment(void) { } */
        #define in_macro(x) do { \\
            x; } while (0)
        static int declared(int a);
        static const char *s = "in_string(void) {";
        static __always_inline int
        one(struct a *b, int (*f)(int))
        \t__must_hold(x)
        {
            if (two(b)) { return '}'; }
            return declared(1);
        }
        #ifdef A
        int two(struct a *b)
        {
            if (b) {
        #else
        int two(struct a *b)
        {
            {
        #endif
            }
        }
        SYSCALL(three, int, a) { }
        int last(void) { return one(0, 0); }
        """

    @Test(arguments: [
        ("one", [7...12]), ("last", [25...25]), ("declared", []), ("in_comment", []), ("in_macro", []),
        ("in_string", []),
        ("on", []), ("ne", []), ("", []), ("three", []), ("SYSCALL", [24...24]),
    ]) func definitionsAreFound(_ name: String, _ lines: [ClosedRange<Int>]) {
        #expect(SourceFunctions.definitions(of: name, in: text) == lines)
    }

    @Test func branchesOfConditionalCompilationDoNotHideWhatFollows() {
        #expect(!SourceFunctions.definitions(of: "two", in: text).isEmpty)
        #expect(SourceFunctions.definitions(of: "last", in: text).count == 1)
    }

    @Test func cutTextsNeverTrap() {
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            let cut = String(decoding: bytes[..<length], as: UTF8.self)
            #expect(SourceFunctions.definitions(of: "last", in: cut).isEmpty)
            _ = SourceFunctions.definitions(of: "one", in: String(decoding: bytes[length...], as: UTF8.self))
        }
    }

    @Test func featuresAreNumbered() {
        let numbers = CPUFeatures.numbers(
            in: """
                #define X86_FEATURE_FPU\t\t( 0*32+ 0) /* "" Onboard FPU */
                #define X86_FEATURE_SHSTK (16*32+ 7)
                #  define X86_FEATURE_NOT ( 1*32+ 1)
                #define X86_FEATURE_BAD (99*32+ 1)
                #define X86_FEATURE_ALIAS X86_FEATURE_FPU
                #define X86_BUG_X X86_BUG(1)
                """)
        #expect(numbers == ["fpu": 0, "shstk": 519])
    }
}

import Litmus
import Testing

/// Services of compiled code act on the bytes that their pointers point to.
@Suite struct ServiceArgumentTests {
    static let increments = (
        "int r = READ_ONCE(*x); WRITE_ONCE(*x, r + 1);", "exists (x=1)"
    )

    /// A type, two elements, and whether they are one lock.
    @Test(arguments: [
        ("int", "&l[0]", "&l[1]", Observation.sometimes), ("int", "&l[1]", "&l[1]", .never),
        ("int", "&l[1]", "l + 1", .never), ("int", "&l[1]", "&l[2]", .sometimes),
        ("uint64_t", "&l[0]", "&l[1]", .sometimes),
        ("uint64_t", "&l[1]", "&l[1]", .never), ("uint64_t", "&l[0]", "(int *)&l[0] + 1", .sometimes),
        ("char", "&l[0]", "&l[4]", .sometimes), ("char", "&l[4]", "&l[4]", .never),
    ])
    func locksAreWhereTheyAre(type: String, first: String, second: String, expected: Observation) async throws {
        let (body, condition) = Self.increments
        try await expect(
            """
            C locks
            { \(type) l[8] = {0, 0, 0, 0, 0, 0, 0, 0}; x = 0; }
            P0(int *x, \(type) *l) { spin_lock(\(first)); \(body) spin_unlock(\(first)); }
            P1(int *x, \(type) *l) { spin_lock(\(second)); \(body) spin_unlock(\(second)); }
            \(condition)
            """, expected)
    }

    @Test func lockBesideOtherNumbers() async throws {
        try await expect(
            """
            C beside
            { int l[2] = {7, 0}; x = 0; }
            P0(int *x, int *l) { spin_lock(&l[1]); WRITE_ONCE(*x, l[0]); spin_unlock(&l[1]); }
            forall (x=7 /\\ l[0]=7 /\\ l[1]=0)
            """, .always)
    }

    /// A type, what is written, what is waited for.
    @Test(arguments: [
        ("char", "WRITE_ONCE(f[1], 1); WRITE_ONCE(f[0], 1);", "f, 1", Observation.always),
        ("char", "WRITE_ONCE(f[1], 1);", "f, 1", .never), ("char", "WRITE_ONCE(f[1], 1);", "&f[1], 1", .always),
        ("int", "WRITE_ONCE(f[1], 1);", "&f[1], 1", .always), ("int", "WRITE_ONCE(f[1], 1);", "f, 1", .never),
        ("int", "WRITE_ONCE(f[0], -1);", "f, -1", .always),
        ("uint64_t", "WRITE_ONCE(f[0], 1ul << 32);", "f, 1ul << 32", .always), ("uint64_t", "", "f, 1ul << 32", .never),
        ("uint64_t", "WRITE_ONCE(f[0], 1ul << 32);", "(int *)f + 1, 1", .always),
    ])
    func waitsReadWhatTheTypeSays(type: String, writes: String, waits: String, expected: Observation) async throws {
        try await expect(
            """
            C waits
            { \(type) f[2] = {0, 0}; x = 0; }
            P0(\(type) *f) { \(writes) }
            P1(int *x, \(type) *f) { wait_for(\(waits)); WRITE_ONCE(*x, 1); }
            exists (x=1)
            """, expected)
    }

    @Test func waitInAPage() async throws {
        try await expect(
            """
            C page
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); uint64_t x[2] = {0, 0}; y = 0; }
            P0(uint64_t *x) { WRITE_ONCE(x[1], 1); }
            P1(uint64_t *x, int *y) { wait_for(&x[1], 1); WRITE_ONCE(*y, 1); }
            exists (y=1)
            """, .always)
    }

    @Test func whatIsNoIntegerIsRefused() async throws {
        func message(_ body: String) async -> String {
            let text = "C bad\n{ int f[4]; }\nP0(int *f) { \(body) }\nexists (f=0)"
            return await Sample.diagnostic(text).map { $0.message } ?? "accepted"
        }
        #expect(await message("wait_for((void *)f, 1);").contains("void"))
        #expect(await message("wait_for((char *)f + 1, 256);").contains("0x100 does not fit into 1 byte"))
        #expect(await message("struct { int a[3]; } *p = (void *)f; wait_for(p, 1);").contains("not 12"))
        #expect(await message("wait_for((int *)((char *)f + 2), 1);").contains("4 bytes at byte 2"))
        #expect(await message("spin_lock((char *)f + 1);").contains("4 bytes at byte 1"))
    }

    @Test func swiftWaitsForTheTypeOfThePointer() async throws {
        func verdict(_ index: Int, _ value: String) async throws -> Observation {
            try await SwiftSample.verdict(
                """
                /* Swift waits
                { char f[2] = {0, 0}; x = 0; }
                exists (x=1) */
                @_cdecl("P0") func first(f: UnsafeMutablePointer<Int8>) { WRITE_ONCE(f + 1, -1) }
                @_cdecl("P1") func second(f: UnsafeMutablePointer<Int8>, x: UnsafeMutablePointer<Int32>) {
                    wait_for(f + \(index), \(value)); WRITE_ONCE(x, 1)
                }
                """
            ).observation
        }
        #expect(try await verdict(1, "-1") == .always)
        #expect(try await verdict(0, "0") == .always)
        #expect(try await verdict(0, "-1") == .never)
    }

    private func expect(_ text: String, _ expected: Observation) async throws {
        let test = try await Sample.compile(text).test
        for reference in [false, true] {
            #expect(
                try Sample.verdict(of: test, reference: reference).observation == expected, "reference: \(reference)")
        }
    }
}

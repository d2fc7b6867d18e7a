/// Instructions that x86-64 has and the machine has no meaning for, with the reason and what to do instead.
///
/// A value that is not known must not become a verdict, so that such an instruction is refused and not guessed at.
package struct RefusedInstruction: Hashable, Sendable {
    /// Why it is refused, as the rest of a sentence that begins with its name.
    package var reason: String
    /// What to do instead, one line.
    package var remedy: String

    /// What is said of an instruction in lower case; nil for those that are supported or unknown.
    package init?(named name: String) {
        switch name {
        case "cmpxchg16b":
            self.init("is 16 bytes wide", "an access has at most 8 bytes: use cmpxchgq or cmpxchg8b")
        case "rdtsc", "rdtscp", "rdpmc", "rdpid", "rdrand", "rdrandl", "rdrandq", "rdseed", "rdseedl", "rdseedq":
            self.init(
                "reads a number that the machine does not have",
                "set the register to a number with mov, or leave it out")
        case "rdsspd", "rdsspq", "incsspd", "incsspq", "saveprevssp", "rstorssp", "setssbsy", "clrssbsy":
            self.init(
                "uses the shadow-stack pointer, which the machine does not have",
                "wrssd and wrssq store into shadow-stack pages, by address")
        case "wrussd", "wrussq":
            self.init("stores into a user's shadow stack from the kernel", "use wrssd or wrssq with 0:cpl=3")
        case "wrmsr", "rdmsr", "swapgs", "rdgsbase", "wrgsbase", "rdfsbase", "wrfsbase", "rdgsbaseq", "wrgsbaseq",
            "rdfsbaseq", "wrfsbaseq", "xsetbv", "xgetbv":
            self.init(
                "uses a model-specific register or a segment's base",
                "leave it out: %gs:x is the running CPU's x without it"
            )
        case "syscall", "sysret", "sysretq", "sysenter", "sysexit", "int", "vmcall", "vmmcall", "vmlaunch", "vmresume":
            self.init("changes the mode", "leave it out; 0:cpl=3 in the initial state is a CPU in user mode")
        case "invd", "wbnoinvd", "clzero", "movnti", "movntil", "movntiq", "movdir64b", "movdiri", "cldemote":
            self.init(
                "is about caches or write-combining, which the machine does not have",
                "use an ordinary mov; clflush, clwb and wbinvd are understood")
        case "monitor", "mwait", "umwait", "tpause", "umonitor":
            self.init("waits in real time", "wait with `call \(KernelService.waitFor.name)(x, 1)`")
        case "xbegin", "xend", "xabort", "xtest":
            self.init(
                "is transactional memory, which the machine does not have",
                "take a lock with `call \(KernelService.lock.name)(l)`")
        default: return nil
        }
    }

    private init(_ reason: String, _ remedy: String) {
        self.reason = reason
        self.remedy = remedy
    }
}

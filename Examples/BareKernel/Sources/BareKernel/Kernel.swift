import AddressSpace
import Boot

/// The kernel: boot.S calls its `main` in the upper half, with interrupts off.
@main
struct Kernel {
    static func main() {
        CPU.loadDescriptors()
        guard Memory.all.takeRAM() else {
            Console.write("FAILED: no memory map\n")
            Console.exit(code: 2)
        }
        Console.write("memory: ")
        Console.write(Memory.all.freeCount)
        Console.write(" frames\n")
        do throws(AddressSpaceError) {
            try KernelHalf.make()
        } catch {
            Console.write("FAILED: ")
            Console.write(error.name)
            Console.write("\n")
            Console.exit(code: 2)
        }
        var checks = Checks()
        checks.runAll()
        if checks.failed > 0 {
            Console.write(checks.failed)
            Console.write(" of ")
            Console.write(checks.passed + checks.failed)
            Console.write(" checks FAILED\n")
            Console.exit(code: 1)
        }
        Console.write(checks.passed)
        Console.write(" checks passed\n")
        Console.exit(code: 0x10)
    }
}

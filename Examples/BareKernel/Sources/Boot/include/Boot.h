// What the kernel has in assembly (boot.S), and instructions that Swift has no words for.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// What lies on the stack when handle_exception is called: saved registers, then what the CPU pushed.
struct exception_frame {
    uint64_t r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

// What the loader says about the machine (Xen, public/arch-x86/hvm/start_info.h).
struct hvm_start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t memory_map_count, reserved;
};
struct hvm_memory_map_entry {
    uint64_t address, size;
    uint32_t type, reserved;
};

void load_tables(const void *gdt, const void *idt);
bool probe_write(uint64_t address, uint64_t value);
bool probe_read(uint64_t address, uint64_t *value);
bool run_user(uint64_t code, uint64_t address, uint64_t value);

// Places in boot.S and in the linker script.
#define PLACE(function, symbol)                                                                                          \
    static inline uint64_t function(void) {                                                                              \
        extern char symbol[];                                                                                            \
        return (uint64_t)symbol;                                                                                         \
    }
PLACE(place_of_start_info, start_info)
PLACE(place_of_boot_root, boot_root)
PLACE(place_of_gdt, gdt)
PLACE(place_of_idt, idt)
PLACE(place_of_tss, tss)
PLACE(place_of_fault_stack_end, fault_stack_end)
PLACE(place_of_kernel_stack, kernel_stack)
PLACE(place_of_exception_entries, exception_entries)
PLACE(place_of_probe_write_access, probe_write_access)
PLACE(place_of_probe_read_access, probe_read_access)
PLACE(place_of_probe_failed, probe_failed)
PLACE(place_of_user_done, user_done)
PLACE(place_of_user_failed, user_failed)
PLACE(place_of_user_program, user_program)
PLACE(place_of_user_program_end, user_program_end)
PLACE(place_of_kernel_end, kernel_end)
#undef PLACE

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static inline void out32(uint16_t port, uint32_t value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
static inline void halt(void) { __asm__ volatile("cli; hlt"); }

// Both are serialising instructions: earlier stores are in memory before a walk that comes later.
static inline void invalidate_page(uint64_t address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }
static inline void load_root(uint64_t address) { __asm__ volatile("movq %0, %%cr3" : : "r"(address) : "memory"); }

static inline uint64_t fault_address(void) {
    uint64_t address;
    __asm__ volatile("movq %%cr2, %0" : "=r"(address));
    return address;
}

# From QEMU's PVH entry to Swift in the upper half, and from a fault to Swift and back.
#
# The code before `high` runs at physical addresses (section .boot), everything after it at those of the linker script,
# which are larger by OFFSET.

        .set OFFSET, 0xFFFFFFFF80000000
        .set KERNEL_CODE, 0x08
        .set KERNEL_DATA, 0x10
        .set USER_DATA, 0x18 | 3
        .set USER_CODE, 0x20 | 3

# QEMU's `-kernel` starts an ELF file of 64 bits at the address in this note, in protected mode with paging off, with the
# address of an hvm_start_info in EBX (Xen, docs/misc/pvh.pandoc; XEN_ELFNOTE_PHYS32_ENTRY is 18 in elfnote.h).
        .section .note.pvh, "a", @note
        .long 4, 8, 18
        .asciz "Xen"
        .quad pvh_start

# MARK: Physical addresses

        .section .boot, "ax", @progbits
        .code32
        .globl pvh_start
pvh_start:
        cli
        cld
        movl    %ebx, start_info - OFFSET
        movl    $(1 << 5), %eax                 # CR4.PAE, and nothing else: no SSE, no SMAP, no shadow stacks
        movl    %eax, %cr4
        movl    $(boot_root - OFFSET), %eax
        movl    %eax, %cr3
        movl    $0xC0000080, %ecx               # IA32_EFER: LME (bit 8) and NXE (bit 11)
        rdmsr
        orl     $(1 << 8 | 1 << 11), %eax
        wrmsr
        movl    %cr0, %eax                      # PG, and WP: the kernel's own writes respect W=0
        orl     $(1 << 31 | 1 << 16), %eax
        movl    %eax, %cr0
        lgdt    low_gdt_pointer
        ljmp    $KERNEL_CODE, $long_mode

        .code64
long_mode:
        movabsq $high, %rax
        jmp     *%rax

low_gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   gdt - OFFSET

# MARK: The kernel's addresses

        .data
        .globl gdt, start_info, boot_root
# The segments: flat ones of 64 bits. The last is the TSS's, of 16 bytes, which Swift fills in.
        .balign 16
gdt:    .quad   0
        .quad   0x00AF9B000000FFFF              # kernel code
        .quad   0x00CF93000000FFFF              # kernel data
        .quad   0x00CFF3000000FFFF              # user data
        .quad   0x00AFFB000000FFFF              # user code
        .quad   0, 0
gdt_end:

start_info: .quad 0

# The first GByte of memory three times, in pages of 2 MByte: at its own address, until `high`; from 0xFFFF800000000000 on,
# the direct map; and from 0xFFFFFFFF80000000 on, where the kernel is linked.
        .balign 4096
boot_root:
        .quad   boot_low - OFFSET + 3
        .fill   255, 8, 0
        .quad   boot_low - OFFSET + 3
        .fill   254, 8, 0
        .quad   boot_high - OFFSET + 3
boot_low:
        .quad   boot_pages - OFFSET + 3
        .fill   511, 8, 0
boot_high:
        .fill   510, 8, 0
        .quad   boot_pages - OFFSET + 3
        .quad   0
boot_pages:
        .set    page, 0
        .rept   512
        .quad   page << 21 | 0x83               # P, W, PS
        .set    page, page + 1
        .endr

        .text
high:   movw    $KERNEL_DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        leaq    boot_stack_end(%rip), %rsp
        xorl    %ebp, %ebp
        call    main
1:      hlt
        jmp     1b

# load_tables(gdt, idt): both as pointers to ten bytes; the TSS is segment 0x28.
        .globl load_tables
load_tables:
        lgdt    (%rdi)
        lidt    (%rsi)
        movw    $0x28, %ax
        ltr     %ax
        ret

# One entry of 16 bytes for each of the 32 exceptions. Those without an error code get 0 as theirs:
# all but 8, 10 to 14, 17, 21, and 29 and 30 of AMD.
        .balign 16
        .globl exception_entries
exception_entries:
        .set    vector, 0
        .rept   32
        .balign 16
        .if     !(1 << vector & (0x7D00 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30))
        pushq   $0
        .endif
        pushq   $vector
        jmp     exception
        .set    vector, vector + 1
        .endr

# What C functions may change is saved; the stack is aligned, since the CPU aligned it before it pushed (struct
# exception_frame in Boot.h is what lies on it).
exception:
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        cld
        movq    %rsp, %rdi
        call    handle_exception
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp
        iretq

# bool probe_write(address, value) and bool probe_read(address, *value): one access that may fault for good. Then the
# handler goes on at probe_failed.
        .globl probe_write, probe_read, probe_write_access, probe_read_access, probe_failed
probe_write:
probe_write_access:
        movq    %rsi, (%rdi)
        movl    $1, %eax
        ret
probe_read:
probe_read_access:
        movq    (%rdi), %rax
        movq    %rax, (%rsi)
        movl    $1, %eax
        ret
probe_failed:
        xorl    %eax, %eax
        ret

# bool run_user(code, address, value): runs code in user mode with RDI and RSI as given, until it executes `int $0x80`
# (true) or faults for good: then the handler goes on at user_failed, on the stack in kernel_stack (false).
        .globl run_user, user_done, user_failed, kernel_stack, user_program, user_program_end
run_user:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, kernel_stack(%rip)
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        pushq   $USER_DATA
        pushq   $0                              # the program uses no stack
        pushq   $2                              # RFLAGS: interrupts off
        pushq   $USER_CODE
        pushq   %rax
        iretq
user_done:
        movl    $1, %eax
        jmp     1f
user_failed:
        xorl    %eax, %eax
1:      movq    kernel_stack(%rip), %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

# What is copied into a page of the user's.
user_program:
        movq    %rsi, (%rdi)
        int     $0x80
user_program_end:

# What compilers call without being asked.
        .globl memcpy, memmove, memset
memset: movq    %rdi, %r8
        movl    %esi, %eax
        movq    %rdx, %rcx
        rep stosb
        movq    %r8, %rax
        ret
memmove:
        movq    %rdi, %rax
        subq    %rsi, %rax
        cmpq    %rdx, %rax                      # does the destination begin inside of the source?
        jae     memcpy
        movq    %rdi, %rax
        leaq    -1(%rdi, %rdx), %rdi
        leaq    -1(%rsi, %rdx), %rsi
        movq    %rdx, %rcx
        std
        rep movsb
        cld
        ret
memcpy: movq    %rdi, %rax
        movq    %rdx, %rcx
        rep movsb
        ret

        .bss
        .balign 16
        .globl  idt, tss, fault_stack_end
idt:    .skip   16 * 129                        # up to vector 0x80
        .balign 16
tss:    .skip   104
kernel_stack: .skip 8
        .balign 16
        .skip   16384
boot_stack_end:
        .skip   16384
fault_stack_end:

        .section .note.GNU-stack, "", @progbits

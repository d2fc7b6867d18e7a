#include "CFront.h"

#include <stddef.h>
#include <stdint.h>

#include "CFrontMemory.h"

/* Numbers of system calls (arch/x86/entry/syscalls/syscall_64.tbl). */
enum { READ = 0, WRITE = 1, OPEN = 2, CLOSE = 3, STAT = 4, IOCTL = 16, EXECVE = 59, READLINK = 89, ARCH_PRCTL = 158,
       EXIT_GROUP = 231 };

static int argument_count;
static char **arguments, **environment;

/* What SwiftPM calls the executable's entry. */
int main(int count, char **values);

/* Where compilers look for the guard of the stack: 40 bytes behind what FS points to (System V ABI). */
static uint64_t thread_area[8] = {0, 0, 0, 0, 0, 0x5f6b5f7a, 0, 0};

/* The stack at the start: the count of arguments, they, null, the environment, null (System V ABI, 3.4.1). */
__attribute__((used)) static void start(long *stack) {
    argument_count = (int)stack[0];
    arguments = (char **)(stack + 1);
    environment = arguments + argument_count + 1;
    system_call(ARCH_PRCTL, 0x1002, (long)thread_area, 0, 0, 0, 0);
    front_exit(main(argument_count, arguments));
}

__asm__(".globl _start\n_start:\n\txorl %ebp, %ebp\n\tmovq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall start\n");

const char *front_argument(int number) { return number < argument_count ? arguments[number] : NULL; }

const char *front_variable(const char *name) {
    for (char **entry = environment; *entry; entry++) {
        size_t length = 0;
        while (name[length] && (*entry)[length] == name[length]) length++;
        if (!name[length] && (*entry)[length] == '=') return *entry + length + 1;
    }
    return NULL;
}

long front_read_file(const char *path, void *bytes, long most) {
    /* struct stat: the mode is the fourth 64-bit word's lower half on x86-64. A pipe is not even opened: whoever writes to
       it would take the one who opens it for the one who reads it. */
    uint64_t status[18];
    if (system_call(STAT, (long)path, (long)status, 0, 0, 0, 0) < 0 || (status[3] & 0170000) != 0100000) return -1;
    long file = system_call(OPEN, (long)path, 0x80000, 0, 0, 0, 0); /* O_RDONLY, O_CLOEXEC */
    if (file < 0) return -1;
    long length = 0;
    while (length <= most) {
        long got = system_call(READ, file, (long)bytes + length, most + 1 - length, 0, 0, 0);
        if (got < 0) length = -1;
        if (got <= 0) break;
        length += got;
    }
    if (length > most) length = -1;
    system_call(CLOSE, file, 0, 0, 0, 0, 0);
    return length;
}

int front_write(int descriptor, const void *bytes, long length) {
    for (long done = 0; done < length;) {
        long written = system_call(WRITE, descriptor, (long)bytes + done, length - done, 0, 0, 0);
        if (written == -4) continue; /* EINTR */
        if (written <= 0) return -1;
        done += written;
    }
    return 0;
}

int front_is_terminal(int descriptor) {
    char settings[64];
    return system_call(IOCTL, descriptor, 0x5401, (long)settings, 0, 0, 0) == 0; /* TCGETS */
}

int front_terminal_width(int descriptor) {
    uint16_t size[4]; /* struct winsize: rows, columns, and their pixels */
    return system_call(IOCTL, descriptor, 0x5413, (long)size, 0, 0, 0) == 0 ? size[1] : 0; /* TIOCGWINSZ */
}

_Noreturn void front_exit(int status) {
    for (;;) system_call(EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

_Noreturn void front_hand_over(void) {
    static const char name[] = "ptero-full";
    char path[4096 + sizeof name];
    long length = system_call(READLINK, (long)"/proc/self/exe", (long)path, 4096, 0, 0, 0);
    while (length > 0 && path[length - 1] != '/') length--;
    if (length > 0) {
        front_copy(path + length, name, sizeof name);
        long error = system_call(EXECVE, (long)path, (long)arguments, (long)environment, 0, 0, 0);
        if (error == -7) { /* E2BIG */
            static const char long_message[] =
                "ptero: error: the command line and the environment are too long for another program\n"
                "  remedy: name a folder of tests instead of each test\n";
            front_write(2, long_message, sizeof long_message - 1);
            front_exit(2);
        }
    }
    static const char message[] =
        "ptero: error: ptero-full, which does all but small checks, cannot be started\n"
        "  remedy: it belongs into the same folder as ptero; Scripts/install puts both there\n";
    front_write(2, message, sizeof message - 1);
    front_exit(2);
}

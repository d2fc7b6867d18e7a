/* Stands behind compiler_types.h: CPU features are ordinary reads of boot_cpu_data, the lock prefix has no patch table. */
#include <asm/cpufeature.h>
#undef static_cpu_has
#define static_cpu_has(bit) boot_cpu_has(bit)
#include <asm/alternative.h>
#undef LOCK_PREFIX
#define LOCK_PREFIX "\n\tlock "
#undef LOCK_PREFIX_HERE
#define LOCK_PREFIX_HERE

/* Stands behind compiler_types.h: CPU features are ordinary reads of boot_cpu_data, the lock prefix has no patch table. */
#include <asm/cpufeature.h>
#undef static_cpu_has
#define static_cpu_has(bit) boot_cpu_has(bit)
#include <asm/alternative.h>
#undef LOCK_PREFIX
#define LOCK_PREFIX "\n\tlock "
#undef LOCK_PREFIX_HERE
#define LOCK_PREFIX_HERE
/* Static keys are variables; a symbol for each says that it is one, and what its declaration sets it to. Arrays of keys are
 * declared with the same macros; their names, with brackets, need the quotes. */
#include <linux/jump_label.h>
#define PTERO_KEY2(name, value) asm(".set \"__ptero_key_" #name "\", " #value)
#define PTERO_KEY(name, value) PTERO_KEY2(name, value)
#undef DECLARE_STATIC_KEY_TRUE
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name; PTERO_KEY(name, 1)
#undef DECLARE_STATIC_KEY_FALSE
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name; PTERO_KEY(name, 0)
#undef DEFINE_STATIC_KEY_TRUE
#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = STATIC_KEY_TRUE_INIT; PTERO_KEY(name, 1)
#undef DEFINE_STATIC_KEY_TRUE_RO
#define DEFINE_STATIC_KEY_TRUE_RO(name) \
	struct static_key_true name __ro_after_init = STATIC_KEY_TRUE_INIT; PTERO_KEY(name, 1)
#undef DEFINE_STATIC_KEY_FALSE
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = STATIC_KEY_FALSE_INIT; PTERO_KEY(name, 0)
#undef DEFINE_STATIC_KEY_FALSE_RO
#define DEFINE_STATIC_KEY_FALSE_RO(name) \
	struct static_key_false name __ro_after_init = STATIC_KEY_FALSE_INIT; PTERO_KEY(name, 0)

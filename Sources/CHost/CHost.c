/* All of this module is in its header; a target needs a file to compile. */
#include "CHost.h"

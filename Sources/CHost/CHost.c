#define _POSIX_C_SOURCE 200809L
#include "CHost.h"

#include <time.h>

double host_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Long division, bit by bit: only a test's `div` needs it. */
#include "CFrontMemory.h"

typedef unsigned __int128 wide;

static wide joined(struct front_wide value) { return (wide)value.high << 64 | value.low; }

static struct front_wide halves(wide value) {
    struct front_wide result = {(uint64_t)(value >> 64), (uint64_t)value};
    return result;
}

struct front_division front_divide(struct front_wide dividend, struct front_wide divisor) {
    wide from = joined(dividend), by = joined(divisor), quotient = 0, rest = 0;
    for (int bit = 127; bit >= 0; bit--) {
        int carry = (int)(rest >> 127);
        rest = rest << 1 | (from >> bit & 1);
        if (carry || rest >= by) {
            rest -= by;
            quotient |= (wide)1 << bit;
        }
    }
    struct front_division result = {halves(quotient), halves(rest)};
    return result;
}

// Refuses processors that the build does not run on, with one clear line instead of sudden death; and finds how many lanes the others have.
#include "wide.h"
#include <unistd.h>

int sk_wide = 0;

int sk_lanes_most(void) {
#ifdef __AVX2__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) return 16;
#endif
    return 8;
}
int sk_lanes(void) { return is_wide() ? 16 : 8; }
void sk_use_lanes(int lanes) { __atomic_store_n(&sk_wide, lanes >= 16 && sk_lanes_most() == 16, __ATOMIC_RELAXED); }

#ifdef __AVX2__
// Runs before main; itself free of the instructions it asks for.
__attribute__((constructor, target("arch=x86-64"))) static void refuse_older_processor(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
        sk_use_lanes(16);
        return;
    }
    static const char words[] = "studio: this processor lacks AVX2, FMA or F16C\n   = help: build with STUDIO_BASELINE=1\n";
    ssize_t written = write(2, words, sizeof words - 1);
    (void)written;
    _exit(4);
}
#endif

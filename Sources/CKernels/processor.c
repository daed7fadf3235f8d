// Refuses processors that the build does not run on, with one clear line instead of sudden death.
#include <unistd.h>

#ifdef __AVX2__
// Runs before main; itself free of the instructions it asks for.
__attribute__((constructor, target("arch=x86-64"))) static void refuse_older_processor(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) return;
    static const char words[] = "studio: this processor lacks AVX2, FMA or F16C\n   = help: build with STUDIO_BASELINE=1\n";
    ssize_t written = write(2, words, sizeof words - 1);
    (void)written;
    _exit(4);
}
#endif

// Which of two forms of a loop runs: eight lanes, or sixteen where the processor has them.
#pragma once
#include "lanes.h"

/// Not 0 where sixteen lanes are used.
extern int sk_wide;
static inline int is_wide(void) { return __atomic_load_n(&sk_wide, __ATOMIC_RELAXED); }

/// Marks functions of sixteen lanes, and those that are part of them. A build without AVX2 never calls them.
#define SK_WIDE __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define SK_WIDE_PART __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"), always_inline)) static inline

#pragma once
#include <zlib.h>

/// Raw inflate start, as a function: the header has it as a macro.
static inline int sk_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

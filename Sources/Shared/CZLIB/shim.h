// zlib's compression for Swift.
#ifndef CLOISTER_ZLIB_SHIM_H
#define CLOISTER_ZLIB_SHIM_H

#include <zlib.h>

// deflateInit2 is a macro, which Swift can't call. 31 asks for a gzip header, which zlib writes without a time or name.
static inline int czlib_begin_gzip(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}

#endif

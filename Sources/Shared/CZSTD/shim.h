// zstd's streaming decompression for Swift.
#ifndef CLOISTER_ZSTD_SHIM_H
#define CLOISTER_ZSTD_SHIM_H

#include <zstd.h>

#endif

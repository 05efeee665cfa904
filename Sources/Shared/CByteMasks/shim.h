// Swift's SIMD types cannot gather one bit per lane; Clang's vector types can, on every processor.
#ifndef CLOISTER_BYTE_MASKS_SHIM_H
#define CLOISTER_BYTE_MASKS_SHIM_H

#include <stdint.h>
#include <string.h>

typedef unsigned char cloister_block __attribute__((ext_vector_type(64)));
typedef _Bool cloister_lanes __attribute__((ext_vector_type(64)));

/// Bit i is set if bytes[i] equals the byte. Reads 64 bytes, which must all be readable.
static inline uint64_t cloister_mask(const uint8_t *bytes, uint8_t byte) {
  cloister_block block;
  memcpy(&block, bytes, sizeof block);
  cloister_lanes lanes = __builtin_convertvector(block == byte, cloister_lanes);
  uint64_t mask;
  memcpy(&mask, &lanes, sizeof mask);
  return mask;
}

/// Bit i is set if bytes[i] equals one of the two bytes. Reads 64 bytes, which must all be readable.
static inline uint64_t cloister_mask_of_two(const uint8_t *bytes, uint8_t one, uint8_t other) {
  cloister_block block;
  memcpy(&block, bytes, sizeof block);
  cloister_lanes lanes = __builtin_convertvector((block == one) | (block == other), cloister_lanes);
  uint64_t mask;
  memcpy(&mask, &lanes, sizeof mask);
  return mask;
}

#endif

#pragma once
#include <stddef.h>

/// A dictionary of codes and titles, compressed with gzip. The number is its place in the list in dictionaries.c.
const unsigned char *_Nonnull cloister_dictionary(int number, size_t *_Nonnull count);

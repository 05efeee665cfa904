#pragma once
#include <stddef.h>

/// The text of a dictionary, which the caller frees. The number is its place in the list in dictionaries.c.
unsigned char *_Nonnull cloister_dictionary(int number, size_t *_Nonnull count);

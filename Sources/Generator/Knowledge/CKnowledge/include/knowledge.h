#pragma once
#include <stddef.h>

/// The built-in knowledge pack: the files of the folder knowledge/, one after another.
const unsigned char *_Nonnull cloister_knowledge(size_t *_Nonnull count);

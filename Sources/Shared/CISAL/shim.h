// ISA-L's streaming inflate for Swift.
#ifndef CLOISTER_ISAL_SHIM_H
#define CLOISTER_ISAL_SHIM_H

#include <isa-l/igzip_lib.h>

#endif

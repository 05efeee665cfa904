// Swift does not import prctl(), which takes any number of arguments.
#ifndef CLOISTER_PROCESS_SHIM_H
#define CLOISTER_PROCESS_SHIM_H

#include <sys/prctl.h>

// From now on, the process leaves no core file, and other processes of the same user can't read its memory.
static inline int cprocess_set_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif

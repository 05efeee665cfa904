// The GNU Linear Programming Kit, which the attack on a release uses to compute bounds.
#ifndef CLOISTER_CGLPK_H
#define CLOISTER_CGLPK_H
#include <glpk.h>
#endif

// The GNU Linear Programming Kit, which the attack on a release solves its bounds with.
#ifndef CLOISTER_CGLPK_H
#define CLOISTER_CGLPK_H
#include <glpk.h>
#endif

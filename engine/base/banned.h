/*
 * banned: what must not be called does not compile. Forced into every file below tui/ by the
 * Makefile.
 *
 * Clocks, entropy and the environment belong to the world; unbounded string calls to nobody;
 * locales would change how numbers read. The machine's own coat (world_real.c) is built with
 * WORLD_REAL_EDGE and may touch the system.
 */
#ifndef TRAMMEL_BASE_BANNED_H
#define TRAMMEL_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) sorry_##name##_is_banned_see_engine_base_banned_h

#undef strcpy
#define strcpy(...) BANNED(strcpy)
#undef strcat
#define strcat(...) BANNED(strcat)
#undef strncpy
#define strncpy(...) BANNED(strncpy)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef strtok
#define strtok(...) BANNED(strtok)
#undef rand
#define rand(...) BANNED(rand)
#undef srand
#define srand(...) BANNED(srand)
#undef random
#define random(...) BANNED(random)
#undef setlocale
#define setlocale(...) BANNED(setlocale)
#undef gmtime
#define gmtime(...) BANNED(gmtime)
#undef localtime
#define localtime(...) BANNED(localtime)
#undef mktime
#define mktime(...) BANNED(mktime)
#undef atoi
#define atoi(...) BANNED(atoi)

#ifndef WORLD_REAL_EDGE
#undef time
#define time(...) BANNED(time)
#undef clock
#define clock(...) BANNED(clock)
#undef clock_gettime
#define clock_gettime(...) BANNED(clock_gettime)
#undef getenv
#define getenv(...) BANNED(getenv)
#undef fopen
#define fopen(...) BANNED(fopen)
#undef system
#define system(...) BANNED(system)
#endif

#endif

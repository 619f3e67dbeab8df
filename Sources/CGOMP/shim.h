// Entry points of GCC's OpenMP runtime: the CPU engine's own loops run on the threads oneDNN already keeps
// instead of a second, competing pool.
#ifndef LMTC_GOMP_SHIM_H
#define LMTC_GOMP_SHIM_H

#include <pthread.h>

// glibc declares it for GNU sources only, which Swift's import is not.
int pthread_setname_np(pthread_t thread, const char *name);

void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
int omp_get_num_procs(void);
void omp_set_num_threads(int threads);

#endif

#include "CMatrixKernels.h"

// The inner loop of all matrix products in Double, and of sums of magnitudes in float32. The variants differ
// in the width of their vectors and in whether they use fused multiply-adds; a variant is chosen by the
// features of the processor, not by its model.

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

#define ELEMENT double
#define WIDTH 2
#define ROWS_AT_ONCE 3
#define VECTORS 4
#define TARGET
#define NAME(x) JOIN(x, double_baseline)
#include "products.h"

#define ELEMENT float
#define WIDTH 4
#define ROWS_AT_ONCE 3
#define VECTORS 4
#define TARGET
#define NAME(x) JOIN(x, float_baseline)
#include "products.h"

#if defined(__x86_64__)
#define ELEMENT double
#define WIDTH 4
#define ROWS_AT_ONCE 6
#define VECTORS 2
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) JOIN(x, double_avx2)
#include "products.h"

#define ELEMENT float
#define WIDTH 8
#define ROWS_AT_ONCE 6
#define VECTORS 2
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) JOIN(x, float_avx2)
#include "products.h"

#define ELEMENT double
#define WIDTH 8
#define ROWS_AT_ONCE 6
#define VECTORS 2
#define TARGET __attribute__((target("avx512f")))
#define NAME(x) JOIN(x, double_avx512)
#include "products.h"

#define ELEMENT float
#define WIDTH 16
#define ROWS_AT_ONCE 6
#define VECTORS 1
#define TARGET __attribute__((target("avx512f")))
#define NAME(x) JOIN(x, float_avx512)
#include "products.h"
#endif

enum level { BASELINE, HAS_AVX2, HAS_AVX512 };

static enum level level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return HAS_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return HAS_AVX2;
  return BASELINE;
#else
  return BASELINE;
#endif
}

const char *lmtc_instruction_set(void) {
  switch (level()) {
  case HAS_AVX512: return "avx512f";
  case HAS_AVX2: return "avx2, fma";
  case BASELINE: return "baseline";
  }
}

void lmtc_products_double(
  const double *rows, const int32_t *rowPlaces, const double *lanes, const int32_t *lanePlaces,
  size_t count, double *sums) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return products_double_avx512(rows, rowPlaces, lanes, lanePlaces, count, sums);
  case HAS_AVX2: return products_double_avx2(rows, rowPlaces, lanes, lanePlaces, count, sums);
  case BASELINE: break;
  }
#endif
  products_double_baseline(rows, rowPlaces, lanes, lanePlaces, count, sums);
}

void lmtc_products_float(
  const float *rows, const int32_t *rowPlaces, const float *lanes, const int32_t *lanePlaces,
  size_t count, float *sums) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return products_float_avx512(rows, rowPlaces, lanes, lanePlaces, count, sums);
  case HAS_AVX2: return products_float_avx2(rows, rowPlaces, lanes, lanePlaces, count, sums);
  case BASELINE: break;
  }
#endif
  products_float_baseline(rows, rowPlaces, lanes, lanePlaces, count, sums);
}

#include "CMatrixKernels.h"

#include <string.h>

// The inner loops of all matrix products in Double, of sums of magnitudes in float32, of float32 products of a
// matrix and a vector, of elementwise operations in float32, and of Winograd's convolutions. The variants differ in the width of their
// vectors and in whether they use fused multiply-adds; a variant is chosen by the features of the processor,
// not by its model.

// An operand of a loop: `count` numbers, or a vector for all.
typedef struct {
  const float *address;
  bool repeats;
} lmtc_operand;

typedef void (*elementwise)(float *, const lmtc_operand *, size_t);

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
#include "vectors.h"
#include "elementwise.h"
#include "taps.h"
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
#include "vectors.h"
#include "elementwise.h"
#include "taps.h"
#include "panels.h"
#include "winograd_six.h"
#include "winograd_eight.h"
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
#include "vectors.h"
#include "elementwise.h"
#include "taps.h"
#include "panels.h"
#include "winograd_six.h"
#include "winograd_eight.h"
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

const char *lmtc_known_instruction_set(int index, bool *has) {
#if defined(__x86_64__)
#define KNOWN(INDEX, SET) \
  case INDEX: *has = __builtin_cpu_supports(SET) != 0; return SET;
  switch (index) {
    KNOWN(0, "sse4.2")
    KNOWN(1, "avx")
    KNOWN(2, "avx2")
    KNOWN(3, "fma")
    KNOWN(4, "avx512f")
    KNOWN(5, "avx512bw")
    KNOWN(6, "avx512vl")
    KNOWN(7, "avx512vnni")
    KNOWN(8, "avx512bf16")
  }
#undef KNOWN
#endif
  return NULL;
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

void lmtc_matrix_times_vector(
  const float *matrix, size_t stride, size_t rows, size_t columns, const float *x, bool adds, float *sums) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return matrix_times_vector_float_avx512(matrix, stride, rows, columns, x, adds, sums);
  case HAS_AVX2: return matrix_times_vector_float_avx2(matrix, stride, rows, columns, x, adds, sums);
  case BASELINE: break;
  }
#endif
  matrix_times_vector_float_baseline(matrix, stride, rows, columns, x, adds, sums);
}

void lmtc_vector_times_matrix(
  const float *matrix, size_t stride, size_t rows, size_t columns, const float *x, bool adds, float *sums) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return vector_times_matrix_float_avx512(matrix, stride, rows, columns, x, adds, sums);
  case HAS_AVX2: return vector_times_matrix_float_avx2(matrix, stride, rows, columns, x, adds, sums);
  case BASELINE: break;
  }
#endif
  vector_times_matrix_float_baseline(matrix, stride, rows, columns, x, adds, sums);
}

size_t lmtc_vector_width(void) {
  switch (level()) {
  case HAS_AVX512: return 16;
  case HAS_AVX2: return 8;
  case BASELINE: return 4;
  }
}

void lmtc_run_tape(const lmtc_instruction *tape, size_t length, float *locals, size_t start, size_t count) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return run_tape_float_avx512(tape, length, locals, start, count);
  case HAS_AVX2: return run_tape_float_avx2(tape, length, locals, start, count);
  case BASELINE: break;
  }
#endif
  run_tape_float_baseline(tape, length, locals, start, count);
}

void lmtc_tap_sums(const lmtc_taps *taps, const float *x, const float *dy, float *sums) {
#if defined(__x86_64__)
  switch (level()) {
  case HAS_AVX512: return tap_sums_float_avx512(taps, x, dy, sums);
  case HAS_AVX2: return tap_sums_float_avx2(taps, x, dy, sums);
  case BASELINE: break;
  }
#endif
  tap_sums_float_baseline(taps, x, dy, sums);
}

void lmtc_narrow(const float *numbers, uint16_t *halves, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, numbers + i, sizeof bits);
    halves[i] = (uint16_t)(bits >> 16);
  }
}

const lmtc_winograd_kernels *lmtc_winograd_for_processor(size_t stride) {
#if defined(__x86_64__)
  bool is_strided = stride == 2;
  switch (level()) {
  case HAS_AVX512: return is_strided ? &winograd_float_avx512_eight : &winograd_float_avx512_six;
  case HAS_AVX2: return is_strided ? &winograd_float_avx2_eight : &winograd_float_avx2_six;
  case BASELINE: break;
  }
#endif
  return NULL;
}

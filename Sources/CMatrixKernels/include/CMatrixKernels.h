#ifndef LMTC_MATRIX_KERNELS_H
#define LMTC_MATRIX_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The rows of A that one call multiplies.
#define LMTC_ROWS 6
/// The columns of B that one call multiplies.
#define LMTC_LANES 16

/// The instruction set that the kernels use on this processor: "avx512f", "avx2, fma" or "baseline".
const char *lmtc_instruction_set(void);

/// sums[r * 16 + l] = Σₖ rows[rowPlaces[k] + r] · lanes[lanePlaces[k] + l] for r < 6 and l < 16.
///
/// Every sum has `count` products, each added once to a partial sum that starts at 0, with or without a fused
/// multiply-add. No alignment is required; the places may be the same for several k.
void lmtc_products_double(
  const double *rows, const int32_t *rowPlaces, const double *lanes, const int32_t *lanePlaces,
  size_t count, double *sums);

/// The same in float32.
void lmtc_products_float(
  const float *rows, const int32_t *rowPlaces, const float *lanes, const int32_t *lanePlaces,
  size_t count, float *sums);

#endif

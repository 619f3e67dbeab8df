// The filter gradient of a convolution of few channels, included for each instruction set with the macros of
// products.h, after vectors.h.

// sums[t] += Σ x[t + column * step] · dy[column] for TAPS neighboring places t and the columns of a row.
#define ROW_OF_TAPS(SUFFIX, TAPS)                                                                          \
  TARGET static inline void NAME(JOIN(row, SUFFIX))(                                                       \
    const float *x, const size_t *places, size_t step, const float *dy, size_t columns,                    \
    NAME(vector) *sums) {                                                                                  \
    NAME(vector) sum[TAPS];                                                                                \
    for (int t = 0; t < TAPS; t++) sum[t] = sums[t];                                                       \
    for (size_t column = 0; column < columns; column++) {                                                  \
      NAME(vector) factor = *(const NAME(vector) *)(dy + column * WIDTH);                                  \
      for (int t = 0; t < TAPS; t++) sum[t] += x[places[t] + column * step] * factor;                      \
    }                                                                                                      \
    for (int t = 0; t < TAPS; t++) sums[t] = sum[t];                                                       \
  }
ROW_OF_TAPS(nine, 9)
ROW_OF_TAPS(four, 4)
ROW_OF_TAPS(one, 1)
#undef ROW_OF_TAPS

// Adds the products of one image and one block of dy's channels to sums[taps][WIDTH].
TARGET static void NAME(tap_sums)(
  const lmtc_taps *g, const float *x, const float *dy, float *sums) {
  NAME(vector) image[LMTC_MOST_TAPS];
  for (size_t t = 0; t < g->count; t++) image[t] = (NAME(vector)){0};
  for (size_t row = 0; row < g->rows; row++) {
    const float *from = x + row * g->row_step, *factors = dy + row * g->columns * WIDTH;
    size_t t = 0;
    for (; t + 9 <= g->count; t += 9)
      NAME(row_nine)(from, g->places + t, g->column_step, factors, g->columns, image + t);
    for (; t + 4 <= g->count; t += 4)
      NAME(row_four)(from, g->places + t, g->column_step, factors, g->columns, image + t);
    for (; t < g->count; t++)
      NAME(row_one)(from, g->places + t, g->column_step, factors, g->columns, image + t);
  }
  for (size_t t = 0; t < g->count; t++) *(NAME(vector) *)(sums + t * WIDTH) += image[t];
}
